#pragma once
// Collects the header columns of a catalogue export; every product may add columns.

#include "net/shopify/columns.hpp"
#include "net/shopify/import_product.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace stoa::shopify {

/// The columns needed besides the standard ones, collected in a first pass.
class export_columns {
 public:
  /// Exceeds what the importer accepts.
  static constexpr std::size_t names_max = 900;

  void add(const import_product& product);
  /// In header order.
  std::vector<std::string> names() const;

 private:
  void add(const extra_columns& extra);

  std::set<std::string> names_;
  std::set<column> own_;     ///< those that Shopify's format does not have
  std::size_t options_ = 0;  ///< maximum over all products
};

}  // namespace stoa::shopify
