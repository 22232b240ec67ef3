#include "net/shopify/duplicate_skus.hpp"

#include "net/shopify/shopify_csv.hpp"

#include <algorithm>

namespace stoa::shopify {

namespace {

std::uint64_t hash_of(std::string_view sku) {
  return std::hash<std::string_view>{}(sku);
}

}  // namespace

duplicate_skus::duplicate_skus(reader& from) {
  while (auto product = from.next()) {
    from.errors().clear();
    add(*product);
  }
  finish();
}

void duplicate_skus::add(const import_product& product) {
  for (const auto& v : product.variants) {
    if (!v.sku.empty()) all_.push_back(hash_of(v.sku));
  }
}

void duplicate_skus::finish() {
  std::sort(all_.begin(), all_.end());
  for (std::size_t i = 1; i < all_.size(); ++i) {
    if (all_[i] == all_[i - 1]) doubled_.insert(all_[i]);
  }
  all_ = {};
}

bool duplicate_skus::contains(std::string_view sku) const {
  return !doubled_.empty() && doubled_.contains(hash_of(sku));
}

}  // namespace stoa::shopify
