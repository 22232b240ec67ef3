#pragma once
// What exports of the catalogue share: the columns of the header, which any product may add to.

#include "net/shopify/columns.hpp"
#include "net/shopify/import_product.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace stoa::shopify {

/// The columns beyond the standard ones that the products need, collected in a first pass.
class export_columns {
 public:
  /// More than the importer reads back.
  static constexpr std::size_t names_max = 900;

  void add(const import_product& product);
  /// In the order of the header.
  std::vector<std::string> names() const;

 private:
  void add(const extra_columns& extra);

  std::set<std::string> names_;
  std::set<column> own_;     ///< of those that Shopify's format does not have
  std::size_t options_ = 0;  ///< the most that a product has
};

}  // namespace stoa::shopify
