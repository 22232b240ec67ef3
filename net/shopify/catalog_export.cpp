#include "net/shopify/catalog_export.hpp"

#include "net/shopify/columns.hpp"

namespace stoa::shopify {

void export_columns::add(const import_product& product) {
  add(product.extra);
  for (const auto& v : product.variants) add(v.extra);
}

void export_columns::add(const extra_columns& extra) {
  for (const auto& [name, value] : extra) {
    if (names_.size() < names_max) names_.insert(canonical_extra(name));
  }
}

}  // namespace stoa::shopify
