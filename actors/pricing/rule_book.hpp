#pragma once
// The rules that prices depend on, prepared for use: what a node knows of the Pricing service.
// Immutable once it is made.

#include "storage/pricing/price_list.hpp"
#include "storage/pricing/promotion.hpp"
#include "storage/pricing/shipping.hpp"
#include "storage/pricing/tax.hpp"

#include <memory>
#include <vector>

namespace stoa::pricing {

/// A promotion that may be applied.
struct usable_promotion {
  stoa::promotion_id promotion_id;
  promotion_terms terms;
};
BOOST_DESCRIBE_STRUCT(usable_promotion, (), (promotion_id, terms))

struct usable_tax_rate {
  stoa::tax_rate_id tax_rate_id;
  tax_terms terms;
};
BOOST_DESCRIBE_STRUCT(usable_tax_rate, (), (tax_rate_id, terms))

struct usable_zone {
  stoa::shipping_zone_id shipping_zone_id;
  shipping_terms terms;
};
BOOST_DESCRIBE_STRUCT(usable_zone, (), (shipping_zone_id, terms))

struct usable_price_list {
  stoa::price_list_id price_list_id;
  price_list_terms terms;
};
BOOST_DESCRIBE_STRUCT(usable_price_list, (), (price_list_id, terms))

/// All rules, as the Pricing service reports them.
struct rule_set {
  std::vector<usable_promotion> promotions;
  std::vector<usable_tax_rate> tax_rates;
  std::vector<usable_zone> zones;
  bool prices_include_tax = false;
  bool rounds_per_order = false;  ///< taxes, instead of per line
  std::vector<std::string> tax_exempt_groups;
  std::vector<usable_price_list> price_lists;  ///< that are enabled and have prices
  static constexpr std::string_view defaults[] = {"price_lists"};  ///< not in earlier versions
};
BOOST_DESCRIBE_STRUCT(rule_set, (),
                      (promotions, tax_rates, zones, prices_include_tax, rounds_per_order,
                       tax_exempt_groups, price_lists))

/// What carts and checkouts must find out for the rules. All false: the prices of the lines are all
/// that matters.
struct rule_needs {
  bool products = false;       ///< parents, categories, tax classes and weights of the products
  bool groups = false;         ///< the customer's groups
  bool first_order = false;    ///< whether the customer has ordered before
  bool customer_uses = false;  ///< the customer's uses of promotions
};

class rule_book {
 public:
  rule_book() = default;
  rule_book(stoa::revision_id revision, rule_set rules);

  stoa::revision_id revision() const { return revision_; }
  /// In the order in which they are applied: higher priority first, then older.
  const std::vector<usable_promotion>& promotions() const { return rules_.promotions; }
  /// Oldest first.
  const std::vector<usable_tax_rate>& tax_rates() const { return rules_.tax_rates; }
  /// Oldest first. Without any, shipping costs nothing and no method is chosen.
  const std::vector<usable_zone>& zones() const { return rules_.zones; }
  bool prices_include_tax() const { return rules_.prices_include_tax; }
  bool rounds_per_order() const { return rules_.rounds_per_order; }
  const std::vector<std::string>& tax_exempt_groups() const { return rules_.tax_exempt_groups; }
  /// Higher priority first, then older.
  const std::vector<usable_price_list>& price_lists() const { return rules_.price_lists; }
  /// Whether a price list is only for groups of customers.
  bool has_group_prices() const { return has_group_prices_; }
  /// Whether a price list is in another currency.
  bool has_other_currency(const std::string& currency) const;
  /// A number that changes whenever displayed prices may have changed: with the rules, and when a
  /// price list begins or ends. 0: no price list.
  std::uint64_t price_state(timestamp now) const;
  const rule_needs& needs() const { return needs_; }

 private:
  stoa::revision_id revision_;
  rule_set rules_;
  rule_needs needs_;
  bool has_group_prices_ = false;
  std::vector<timestamp> price_times_;  ///< when price lists begin and end, ascending
};

using rule_book_ptr = std::shared_ptr<const rule_book>;

}  // namespace stoa::pricing
