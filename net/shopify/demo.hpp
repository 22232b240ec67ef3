#pragma once
// The demo store: products made up from word lists, the same ones for the same seed.

#include "net/shopify/import_product.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stoa::shopify {

/// Makes `products` products one after another; nothing is held, so a million are fine. Each
/// product follows from the seed and its place alone: a larger store of the same seed begins with
/// the smaller.
///
/// About a quarter have two or three variants (sizes, colours...), the others none. `type` is a
/// category path ("Home > Kitchen"); `inventory_qty` of all that can be sold is `stock`.
class demo_store {
 public:
  /// Throws std::invalid_argument when the currency is not in ISO 4217 or the stock is negative.
  demo_store(std::size_t products, std::int64_t stock, std::uint64_t seed,
             std::string_view currency);

  /// The next product; nothing after the last.
  std::optional<import_product> next();

  std::size_t size() const noexcept { return products_; }
  std::size_t made() const noexcept { return made_; }

 private:
  std::size_t products_;
  std::int64_t stock_;
  std::uint64_t seed_;
  int exponent_;
  std::size_t made_ = 0;
};

}  // namespace stoa::shopify
