#pragma once
// The Pricing service's records.

#include "storage/db/records.hpp"
#include "storage/pricing/credit.hpp"
#include "storage/pricing/price_check.hpp"
#include "storage/pricing/price_list.hpp"
#include "storage/pricing/promotion.hpp"
#include "storage/pricing/shipping.hpp"
#include "storage/pricing/tax.hpp"

namespace stoa::pricing {

struct promotion_row {
  static constexpr const char* table = "promotions";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::promotion_id promotion_id;
  std::int64_t list = 0;  ///< always 0: loads all promotions
  promotion_status status = promotion_status::Active;
  promotion_terms terms;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(promotion_row, (),
                      (promotion_id, list, status, terms, created_at, updated_at, version))

/// How often a promotion is used. Separate from promotion_row, which orders only read.
struct promotion_use_row {
  static constexpr const char* table = "promotion_uses";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::promotion_id promotion_id;
  std::int64_t uses = 0;    ///< Reserved and Redeemed redemptions
  std::int64_t orders = 0;  ///< all redemptions, Released ones included
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(promotion_use_row, (), (promotion_id, uses, orders, version))

/// A code of a promotion.
struct code_row {
  static constexpr const char* table = "promotion_codes";
  static constexpr std::size_t key_columns = 1;
  std::string code_key;  ///< code_key_of(code)
  std::string code;      ///< as displayed
  stoa::promotion_id promotion_id;
  std::optional<std::int64_t> uses_max;
  std::int64_t uses = 0;
  timestamp created_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(code_row, (),
                      (code_key, code, promotion_id, uses_max, uses, created_at, version))

/// How often a customer uses a promotion.
struct customer_use_row {
  static constexpr const char* table = "promotion_customers";
  static constexpr std::size_t key_columns = 2;
  stoa::promotion_id promotion_id;
  std::string customer;  ///< customer_key_of()
  std::int64_t uses = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(customer_use_row, (), (promotion_id, customer, uses, version))

/// Reserved: by a Pending order. Redeemed: the order is confirmed. Released: it was cancelled.
enum class redemption_status { Reserved, Redeemed, Released };
BOOST_DESCRIBE_ENUM(redemption_status, Reserved, Redeemed, Released)

/// The use of a promotion by an order.
struct redemption_row {
  static constexpr const char* table = "redemptions";
  static constexpr std::size_t key_columns = 2;
  stoa::order_id order_id;
  stoa::promotion_id promotion_id;
  std::optional<std::string> code_key;
  std::string customer;
  redemption_status status = redemption_status::Reserved;
  timestamp deadline;  ///< of a reservation
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(redemption_row, (),
                      (order_id, promotion_id, code_key, customer, status, deadline, created_at,
                       updated_at))

/// What an order has redeemed of a gift card or of store credit.
struct credit_redemption_row {
  static constexpr const char* table = "credit_redemptions";
  static constexpr std::size_t key_columns = 2;
  stoa::order_id order_id;
  stoa::credit_account_id credit_account_id;
  std::int64_t amount = 0;
  redemption_status status = redemption_status::Reserved;
  timestamp deadline;  ///< of a reservation
  timestamp created_at;
  timestamp updated_at;
  std::int64_t returned = 0;  ///< by refunds; a cancellation returns the rest
};
BOOST_DESCRIBE_STRUCT(credit_redemption_row, (),
                      (order_id, credit_account_id, amount, status, deadline, created_at,
                       updated_at, returned))

struct tax_rate_row {
  static constexpr const char* table = "tax_rates";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::tax_rate_id tax_rate_id;
  std::int64_t list = 0;  ///< always 0: loads all
  tax_terms terms;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(tax_rate_row, (), (tax_rate_id, list, terms, created_at, updated_at, version))

struct shipping_zone_row {
  static constexpr const char* table = "shipping_zones";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::shipping_zone_id shipping_zone_id;
  std::int64_t list = 0;  ///< always 0: loads all
  shipping_terms terms;
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(shipping_zone_row, (),
                      (shipping_zone_id, list, terms, created_at, updated_at, version))

/// Changes with what carts and checkouts need to know of the rules, so that nodes can follow them.
/// Random, because a number could come again after a failover that lost changes. One row,
/// from the first change on.
struct rule_revision_row {
  static constexpr const char* table = "rule_revision";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  std::int64_t list = 0;  ///< always 0
  stoa::revision_id revision;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(rule_revision_row, (), (list, revision, version))

using pricing_records =
    db::unit_of_work<promotion_row, promotion_use_row, code_row, customer_use_row, redemption_row,
                     rule_revision_row, tax_rate_row, shipping_zone_row, credit_account_row,
                     credit_entry_row, credit_redemption_row, price_list_row, price_entry_row,
                     price_check_row>;

}  // namespace stoa::pricing
