#pragma once
// The events of the Cart service: changes of the goods that are held for a cart after its payment
// was declined. Carts without held goods cause no events.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"

#include <vector>

namespace stoa::cart {

/// The remaining quantity of a product in a cart.
struct kept_line {
  stoa::product_id product_id;
  std::int64_t quantity = 0;  ///< 0: the line was removed
};
BOOST_DESCRIBE_STRUCT(kept_line, (), (product_id, quantity))

/// Lines were removed or reduced: units held beyond these quantities are released.
struct lines_reduced {
  static constexpr std::string_view name = "cart.lines_reduced";
  static constexpr std::string_view summary = "A cart with held stock has fewer units.";
  stoa::cart_id cart_id;
  std::vector<kept_line> lines;
};
BOOST_DESCRIBE_STRUCT(lines_reduced, (), (cart_id, lines))

/// The cart's lines, and the units held for them, have moved to another cart.
struct cart_merged {
  static constexpr std::string_view name = "cart.merged";
  static constexpr std::string_view summary =
      "A cart with held stock was merged into another cart.";
  stoa::cart_id cart_id;
  stoa::cart_id into;
};
BOOST_DESCRIBE_STRUCT(cart_merged, (), (cart_id, into))

}  // namespace stoa::cart
