#pragma once
// The word lists of the demo store.

#include <cstdint>
#include <span>
#include <string_view>

namespace stoa::shopify::demo {

/// An option of a product kind, and its values, cheapest first.
struct choice {
  std::string_view name;
  std::span<const std::string_view> values;
};

/// A kind of product.
struct item {
  std::string_view noun;
  std::int64_t price_min;  ///< whole units of the currency, scaled for EUR
  std::int64_t price_max;
  std::int64_t grams;
};

/// A category and its product kinds.
struct shelf {
  std::string_view path;
  std::string_view tags;  ///< separated by commas
  std::span<const item> items;
  std::span<const std::string_view> materials;
  choice option;
};

std::span<const shelf> shelves();
std::span<const std::string_view> series_names();
std::span<const std::string_view> makers();
/// Sentences with %n for the noun, %m for the material and %s for the series.
std::span<const std::string_view> openings();
std::span<const std::string_view> middles();
std::span<const std::string_view> endings();

}  // namespace stoa::shopify::demo
