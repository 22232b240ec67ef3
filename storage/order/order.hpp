#pragma once
// The Order service's records.

#include "storage/base/address.hpp"
#include "storage/base/chosen_shipping.hpp"
#include "storage/base/instrument_id.hpp"
#include "storage/base/line_properties.hpp"
#include "storage/base/metadata.hpp"
#include "storage/base/price_part.hpp"
#include "storage/base/tax_record.hpp"
#include "storage/db/records.hpp"
#include "storage/order/item_option.hpp"

namespace stoa::order {

enum class order_status { Pending, Confirmed, Shipped, Delivered, Cancelled };
BOOST_DESCRIBE_ENUM(order_status, Pending, Confirmed, Shipped, Delivered, Cancelled)

/// Amounts are minor units of `currency`; their sum is checked (actors/pricing/quote.hpp).
struct order_row {
  static constexpr const char* table = "orders";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::order_id order_id;
  std::string order_number;              ///< without dashes (storage/base/order_number.hpp)
  std::optional<stoa::user_id> user_id;  ///< none for a guest
  order_status status = order_status::Pending;
  std::string currency;
  std::int64_t subtotal = 0;  ///< sum of the items' line totals
  std::int64_t adjustment_total = 0;
  std::int64_t shipping_total = 0;
  std::int64_t tax_total = 0;
  std::int64_t total_amount = 0;
  std::vector<price_part> price_parts;
  address shipping_address;
  address billing_address;
  std::string email;
  std::string customer_name;
  std::optional<std::string> phone;
  std::optional<std::string> locale;  ///< BCP 47; language of the customer's mails
  stoa::cart_id cart_id;
  std::int64_t cart_version = 0;
  std::optional<std::string> cancel_code;  ///< why it was cancelled, for programs
  /// The client whose Pending orders are limited: a guest's address or an account, hashed. None for
  /// an exempt address, and for a decided order unless its goods are held.
  std::optional<std::int64_t> pending_client;
  /// Declined order: the goods stay reserved for its cart until then. Other order: the end of the
  /// hold that it took over.
  std::optional<timestamp> held_until;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
  std::string email_folded = {};  ///< by text::mail_key
  stoa::metadata metadata = {};
  /// Pending order: its payment, such as a bank transfer, is awaited until then.
  std::optional<timestamp> payment_until = std::nullopt;
  bool capture_at_shipment = false;  ///< the payment is authorised; shipping captures it first
  /// Since when the payment is being captured, so that the order can be shipped.
  std::optional<timestamp> shipment_requested_at = std::nullopt;
  /// The promotions whose uses it reserves.
  std::optional<std::vector<redeemed_promotion>> redemptions = std::nullopt;
  std::optional<chosen_shipping> shipping_method = std::nullopt;
  /// What it pays with gift cards and store credit.
  std::optional<std::vector<redeemed_credit>> credits = std::nullopt;
  std::int64_t credit_total = 0;  ///< their sum; the payment is the rest of total_amount
  /// To charge, while the Pricing service has not reserved the redemptions.
  std::optional<stoa::instrument_id> waiting_instrument = std::nullopt;
  std::optional<tax_record> tax = std::nullopt;    ///< if an external provider was asked
  std::optional<std::string> note = std::nullopt;  ///< the cart's
};
BOOST_DESCRIBE_STRUCT(order_row, (),
                      (order_id, order_number, user_id, status, currency, subtotal,
                       adjustment_total, shipping_total, tax_total, total_amount, price_parts,
                       shipping_address, billing_address, email, customer_name, phone, locale,
                       cart_id, cart_version, cancel_code, pending_client, held_until, created_at,
                       updated_at, version, email_folded, metadata, payment_until,
                       capture_at_shipment, shipment_requested_at, redemptions, shipping_method,
                       credits, credit_total, waiting_instrument, tax, note))

/// An item at the time of the order. Amounts are minor units of the order's currency.
struct order_item_row {
  static constexpr const char* table = "order_items";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::order_item_id order_item_id;
  stoa::order_id order_id;
  stoa::product_id product_id;
  std::string product_name;
  std::optional<std::string> sku;
  std::vector<item_option> options;
  std::int64_t quantity = 0;
  std::int64_t price_at_purchase = 0;
  std::int64_t line_total = 0;
  timestamp created_at;
  std::optional<stoa::cart_item_id> cart_item_id = std::nullopt;  ///< the cart's line
  std::int64_t refunded_quantity = 0;  ///< by refunds that have succeeded
  std::int64_t refunded_amount = 0;
  std::optional<std::string> note = std::nullopt;  ///< this and the properties: of the cart's line
  std::optional<line_properties> properties = std::nullopt;  ///< absent: none
  static constexpr std::string_view parent = "orders";
  static constexpr auto parent_key = &order_item_row::order_id;
};
BOOST_DESCRIBE_STRUCT(order_item_row, (),
                      (order_item_id, order_id, product_id, product_name, sku, options, quantity,
                       price_at_purchase, line_total, created_at, cart_item_id, refunded_quantity,
                       refunded_amount, note, properties))

struct status_history_row {
  static constexpr const char* table = "order_status_history";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::history_id history_id;
  stoa::order_id order_id;
  order_status status = order_status::Pending;
  timestamp changed_at;
  std::string actor;  ///< "system", "guest" or a user's id
  std::optional<std::string> reason;
  std::int64_t seq = 0;  ///< the change's number in its order, from 1
  static constexpr std::string_view parent = "orders";
  static constexpr auto parent_key = &status_history_row::order_id;
};
BOOST_DESCRIBE_STRUCT(status_history_row, (),
                      (history_id, order_id, status, changed_at, actor, reason, seq))

/// In order, independent of the clocks of the nodes that created them.
inline bool is_earlier(const status_history_row& a, const status_history_row& b) {
  const auto key = [](const status_history_row& h) { return std::pair(h.seq, h.history_id); };
  return key(a) < key(b);
}

using order_records = db::unit_of_work<order_row, order_item_row, status_history_row>;

}  // namespace stoa::order
