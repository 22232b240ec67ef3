// Descriptions of the members of event payloads in the AsyncAPI document.

#include "net/front/openapi_texts.hpp"

namespace stoa::front::openapi {

namespace {

constexpr member_text event_rows[] = {
    {"account_mail", "email", "The email address of the recipient."},
    {"account_mail", "first_name", "The given name of the recipient; absent when unknown."},
    {"account_mail", "purpose", "What the email is about."},
    {"account_mail", "verification_id",
     "The id of the confirmation that the email asks for; absent when there is nothing to "
     "confirm."},
    {"cart_merged", "cart_id", "The id of the cart that was merged into another one."},
    {"cart_merged", "into", "The id of the cart that has its lines now."},
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
    {"order_summary", "customer_name", "The name of the customer; empty when unknown."},
    {"order_summary", "lines", "The lines as ordered."},
    {"order_summary", "order_number", "The number of the order, for display; unique in the store."},
    {"order_summary", "total", "The total amount: the sum of the lines and of price_parts."},
    {"payment_authorized", "amount", "The reserved amount."},
    {"payment_awaited", "amount", "The amount that is awaited."},
    {"payment_awaited", "instructions", "Where to pay, for the customer; empty on delivery."},
    {"payment_awaited", "pay_until",
     "Then the order is cancelled; absent when it is paid on delivery."},
    {"payment_awaited", "payment_method", "bank_transfer or cash_on_delivery."},
    {"payment_completed", "amount", "The captured amount."},
    {"payment_failed", "code", "The gateway's code: card_declined, insufficient_funds and others."},
    {"payment_failed", "detail", "A description for display; the text may change."},
    {"payment_refunded", "amount", "The amount of the refund."},
    {"stock_rejected", "product_id", "The id of the first product that is not available."},
    {"stock_rejected", "reason", "The reason, for display."},
    {"stock_reserved", "total", "The amount to charge."},
};

}  // namespace

std::span<const member_text> event_texts() {
  return event_rows;
}

}  // namespace stoa::front::openapi
