#pragma once
// The messages of the Order service.

#include "actors/kernel/message.hpp"
#include "actors/kernel/precondition.hpp"
#include "actors/order/order_events.hpp"
#include "actors/payment/next_action.hpp"
#include "actors/pricing/quote.hpp"
#include "storage/order/order.hpp"

namespace stoa::order {

// --- answers -------------------------------------------------------------------------------------

struct order_item_view {
  stoa::order_item_id order_item_id;
  stoa::product_id product_id;
  std::string name;  ///< this and the following members: as bought
  std::optional<std::string> sku;
  std::vector<item_option> options;
  std::int64_t quantity = 0;
  money price_at_purchase;
  money line_total;
  std::int64_t refunded_quantity = 0;
  money refunded_amount;
  std::optional<std::string> note;
  std::optional<line_properties> properties;
  static constexpr json::rule rules[] = {note_rule, line_properties_rule};
};
BOOST_DESCRIBE_STRUCT(order_item_view, (),
                      (order_item_id, product_id, name, sku, options, quantity, price_at_purchase,
                       line_total, refunded_quantity, refunded_amount, note, properties))

struct status_change_view {
  order_status status = order_status::Pending;
  timestamp changed_at;
  std::string actor;
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(status_change_view, (), (status, changed_at, actor, reason))

/// An order in the API. Only the response to a checkout has `access_token` (of a guest's order) and
/// `next_action` (while the customer must act).
struct order_view {
  static constexpr std::string_view schema_name = "order";
  stoa::order_id order_id;
  std::string order_number;  ///< in display form (storage/base/order_number.hpp)
  std::optional<stoa::user_id> user_id;
  order_status status = order_status::Pending;
  std::string currency;
  money subtotal;
  money adjustment_total;
  money shipping_total;
  money tax_total;
  money total_amount;
  std::vector<price_part> price_parts;
  std::vector<order_item_view> items;
  address shipping_address;
  address billing_address;
  std::string email;
  std::optional<std::string> phone;
  std::optional<std::string> locale;
  std::vector<status_change_view> status_history;
  std::optional<std::string> cancel_code;
  std::optional<timestamp> shipment_requested_at;
  std::optional<std::string> access_token;
  std::optional<payment::next_action> next_action;
  timestamp created_at;
  timestamp updated_at;
  stoa::metadata metadata;
  std::optional<chosen_shipping> shipping_method;
  std::optional<money> included_tax_total;
  std::optional<std::vector<redeemed_credit>> credits;
  std::optional<money> amount_due;
  std::optional<tax_record> tax;
  std::optional<std::string> note;
  static constexpr json::rule rules[] = {
      {.field = "tax",
       .description = "How the taxes were determined; absent unless the store asks an external "
                      "provider. The taxes are price parts."},
      {.field = "credits",
       .description = "What was paid with gift cards and store credit; absent without them."},
      {.field = "amount_due",
       .description = "What the payment pays: the total without `credits`; absent without them."},
      {.field = "included_tax_total",
       .description = "The taxes that the prices include, if they do: the sum of the price parts "
                      "of the kind `included_tax`, which are not added to the total."},
      {.field = "order_number",
       .description = "Easy to read out, unique in the store, with a check digit. It grants no "
                      "access.",
       .pattern = "^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$",
       .example = R"("7F3A9-1C2BP")"},
      {.field = "cancel_code",
       .description =
           "Why it was cancelled: sold out, a promotion that could not be redeemed any more, "
           "payment declined, by the customer, by staff, or not paid in time; absent when it was "
           "not cancelled.",
       .one_of = cancel_codes},
      metadata_rule,
      note_rule};
};
BOOST_DESCRIBE_STRUCT(order_view, (),
                      (order_id, order_number, user_id, status, currency, subtotal,
                       adjustment_total, shipping_total, tax_total, total_amount, price_parts,
                       items, shipping_address, billing_address, email, phone, locale,
                       status_history, cancel_code, shipment_requested_at, access_token,
                       next_action, created_at, updated_at, metadata, shipping_method,
                       included_tax_total, credits, amount_due, tax, note))

/// Sets in `placed`, the answer to order.place, what the order's states have changed: the rest of
/// the answer to a checkout is as placed, whatever happens to the order later. `now`: the order.
void take_outcome(order_view& placed, order_view now);

struct order_page {
  static constexpr std::string_view schema_name = "order_list";
  std::vector<order_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(order_page, (), (data, next_cursor, total))

// --- commands ------------------------------------------------------------------------------------

struct order_line {
  stoa::product_id product_id;
  std::string name;
  std::int64_t quantity = 0;
  money price;
  std::optional<stoa::cart_item_id> cart_item_id = std::nullopt;  ///< the cart's line
  std::optional<std::string> sku = std::nullopt;
  std::vector<item_option> options = {};
  std::optional<std::string> note = std::nullopt;
  std::optional<line_properties> properties = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(order_line, (),
                      (product_id, name, quantity, price, cart_item_id, sku, options, note,
                       properties))

struct merged_state {
  stoa::cart_id cart_id;
  std::int64_t version = 0;
  /// The ids of its lines at the merge.
  std::optional<std::vector<stoa::cart_item_id>> lines = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(merged_state, (), (cart_id, version, lines))

/// Places an order at the given prices. Errors: 422 invalid_quote when the quote does not match the
/// lines; 409 cart_already_ordered while an order of the cart is Pending, and when this state of
/// the cart or one of these lines has an order that is not cancelled; 422 order_too_large beyond
/// the units that a guest or an account may order at once; 429 too_many_pending_orders when too
/// many of the client's orders are Pending.
struct place_order {
  static constexpr std::string_view name = "order.place";
  using reply = order_view;
  stoa::order_id order_id;  ///< chosen by the caller, so that it can watch for the outcome
  std::optional<stoa::user_id> user_id;
  std::string email;
  std::string customer_name;
  stoa::cart_id cart_id;
  std::int64_t cart_version = 0;
  std::vector<order_line> lines;
  pricing::quote quote;  ///< of the lines
  address shipping_address;
  address billing_address;
  stoa::instrument_id instrument_id;  ///< stored by payment.store_instrument
  /// Identifies a guest for limits: the hashed client address. Absent: no limits.
  std::optional<std::int64_t> guest = std::nullopt;
  /// States of carts merged into this one: their orders count as orders of this cart.
  std::optional<std::vector<merged_state>> merged = std::nullopt;
  std::optional<stoa::metadata> metadata = std::nullopt;  ///< the cart's
  std::optional<std::string> phone = std::nullopt;
  std::optional<std::string> locale = std::nullopt;  ///< BCP 47
  /// The promotions in the quote whose uses must be reserved.
  std::optional<std::vector<redeemed_promotion>> redemptions = std::nullopt;
  std::optional<chosen_shipping> shipping_method = std::nullopt;
  /// What is paid with gift cards and store credit; at most the total.
  std::optional<std::vector<redeemed_credit>> credits = std::nullopt;
  std::optional<tax_record> tax = std::nullopt;    ///< if an external provider was asked
  std::optional<std::string> note = std::nullopt;  ///< the cart's
};
BOOST_DESCRIBE_STRUCT(place_order, (),
                      (order_id, user_id, email, customer_name, cart_id, cart_version, lines, quote,
                       shipping_address, billing_address, instrument_id, guest, merged, metadata,
                       phone, locale, redemptions, shipping_method, credits, tax, note))

/// Stores the error of a checkout, so that a retry under the same key gets the same error. Always
/// answered with `reason`.
struct refuse_checkout {
  static constexpr std::string_view name = "order.refuse_checkout";
  using reply = kernel::nothing;
  problem reason;
};
BOOST_DESCRIBE_STRUCT(refuse_checkout, (), (reason))

/// Cancels a Pending or Confirmed order; for its owner and staff. 409 illegal_transition otherwise.
struct cancel_order {
  static constexpr std::string_view name = "order.cancel";
  using reply = order_view;
  stoa::order_id order_id;
  bool by_token = false;  ///< the caller has presented the guest order's access token
  std::optional<std::string> reason;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(cancel_order, (), (order_id, by_token, reason, precondition))

/// Gives a guest's order to the account of the caller, who has presented its access token. An order
/// of the same account is answered unchanged; 409 order_claimed for that of another one.
struct claim_order {
  static constexpr std::string_view name = "order.claim";
  using reply = order_view;
  stoa::order_id order_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(claim_order, (), (order_id, precondition))

/// Confirmed -> Shipped, by staff. If the payment is captured at shipment, the order has
/// shipment_requested_at and stays Confirmed until the payment is captured or declined.
struct ship_order {
  static constexpr std::string_view name = "order.ship";
  using reply = order_view;
  stoa::order_id order_id;
  std::optional<std::string> reason;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(ship_order, (), (order_id, reason, precondition))

/// Shipped -> Delivered, by staff.
struct deliver_order {
  static constexpr std::string_view name = "order.deliver";
  using reply = order_view;
  stoa::order_id order_id;
  std::optional<std::string> reason;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(deliver_order, (), (order_id, reason, precondition))

/// The members that staff may change at any time.
struct order_update {
  patch<metadata_change> metadata;
  static constexpr json::rule rules[] = {metadata_rule};
};
BOOST_DESCRIBE_STRUCT(order_update, (), (metadata))

/// By staff.
struct update_order {
  static constexpr std::string_view name = "order.update";
  using reply = order_view;
  stoa::order_id order_id;
  order_update change;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(update_order, (), (order_id, change, precondition))

/// Cancels an order that is still Pending, or whose awaited payment has not arrived, after its time
/// (sent by the sweep).
struct expire_order {
  static constexpr std::string_view name = "order.expire";
  using reply = kernel::nothing;
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(expire_order, (), (order_id))

// --- queries -------------------------------------------------------------------------------------

/// One order, for its owner, staff, and callers with the guest order's token.
struct get_order {
  static constexpr std::string_view name = "order.get";
  using reply = order_view;
  stoa::order_id order_id;
  bool by_token = false;
};
BOOST_DESCRIBE_STRUCT(get_order, (), (order_id, by_token))

/// The existing ones of these orders, in no particular order: at most orders_max; for staff.
struct get_orders {
  static constexpr std::string_view name = "order.get_several";
  using reply = order_page;
  static constexpr std::size_t orders_max = 100;
  std::vector<stoa::order_id> order_ids;
};
BOOST_DESCRIBE_STRUCT(get_orders, (), (order_ids))

/// The caller's orders, or all for staff; newest first.
struct list_orders_query {
  static constexpr std::string_view name = "order.list";
  using reply = order_page;
  bool all = false;  ///< staff only
  std::optional<order_status> status;
  std::optional<stoa::order_id> before;
  std::int64_t limit = 20;
  std::optional<std::vector<order_status>> statuses = std::nullopt;  ///< any of them
  std::optional<std::string> order_number = std::nullopt;            ///< as typed
  std::optional<std::string> email = std::nullopt;                   ///< compared like accounts'
  std::optional<timestamp> created_from = std::nullopt;
  std::optional<timestamp> created_before = std::nullopt;
  bool count = false;
  static constexpr std::string_view defaults[] = {"count"};
};
BOOST_DESCRIBE_STRUCT(list_orders_query, (),
                      (all, status, before, limit, statuses, order_number, email, created_from,
                       created_before, count))

/// Whether the account or, without one, the address has an order that is not cancelled; for the
/// rules of prices.
struct has_ordered {
  static constexpr std::string_view name = "order.has_ordered";
  struct answer {
    bool ordered = false;
  };
  using reply = answer;
  std::optional<stoa::user_id> user_id;
  std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(has_ordered::answer, (), (ordered))
BOOST_DESCRIBE_STRUCT(has_ordered, (), (user_id, email))

/// The checkout that was placed under the context's idempotency scope, if any.
struct find_checkout {
  static constexpr std::string_view name = "order.find_checkout";
  struct answer {
    bool found = false;
    bool same_request = false;  ///< the fingerprint matches the first request
    std::optional<problem> refused;
    std::optional<order_view> placed;
  };
  using reply = answer;
};
BOOST_DESCRIBE_STRUCT(find_checkout::answer, (), (found, same_request, refused, placed))
BOOST_DESCRIBE_STRUCT(find_checkout, (), ())

}  // namespace stoa::order
