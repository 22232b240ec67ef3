// Descriptions of the members of event payloads in the AsyncAPI document.

#include "net/front/openapi_texts.hpp"

namespace stoa::front::openapi {

namespace {

constexpr member_text event_rows[] = {
    {"account_mail", "email", "The email address of the recipient."},
    {"account_mail", "first_name", "The given name of the recipient; absent when unknown."},
    {"account_mail", "locale", "The language of the recipient (BCP 47); absent when unknown."},
    {"account_mail", "purpose", "What the email is about."},
    {"account_mail", "verification_id",
     "The id of the confirmation that the email asks for; absent when there is nothing to "
     "confirm."},
    {"cart_merged", "cart_id", "The id of the cart that was merged into another one."},
    {"cart_merged", "into", "The id of the cart that has its lines now."},
    {"contact_changed", "email", "The email address of the account."},
    {"contact_changed", "locale", "The language of the account (BCP 47); absent when unknown."},
    {"contact_changed", "user_id", "The id of the account."},
    {"event_line", "cart_item_id", "The id of the line in the cart; absent when unknown."},
    {"event_line", "name", "The product name at the time of the order."},
    {"event_line", "options", "The selected options, such as a size."},
    {"event_line", "sku", "The SKU at the time of the order; absent without one."},
    {"kept_line", "quantity", "The remaining units; 0 when the line was removed."},
    {"lines_reduced", "lines", "The lines with fewer units."},
    {"order_action_required", "order", "The order; absent in events of earlier versions."},
    {"order_cancelled", "failure_code",
     "The failure code of the payment, with the code payment_failed."},
    {"order_cancelled", "held_until",
     "Until when the units are held for the next order of the cart; absent when they are not."},
    {"order_cancelled", "reason", "The reason, for display."},
    {"order_payment_awaited", "instructions", "Where to pay, for the customer."},
    {"order_payment_awaited", "pay_until", "Then the order is cancelled."},
    {"order_refunded", "amount", "The amount of the refund."},
    {"order_refunded", "lines", "The refunded lines; absent for an amount."},
    {"order_refunded", "refund_id", "The id of the refund."},
    {"order_refunded", "restock", "Whether the units of the lines return to the stock."},
    {"order_refunded", "shipping_amount",
     "The part of the amount that refunds costs of shipping; absent without one."},
    {"order_shipment_declined", "code", "The gateway's code of the declined capture."},
    {"order_shipment_requested", "requested_by", "The id of the user who ships the order."},
    {"order_shipment_requested", "shipment",
     "The number of the request within the order; a repeated event has the same."},
    {"order_summary", "customer_name", "The name of the customer; empty when unknown."},
    {"order_summary", "lines", "The lines as ordered."},
    {"order_summary", "order_number", "The number of the order, for display; unique in the store."},
    {"order_summary", "total", "The total amount: the sum of the lines and of price_parts."},
    {"payment_authorized", "amount", "The reserved amount."},
    {"payment_authorized", "capture_at_shipment",
     "Whether it is captured when the order is shipped; absent when staff capture it."},
    {"payment_awaited", "amount", "The amount that is awaited."},
    {"payment_awaited", "instructions", "Where to pay, for the customer; empty on delivery."},
    {"payment_awaited", "pay_until",
     "Then the order is cancelled; absent when it is paid on delivery."},
    {"payment_awaited", "payment_method", "The method: bank_transfer or cash_on_delivery."},
    {"payment_capture_declined", "code",
     "The gateway's code; canceled when the authorisation has ended."},
    {"payment_capture_declined", "detail", "A description for display; the text may change."},
    {"payment_capture_declined", "shipment",
     "The shipment of order.shipment_requested; 0 when staff have requested the capture."},
    {"payment_completed", "amount", "The captured amount."},
    {"payment_dispute_closed", "amount", "The disputed amount."},
    {"payment_dispute_closed", "outcome", "Won, Lost, or Closed: an inquiry without a dispute."},
    {"payment_dispute_closed", "reference", "The gateway's id of the dispute."},
    {"payment_dispute_opened", "amount", "The disputed amount."},
    {"payment_dispute_opened", "reason", "The gateway's code: fraudulent and others."},
    {"payment_dispute_opened", "reference", "The gateway's id of the dispute."},
    {"payment_dispute_opened", "respond_by",
     "Until when evidence can be submitted; absent when unknown."},
    {"payment_failed", "code", "The gateway's code: card_declined, insufficient_funds and others."},
    {"payment_failed", "detail", "A description for display; the text may change."},
    {"payment_refund_reversed", "amount", "The amount of the refund."},
    {"payment_refund_reversed", "code", "The gateway's code."},
    {"payment_refunded", "amount", "The amount of the refund."},
    {"payment_refunded", "lines", "The refunded lines of the order; absent for an amount."},
    {"payment_refunded", "refund_id", "The id of the refund."},
    {"payment_refunded", "restock", "Whether the units of the lines return to the stock."},
    {"payment_refunded", "shipping_amount",
     "The part of the amount that refunds costs of shipping; absent without one."},
    {"refund_line", "amount", "The amount that is refunded for the units."},
    {"refund_line", "name", "The product name at the time of the order."},
    {"refund_line", "order_item_id", "The line of the order."},
    {"refund_line", "ordered_quantity", "The units of the line."},
    {"refund_line", "paid_amount", "What was paid for the line: its share of the order's total."},
    {"refund_line", "quantity", "The refunded units; 0 when only an amount is refunded."},
    {"stock_rejected", "product_id", "The id of the first product that is not available."},
    {"stock_rejected", "reason", "The reason, for display."},
    {"stock_reserved", "total", "The amount to charge."},
};

}  // namespace

std::span<const member_text> event_texts() {
  return event_rows;
}

}  // namespace stoa::front::openapi
