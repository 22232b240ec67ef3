#pragma once
// A product "a" with options from a file: its prices and whether it is sold.

#include "tests/support/import_store.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace stoa::test {

inline const std::string with_options = "Handle,Title,Option1 Name,Option1 Value";
inline const std::string no_price =
    with_options + ",Variant Inventory Qty\na,A,Size,S,5\na,,,M,5\n";

/// Prices of the variants on sale, by name; the product's price when it is sold without variants.
inline std::vector<std::string> prices(import_store& s) {
  const auto p = s.by_handle("a");
  std::vector<std::string> all;
  for (const auto& v : p.variants) all.push_back(v.name + " " + std::to_string(v.price.amount));
  std::sort(all.begin(), all.end());
  if (all.empty()) all.push_back(std::to_string(p.price.amount));
  return all;
}

inline void check_prices(import_store& s, const std::vector<std::string>& wanted) {
  BOOST_TEST(prices(s) == wanted, boost::test_tools::per_element());
}

inline bool is_active(import_store& s) {
  return *s.by_handle("a").status == catalog::product_status::Active;
}

}  // namespace stoa::test
