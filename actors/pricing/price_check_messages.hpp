#pragma once
// The checks of prices whose products may have been deleted meanwhile, within the Pricing service
// and its runner (net/shopify/price_check_runner.hpp).

#include "actors/kernel/message.hpp"
#include "storage/pricing/price_check.hpp"

namespace stoa::pricing {

/// The effect: ask the catalogue for the products of the open checks.
struct run_price_checks {
  static constexpr std::string_view name = "pricing.run_price_checks";
};
BOOST_DESCRIBE_STRUCT(run_price_checks, (), ())

struct open_price_checks {
  std::vector<price_check_row> data;
};
BOOST_DESCRIBE_STRUCT(open_price_checks, (), (data))

/// The first open checks, at most price_checks_at_once_max.
struct list_price_checks {
  static constexpr std::string_view name = "pricing.list_price_checks";
  using reply = open_price_checks;
};
BOOST_DESCRIBE_STRUCT(list_price_checks, (), ())

/// Ends checks, at most price_checks_at_once_max, and deletes the prices of products that do not
/// exist. A product with a newer check keeps its prices until that has ended.
struct end_price_checks {
  static constexpr std::string_view name = "pricing.end_price_checks";
  using reply = kernel::nothing;
  std::vector<stoa::price_check_id> checks;
  std::vector<stoa::product_id> gone;
};
BOOST_DESCRIBE_STRUCT(end_price_checks, (), (checks, gone))

}  // namespace stoa::pricing
