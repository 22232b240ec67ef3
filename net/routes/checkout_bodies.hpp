#pragma once
// The bodies of the checkout of a cart and of a purchase in one request.

#include "actors/cart/cart_messages.hpp"
#include "actors/payment/payment_method.hpp"
#include "net/routes/gift_card_code.hpp"
#include "net/routes/language.hpp"
#include "net/routes/rule_lists.hpp"
#include "storage/base/address.hpp"
#include "storage/base/instrument_id.hpp"

#include <algorithm>
#include <array>

namespace stoa::front {

struct payment_method_body {
  static constexpr std::string_view schema_name = "payment_method";
  payment::payment_method type = payment::payment_method::card;
  std::optional<std::string> token;
  std::optional<stoa::payment_method_id> saved_payment_method_id;
  static constexpr json::rule rules[] = {
      {.field = "token",
       .length_min = 1,
       .length_max = 255,
       .form = json::format::line,
       .description = "For card, unless it is a saved one: a token of the payment gateway, not a "
                      "card number. The other types have none."},
      {.field = "saved_payment_method_id",
       .description = "For card, instead of a token, and for paypal, which needs no approval "
                      "then: one that the user has saved."}};
  void check(std::vector<field_error>& errors) const {
    const bool is_card = type == payment::payment_method::card;
    if (is_card && !token && !saved_payment_method_id) {
      errors.push_back({"/token", "required", "A card needs a token."});
    }
    if (!is_card && token) {
      errors.push_back({"/token", "unsupported", "Only a card has a token."});
    }
    if (saved_payment_method_id && (token || payment::is_offline(type))) {
      errors.push_back(
          {"/saved_payment_method_id", token ? "exclusive" : "unsupported",
           "Only a card or a PayPal account can be a saved one, and it has no token then."});
    }
  }
  /// Whether it could be saved: it is not a saved one already.
  bool is_new() const { return !saved_payment_method_id && (token || payment::has_approval(type)); }
};
BOOST_DESCRIBE_STRUCT(payment_method_body, (), (type, token, saved_payment_method_id))

inline constexpr std::array checkout_rules{
    gift_cards_rule,
    store_credit_rule,
    json::rule{.field = "payment_method",
               .description = "Required unless gift cards and store credit pay the whole total."},
    json::rule{.field = "shipping_address", .description = "Required without shipping_address_id."},
    json::rule{.field = "billing_address",
               .description = "Defaults to the shipping address. An alternative is "
                              "billing_address_id."},
    json::rule{.field = "shipping_address_id",
               .description = "Instead of shipping_address: the profile_id of one of the user's "
                              "addresses. It is copied to the order."},
    json::rule{.field = "billing_address_id",
               .description = "Instead of billing_address: that of one of the user's addresses."},
    json::rule{.field = "save_payment_method",
               .description = "Whether to save the card's token or the PayPal account for the "
                              "user's later checkouts, once the payment is approved. For signed-in "
                              "users, and payment methods with can_be_saved."},
    json::rule{.field = "shipping_method_id",
               .description = "One of the cart's shipping options for the address. Required if the "
                              "store has shipping zones."},
    json::rule{.field = "email",
               .form = json::format::email,
               .description = "Required for guests; defaults to the user's email address."},
    json::rule{.field = "phone",
               .form = json::format::phone,
               .description = "The customer's phone number, also for text messages; defaults to "
                              "that of the shipping address, then to that of the account. Blank: "
                              "not the account's."},
    locale_rule("The customer's language (BCP 47), for emails; defaults to that of the account, "
                "then to Accept-Language."),
    json::rule{.field = "expected_total", .value_min = 0}};

struct checkout_body {
  static constexpr std::string_view schema_name = "checkout";
  static constexpr std::string_view example =
      R"({"email":"ada@example.com","shipping_address":{"first_name":"Ada",)"
      R"("last_name":"Lovelace","address_line1":"1 Main Street","city":"London",)"
      R"("postal_code":"N1 9GU","country":"GB"},)"
      R"("payment_method":{"type":"card","token":"tok_visa"}})";
  std::optional<std::string> email;
  std::optional<address> shipping_address;
  std::optional<address> billing_address;
  std::optional<payment_method_body> payment_method;
  std::optional<money> expected_total;
  std::optional<std::string> phone;
  std::optional<std::string> locale;
  std::optional<stoa::shipping_method_id> shipping_method_id;
  std::vector<std::string> gift_cards;
  bool use_store_credit = false;
  std::optional<stoa::profile_id> shipping_address_id;
  std::optional<stoa::profile_id> billing_address_id;
  bool save_payment_method = false;
  static constexpr std::string_view defaults[] = {"gift_cards", "use_store_credit",
                                                  "save_payment_method"};
  static constexpr auto rules = checkout_rules;
  void check(std::vector<field_error>& errors) const {
    check_locale(locale, errors);
    if (!shipping_address && !shipping_address_id) {
      errors.push_back({"/shipping_address", "required", "This field is required."});
    }
    const auto exclusive = [&](const char* pointer) {
      errors.push_back({pointer, "exclusive", "Either the address or the id of a saved one."});
    };
    if (shipping_address && shipping_address_id) exclusive("/shipping_address_id");
    if (billing_address && billing_address_id) exclusive("/billing_address_id");
    if (save_payment_method && !(payment_method && payment_method->is_new())) {
      errors.push_back({"/save_payment_method", "unsupported",
                        "Only the token of a card or a PayPal account is saved."});
    }
  }
};
BOOST_DESCRIBE_STRUCT(checkout_body, (),
                      (email, shipping_address, billing_address, payment_method, expected_total,
                       phone, locale, shipping_method_id, gift_cards, use_store_credit,
                       shipping_address_id, billing_address_id, save_payment_method))

struct purchase_item_body {
  static constexpr std::string_view schema_name = "purchase_item";
  stoa::product_id product_id;
  std::int64_t quantity = 1;
  std::optional<std::string> note;
  line_properties properties;
  static constexpr std::string_view defaults[] = {"quantity", "properties"};
  static constexpr json::rule rules[] = {
      {.field = "quantity", .value_min = 1, .value_max = cart::quantity_max},
      note_rule,
      line_properties_rule};
  void check(std::vector<field_error>& errors) const {
    check_properties(properties, "/properties", errors);
  }
};
BOOST_DESCRIBE_STRUCT(purchase_item_body, (), (product_id, quantity, note, properties))

/// A checkout with its lines.
struct purchase_body : checkout_body {
  static constexpr std::string_view schema_name = "purchase";
  static constexpr std::string_view example =
      R"({"items":[{"product_id":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90","quantity":2}],)"
      R"("email":"ada@example.com","shipping_address":{"first_name":"Ada",)"
      R"("last_name":"Lovelace","address_line1":"1 Main Street","city":"London",)"
      R"("postal_code":"N1 9GU","country":"GB"},)"
      R"("payment_method":{"type":"card","token":"tok_visa"}})";
  std::vector<purchase_item_body> items;
  std::vector<std::string> codes;
  std::optional<std::string> note;
  std::optional<std::string> currency;
  std::optional<stoa::metadata> metadata;
  static constexpr std::string_view defaults[] = {"gift_cards", "use_store_credit",
                                                  "save_payment_method", "codes"};
  static constexpr auto rules = with_rules(
      checkout_rules, {json::rule{.field = "items", .length_min = 1, .length_max = cart::lines_max},
                       json::rule{.field = "codes",
                                  .length_max = cart::codes_max,
                                  .form = json::format::line,
                                  .description = "Codes of promotions; all must apply."},
                       json::rule{.field = "currency",
                                  .form = json::format::currency,
                                  .description = "Of all prices: the store's currency, or one in "
                                                 "which the store has price lists; default: the "
                                                 "store's."},
                       note_rule, metadata_rule});
  void check(std::vector<field_error>& errors) const {
    checkout_body::check(errors);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto is_same = [&](const purchase_item_body& other) {
        return other.product_id == items[i].product_id && other.properties == items[i].properties;
      };
      if (std::none_of(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(i), is_same)) {
        continue;
      }
      errors.push_back({"/items/" + std::to_string(i), "duplicate",
                        "Another item has this product with these properties."});
    }
  }
};
BOOST_DESCRIBE_STRUCT(purchase_body, (checkout_body), (items, codes, note, currency, metadata))

}  // namespace stoa::front
