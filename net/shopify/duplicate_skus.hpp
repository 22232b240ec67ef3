#pragma once
// The SKUs that occur in more than one row of a file. None of these rows gets its SKU, so that the
// order of rows does not matter.

#include "net/shopify/import_product.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace stoa::shopify {

class reader;

/// Uses eight bytes per SKU of the file while reading.
class duplicate_skus {
 public:
  duplicate_skus() = default;
  /// Reads the file to its end.
  explicit duplicate_skus(reader& from);

  void add(const import_product& product);
  /// Call once, after the last add().
  void finish();
  bool contains(std::string_view sku) const;

 private:
  std::vector<std::uint64_t> all_;
  std::unordered_set<std::uint64_t> doubled_;
};

}  // namespace stoa::shopify
