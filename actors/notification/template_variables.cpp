#include "actors/notification/template_variables.hpp"

#include <algorithm>
#include <array>

namespace stoa::notification {

namespace {

using enum variable_kind;

constexpr std::string_view every =
    "confirmed cancelled shipped delivered refunded registration email_change registration_known "
    "email_change_known email_changed payment_awaited action_required announcement";
constexpr std::string_view orders =
    "confirmed cancelled shipped delivered refunded payment_awaited action_required";
constexpr std::string_view optional_ones = "shipped delivered announcement";
constexpr std::string_view confirmations = "registration email_change";

constexpr std::array all_types{std::string_view("confirmed"),
                               std::string_view("cancelled"),
                               std::string_view("shipped"),
                               std::string_view("delivered"),
                               std::string_view("refunded"),
                               std::string_view("registration"),
                               std::string_view("email_change"),
                               std::string_view("registration_known"),
                               std::string_view("email_change_known"),
                               std::string_view("email_changed"),
                               std::string_view("payment_awaited"),
                               std::string_view("announcement")};

constexpr std::array all_short_types{
    std::string_view("confirmed"), std::string_view("cancelled"),
    std::string_view("shipped"),   std::string_view("delivered"),
    std::string_view("refunded"),  std::string_view("action_required")};

constexpr template_variable all_variables[] = {
    {"store_name", text, every, "The name of the store (store.name)."},
    {"customer_name", text, every, "The customer's name; absent if unknown."},
    {"language", text, every, "The language of the template, such as de."},
    {"date", text, every, "The date of the notification in the customer's language, in UTC."},
    {"subject", text, every, "The rendered subject; not in the subject itself."},

    {"order_number", text, orders, "The number of the order."},
    {"total", text, orders, "The total of the order; for refunded: the refunded amount."},
    {"partial_of", text, "refunded", "The total of the order, if only part of it is refunded."},
    {"lines", list, orders, "The lines of the order; for refunded: the refunded ones, if any."},
    {"name", text, orders, "The name of the product.", "lines"},
    {"quantity", text, orders, "The number of units.", "lines"},
    {"line_total", text, orders, "The amount of the line.", "lines"},
    {"properties", text, orders,
     "The properties of the line, such as the text of an engraving; absent without them.", "lines"},
    {"line_note", text, orders,
     "The customer's note on the line; absent without one and for refunded.", "lines"},
    {"parts", list, orders, "Discounts, costs of shipping and added taxes; not for refunded."},
    {"label", text, orders, "What the amount is for.", "parts"},
    {"amount", text, orders, "The amount; a discount is below zero.", "parts"},
    {"included_taxes", list, orders, "Taxes that the prices include; not for refunded."},
    {"label", text, orders, "The name of the tax.", "included_taxes"},
    {"amount", text, orders, "The amount.", "included_taxes"},
    {"amount_due", text, orders,
     "What remains to be paid of the total after gift cards and store credit; absent without "
     "them."},
    {"note", text, orders, "The customer's note on the order; absent without one."},
    {"item_count", text, orders, "The number of units in all lines; absent without lines."},
    {"items_zero", flag, orders, "item_count has the plural category zero (CLDR)."},
    {"items_one", flag, orders, "item_count has the plural category one."},
    {"items_two", flag, orders, "item_count has the plural category two."},
    {"items_few", flag, orders, "item_count has the plural category few."},
    {"items_many", flag, orders, "item_count has the plural category many."},
    {"items_other", flag, orders, "item_count has the plural category other."},

    {"has_reason", flag, "cancelled", "There is a reason: one of the following."},
    {"reason", text, "cancelled", "The reason that the customer or the staff has entered."},
    {"cause_sold_out", flag, "cancelled", "A product was sold out."},
    {"cause_promotion", flag, "cancelled", "A promotion could not be redeemed any more."},
    {"cause_not_paid", flag, "cancelled", "The order was not paid in time."},
    {"cause_customer", flag, "cancelled", "The customer cancelled without a reason."},
    {"cause_store", flag, "cancelled", "The staff cancelled without a reason."},
    {"cause_approval_required", flag, "cancelled", "PayPal required an approval of the payment."},
    {"cause_authentication_failed", flag, "cancelled", "The bank did not authenticate the payer."},
    {"cause_not_completed", flag, "cancelled", "The payment was not completed in time."},
    {"cause_expired_card", flag, "cancelled", "The card has expired."},
    {"cause_incorrect_cvc", flag, "cancelled", "The card's security code was wrong."},
    {"cause_instrument_unknown", flag, "cancelled", "The payment details were not valid any more."},
    {"cause_insufficient_funds", flag, "cancelled", "The card had insufficient funds."},
    {"cause_processing_error", flag, "cancelled", "The bank could not process the payment."},
    {"cause_instrument_declined", flag, "cancelled", "The source of the payment was declined."},
    {"cause_payer_cannot_pay", flag, "cancelled", "The PayPal account could not pay."},
    {"cause_not_received", flag, "cancelled", "The payment was not received."},
    {"cause_capture_declined", flag, "cancelled", "The payment could not be captured."},
    {"cause_declined", flag, "cancelled", "The payment was declined for another reason."},

    {"pay_until", text, "payment_awaited", "The date until which the payment is awaited."},
    {"instructions", text, "payment_awaited", "Where to pay, from the settings."},

    {"headline", text, "announcement", "The subject that the staff has entered."},
    {"paragraphs", list, "announcement", "The paragraphs of the text."},
    {"paragraph", text, "announcement", "The text of the paragraph.", "paragraphs"},

    {"unsubscribe_url", text, optional_ones,
     "The link that unsubscribes the recipient; absent without notification.unsubscribe_url."},

    {"link", text, confirmations,
     "The link that confirms the address; absent without auth.verification_url."},
    {"token", text, confirmations, "The token that confirms the address; absent with link."},
};

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto space = words.find(' ');
    if (words.substr(0, space) == word) return true;
    if (space == std::string_view::npos) return false;
    words.remove_prefix(space + 1);
  }
  return false;
}

}  // namespace

std::span<const template_variable> template_variables() {
  return all_variables;
}

const template_variable* find_variable(std::string_view type, std::string_view list_name,
                                       std::string_view name) {
  const auto found = std::ranges::find_if(all_variables, [&](const auto& v) {
    return v.name == name && v.list == list_name && has_word(v.types, type);
  });
  return found == std::end(all_variables) ? nullptr : &*found;
}

std::span<const std::string_view> template_types() {
  return all_types;
}

const template_variable* find_variable(std::string_view type, std::string_view part,
                                       std::string_view list_name, std::string_view name) {
  const bool is_short = part == short_part;
  if (name == "subject" && (is_short || part == "subject")) return nullptr;
  // A short message has no token: the customer switches them off in the account.
  if (name == "unsubscribe_url" && is_short) return nullptr;
  return find_variable(type, list_name, name);
}

std::span<const std::string_view> short_types() {
  return all_short_types;
}

std::optional<notification_category> category_of(std::string_view type) {
  using enum notification_category;
  if (type == "confirmed" || type == "refunded") return receipts;
  if (type == "cancelled" || type == "payment_awaited" || type == "action_required") {
    return order_status;
  }
  if (type == "shipped" || type == "delivered") return shipping_updates;
  if (type == "announcement") return marketing;
  if (std::ranges::find(all_types, type) != all_types.end()) return security;
  return std::nullopt;
}

}  // namespace stoa::notification
