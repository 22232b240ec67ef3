#pragma once
// The demo store: generated products, identical for the same seed.

#include "net/shopify/import_product.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stoa::shopify {

/// Generates `products` products one by one, in constant memory. Each product depends only on the
/// seed and its position, so a larger store of the same seed starts with the smaller one.
///
/// About a quarter have two or three variants (sizes, colours...), the others none. `type` is a
/// category path ("Home > Kitchen"); `inventory_qty` of everything sold is `stock`.
class demo_store {
 public:
  /// Throws std::invalid_argument for an unknown ISO 4217 currency or a negative stock.
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
