#include "actors/catalog/stored_texts.hpp"

#include "storage/base/blank.hpp"

namespace stoa::catalog {

namespace {

void trim(std::optional<std::string>& name) {
  if (name) name = stored_name(*name);
}

void trim_sku(std::optional<std::string>& sku) {
  if (sku) sku = stored_sku(*sku);
}

void trim(std::vector<std::string>& names) {
  for (auto& name : names) name = stored_name(name);
}

void trim(std::vector<option_value>& options) {
  for (auto& o : options) o = {stored_name(o.name), stored_name(o.value)};
}

}  // namespace

std::string stored_name(std::string_view name) {
  return std::string(text::without_white_ends(name));
}

std::string stored_sku(std::string_view sku) {
  return std::string(text::without_blank_ends(sku));
}

new_product as_stored(new_product product) {
  trim(product.name);
  trim(product.handle);
  trim(product.options);
  trim(product.vendor);
  if (product.tags) trim(*product.tags);
  trim_sku(product.sku);
  return product;
}

product_change as_stored(product_change change) {
  trim(change.name);
  trim(change.handle.value);
  trim(change.vendor.value);
  if (change.tags.value) trim(*change.tags.value);
  trim_sku(change.sku.value);
  if (change.options.value) trim(*change.options.value);
  return change;
}

}  // namespace stoa::catalog
