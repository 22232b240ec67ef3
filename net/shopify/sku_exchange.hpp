#pragma once
// Order in which SKUs that other products still have can be reassigned at the end of a file.

#include "actors/catalog/catalog_views.hpp"

#include <cstddef>
#include <vector>

namespace stoa::shopify {

/// Each product waits for the SKU of another one, which releases it only after getting its own new
/// SKU, so the products form chains and rings.
struct sku_plan {
  /// Indexes. The first product of a chain waits for a product that is not waiting; each further
  /// one waits for the product before it.
  std::vector<std::vector<std::size_t>> chains;
  /// The products of a ring can get their SKUs after all of them have released theirs.
  std::vector<std::size_t> rings;
};

sku_plan plan_skus(const std::vector<catalog::left_out_sku>& waiting);

}  // namespace stoa::shopify
