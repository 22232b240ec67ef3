#pragma once
// The Pricing service: gift cards and store credit; promotions, their codes, and their use by
// orders; tax rates; shipping zones; price lists. Pure functions over its records. What it stores
// decides prices; pricing itself is price_basket.hpp.
//
//   pricing_service.cpp   promotions and codes, queries
//   redemptions.cpp       the uses of promotions by orders
//   credit_accounts.cpp   gift cards and store credit
//   tax_rates.cpp         tax rates and shipping zones
//   price_lists.cpp       price lists and their prices
//   price_lines.cpp       the same as lines of a file
//   price_checks.cpp      prices of products that may have been deleted meanwhile

#include "actors/catalog/catalog_events.hpp"
#include "actors/kernel/decision.hpp"
#include "actors/kernel/gathered.hpp"
#include "actors/order/order_events.hpp"
#include "actors/payment/payment_events.hpp"
#include "actors/pricing/credit_messages.hpp"
#include "actors/pricing/price_check_messages.hpp"
#include "actors/pricing/price_line_messages.hpp"
#include "actors/pricing/price_list_messages.hpp"
#include "actors/pricing/pricing_messages.hpp"
#include "actors/pricing/tax_messages.hpp"

namespace stoa {
struct settings;
}

namespace stoa::kernel {
struct service_definition;
}

namespace stoa::pricing {

struct pricing_options {
  /// After this time a reservation is reported to the order service.
  microseconds reservation_ttl = seconds{900};
  bool prices_include_tax = false;
  bool rounds_per_order = false;  ///< taxes, instead of per line
  std::vector<std::string> tax_exempt_groups = {};
};

class pricing_service {
 public:
  static constexpr std::string_view name = "pricing";
  /// The orders of all customers use the same promotions.
  static constexpr bool one_partition = true;
  using records = pricing_records;
  using commands = boost::mp11::mp_list<
      create_promotion, change_promotion, delete_promotion, add_codes, delete_code,
      expire_redemption, create_tax_rate, replace_tax_rate, delete_tax_rate, create_shipping_zone,
      replace_shipping_zone, delete_shipping_zone, issue_gift_card, grant_store_credit,
      change_credit, adjust_credit, create_price_list, replace_price_list, delete_price_list,
      clear_price_list, change_prices, import_price_list, import_prices, end_price_checks>;
  using subscriptions =
      boost::mp11::mp_list<order::redemption_requested, order::redemption_confirmed,
                           order::redemption_released, catalog::product_deleted,
                           payment::payment_refunded>;
  using events = boost::mp11::mp_list<redemption_reserved, redemption_rejected, redemption_expired>;
  using queries =
      boost::mp11::mp_list<get_promotion, list_promotions, list_codes, get_rules, look_up,
                           get_tax_rate, list_tax_rates, get_shipping_zone, list_shipping_zones,
                           get_credit, list_gift_cards, list_credit_entries, find_credit,
                           get_price_list, list_price_lists, list_price_entries, get_product_prices,
                           find_prices, export_price_lists, export_prices, list_price_checks>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit pricing_service(pricing_options options) : options_(std::move(options)) {}

  void needs(const create_promotion&, need_list&, const records&) const;
  result<promotion_view> decide(const create_promotion&, decision&) const;
  void needs(const change_promotion&, need_list&, const records&) const;
  result<promotion_view> decide(const change_promotion&, decision&) const;
  void needs(const delete_promotion&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_promotion&, decision&) const;
  void needs(const add_codes&, need_list&, const records&) const;
  result<code_page> decide(const add_codes&, decision&) const;
  void needs(const delete_code&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_code&, decision&) const;
  void needs(const expire_redemption&, need_list&, const records&) const;
  result<kernel::nothing> decide(const expire_redemption&, decision&) const;

  void needs(const create_tax_rate&, need_list&, const records&) const;
  result<tax_rate_view> decide(const create_tax_rate&, decision&) const;
  void needs(const replace_tax_rate&, need_list&, const records&) const;
  result<tax_rate_view> decide(const replace_tax_rate&, decision&) const;
  void needs(const delete_tax_rate&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_tax_rate&, decision&) const;
  void needs(const create_shipping_zone&, need_list&, const records&) const;
  result<shipping_zone_view> decide(const create_shipping_zone&, decision&) const;
  void needs(const replace_shipping_zone&, need_list&, const records&) const;
  result<shipping_zone_view> decide(const replace_shipping_zone&, decision&) const;
  void needs(const delete_shipping_zone&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_shipping_zone&, decision&) const;

