#pragma once
// Prices whose products are to be checked: a product may be deleted while its price is being set,
// so whether it exists is asked again once the price is stored.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"

namespace stoa {
using price_check_id = id<struct price_check_tag>;
}

namespace stoa::pricing {

inline constexpr std::size_t price_checks_at_once_max = 100;

/// An open check: one for each new price of a product.
struct price_check_row {
  static constexpr const char* table = "price_checks";
  static constexpr std::size_t key_columns = 1;
  stoa::price_check_id price_check_id;
  stoa::product_id product_id;
};
BOOST_DESCRIBE_STRUCT(price_check_row, (), (price_check_id, product_id))

}  // namespace stoa::pricing
