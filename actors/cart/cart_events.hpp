#pragma once
// What the Cart service tells the world: what becomes of the goods that are reserved for a cart
// after its payment was declined. It tells nothing of carts without such goods.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"

#include <vector>

namespace stoa::cart {

/// What a cart still has of a product.
struct kept_line {
  stoa::product_id product_id;
  std::int64_t quantity = 0;  ///< 0: the line was removed
};
BOOST_DESCRIBE_STRUCT(kept_line, (), (product_id, quantity))

/// Lines were removed or reduced: what is reserved beyond the quantities here is released.
struct lines_reduced {
  static constexpr std::string_view name = "cart.lines_reduced";
  static constexpr std::string_view summary = "A cart with held stock has fewer units.";
  stoa::cart_id cart_id;
  std::vector<kept_line> lines;
};
BOOST_DESCRIBE_STRUCT(lines_reduced, (), (cart_id, lines))

/// The cart's lines are in another cart now, and so is what is reserved for them.
struct cart_merged {
  static constexpr std::string_view name = "cart.merged";
  static constexpr std::string_view summary =
      "A cart with held stock was merged into another cart.";
  stoa::cart_id cart_id;
  stoa::cart_id into;
};
BOOST_DESCRIBE_STRUCT(cart_merged, (), (cart_id, into))

}  // namespace stoa::cart
