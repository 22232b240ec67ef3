#pragma once
// SKUs of a file that other products still have when their rows are imported: in which order they
// can be given at its end.

#include "actors/catalog/catalog_views.hpp"

#include <cstddef>
#include <vector>

namespace stoa::shopify {

/// Each product waits for the SKU that another has. Where that one waits as well, it gives its SKU
/// up only if it gets its own, so the products form chains and rings.
struct sku_plan {
  /// By index: what waits for a product that waits for nothing is tried first. In order from there,
  /// what waits behind it.
  std::vector<std::vector<std::size_t>> chains;
  /// Every product of a ring can have its SKU once all have given theirs up.
  std::vector<std::size_t> rings;
};

sku_plan plan_skus(const std::vector<catalog::left_out_sku>& waiting);

}  // namespace stoa::shopify