  void needs(const issue_gift_card&, need_list&, const records&) const;
  result<sealed_gift_card> decide(const issue_gift_card&, decision&) const;
  void needs(const grant_store_credit&, need_list&, const records&) const;
  result<credit_account_view> decide(const grant_store_credit&, decision&) const;
  void needs(const change_credit&, need_list&, const records&) const;
  result<credit_account_view> decide(const change_credit&, decision&) const;
  void needs(const adjust_credit&, need_list&, const records&) const;
  result<credit_account_view> decide(const adjust_credit&, decision&) const;

  void needs(const create_price_list&, need_list&, const records&) const;
  result<price_list_view> decide(const create_price_list&, decision&) const;
  void needs(const replace_price_list&, need_list&, const records&) const;
  result<price_list_view> decide(const replace_price_list&, decision&) const;
  void needs(const delete_price_list&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_price_list&, decision&) const;
  void needs(const clear_price_list&, need_list&, const records&) const;
  result<kernel::nothing> decide(const clear_price_list&, decision&) const;
  void needs(const change_prices&, need_list&, const records&) const;
  result<price_entry_counts> decide(const change_prices&, decision&) const;

  void needs(const import_price_list&, need_list&, const records&) const;
  result<catalog::import_answer> decide(const import_price_list&, decision&) const;
  void needs(const import_prices&, need_list&, const records&) const;
  result<price_imports> decide(const import_prices&, decision&) const;

  void needs(const end_price_checks&, need_list&, const records&) const;
  result<kernel::nothing> decide(const end_price_checks&, decision&) const;

  void needs(const order::redemption_requested&, need_list&, const records&) const;
  kernel::applied decide(const order::redemption_requested&, decision&) const;
  void needs(const order::redemption_confirmed&, need_list&, const records&) const;
  kernel::applied decide(const order::redemption_confirmed&, decision&) const;
  void needs(const order::redemption_released&, need_list&, const records&) const;
  kernel::applied decide(const order::redemption_released&, decision&) const;
  void needs(const payment::payment_refunded&, need_list&, const records&) const;
  kernel::applied decide(const payment::payment_refunded&, decision&) const;
  void needs(const catalog::product_deleted&, need_list&, const records&) const;
  kernel::applied decide(const catalog::product_deleted&, decision&) const;

  result<promotion_view> read(const get_promotion&, const kernel::call_context&,
                              db::connection&) const;
  result<promotion_page> read(const list_promotions&, const kernel::call_context&,
                              db::connection&) const;
  result<code_page> read(const list_codes&, const kernel::call_context&, db::connection&) const;
  result<get_rules::answer> read(const get_rules&, const kernel::call_context&,
                                 db::connection&) const;
  result<look_up::answer> read(const look_up&, const kernel::call_context&, db::connection&) const;

  result<tax_rate_view> read(const get_tax_rate&, const kernel::call_context&,
                             db::connection&) const;
  result<tax_rate_page> read(const list_tax_rates&, const kernel::call_context&,
                             db::connection&) const;
  result<shipping_zone_view> read(const get_shipping_zone&, const kernel::call_context&,
                                  db::connection&) const;
  result<shipping_zone_list> read(const list_shipping_zones&, const kernel::call_context&,
                                  db::connection&) const;

  result<credit_account_view> read(const get_credit&, const kernel::call_context&,
                                   db::connection&) const;
  result<credit_account_page> read(const list_gift_cards&, const kernel::call_context&,
                                   db::connection&) const;
  result<credit_entry_page> read(const list_credit_entries&, const kernel::call_context&,
                                 db::connection&) const;
  result<find_credit::answer> read(const find_credit&, const kernel::call_context&,
                                   db::connection&) const;

  result<price_list_view> read(const get_price_list&, const kernel::call_context&,
                               db::connection&) const;
  result<price_list_page> read(const list_price_lists&, const kernel::call_context&,
                               db::connection&) const;
  result<price_entry_page> read(const list_price_entries&, const kernel::call_context&,
                                db::connection&) const;
  result<product_price_list> read(const get_product_prices&, const kernel::call_context&,
                                  db::connection&) const;
  kernel::gathered<find_prices::answer> gather(const find_prices&, const kernel::call_context&,
                                               db::gathering&) const;
  result<price_list_export> read(const export_price_lists&, const kernel::call_context&,
                                 db::connection&) const;
  result<price_export> read(const export_prices&, const kernel::call_context&,
                            db::connection&) const;
  result<open_price_checks> read(const list_price_checks&, const kernel::call_context&,
                                 db::connection&) const;

  kernel::due_work due(db::connection&, timestamp now, bool starting) const;

 private:
  pricing_options options_;
};

/// The options from the settings.
pricing_options options_of(const settings& all);
/// The service's definition; in a separate file because the generic code is slow to compile.
kernel::service_definition definition_of(const pricing_service& service);

}  // namespace stoa::pricing
