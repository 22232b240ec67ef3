#include "net/shopify/catalog_export.hpp"

#include <algorithm>

namespace stoa::shopify {

void export_columns::add(const import_product& product) {
  options_ = std::max(options_, product.option_names.size());
  if (!product.metadata.empty()) own_.insert(column::metadata);
  add(product.extra);
  for (const auto& v : product.variants) {
    if (!v.metadata.empty()) own_.insert(column::variant_metadata);
    if (!v.name.empty()) own_.insert(column::variant_name);
    add(v.extra);
  }
}

std::vector<std::string> export_columns::names() const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < std::min(options_, options_max); ++i) {
    for (column which : {option_name_column(i), option_value_column(i)}) {
      if (!is_shopifys(which)) all.emplace_back(name_of(which));
    }
  }
  for (column which : own_) all.emplace_back(name_of(which));
  all.insert(all.end(), names_.begin(), names_.end());
  return all;
}

void export_columns::add(const extra_columns& extra) {
  for (const auto& [name, value] : extra) {
    if (names_.size() < names_max) names_.insert(canonical_extra(name));
  }
}

}  // namespace stoa::shopify
