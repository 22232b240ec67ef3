#include "net/shopify/new_objects.hpp"

#include "storage/base/json_read.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stoa::shopify {

namespace {

/// The value at the pointer (RFC 6901, without escapes); null if there is none.
const json::value* value_at(const json::value& document, std::string_view pointer) {
  const auto* at = &document;
  while (at && !pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    const auto name = pointer.substr(0, end);
    pointer.remove_prefix(end);
    const auto* list = at->if_array();
    if (!list) {
      at = at->find(name);
      continue;
    }
    std::size_t i = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), i);
    const bool is_index = error == std::errc{} && stop == name.data() + name.size();
    at = is_index && i < list->size() ? &(*list)[i] : nullptr;
  }
  return at;
}

std::string key_of(std::string_view kind, std::string_view name) {
  return std::string(kind) + '\n' + std::string(name);
}

/// Case of codes (ASCII) does not count.
std::string location_key(std::string_view code) {
  std::string lower(code);
  for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return key_of("location", lower);
}

std::string path_key(const catalog::category_names& path) {
  std::string names;
  for (const auto& name : path) names += name + '\n';
  return key_of("category", names);
}

/// A variant by its product and its options, in any order.
std::string variant_key(std::string_view product, std::vector<catalog::option_value> options) {
  std::ranges::sort(options, {}, &catalog::option_value::name);
  std::string names(product);
  for (const auto& o : options) names += '\n' + o.name + '=' + o.value;
  return key_of("variant", names);
}

/// The variant that a line of a price names.
std::string variant_key_of(const json::value& line, const json::value& options) {
  const auto* product = line.find("product");
  const auto values = json::read_value<std::vector<catalog::option_value>>(options);
  if (!product || !product->if_string() || !values) return {};
  return variant_key(*product->if_string(), *values);
}

/// The key of the object that the member of the pointer refers to; empty: it is no reference.
std::string key_at(const json::value& document, std::string_view pointer) {
  constexpr std::string_view kinds[] = {"product", "product_type", "price_list", "sku"};
  const auto* found = value_at(document, pointer);
  if (!found) return {};
  const auto member = pointer.substr(pointer.rfind('/') + 1);
  if (const auto* names = found->if_array(); names && member == "category") {
    catalog::category_names path;
    for (const auto& name : *names) {
      if (name.if_string()) path.push_back(*name.if_string());
    }
    return path_key(path);
  }
  if (pointer == "/options") return variant_key_of(document, *found);
  const auto* text = found->if_string();
  if (!text) return {};
  if (pointer.starts_with("/products/")) return key_of("product", *text);
  if (member == "location") return location_key(*text);
  for (const auto& kind : kinds) {
    if (member == kind) return key_of(kind, *text);
  }
  return {};
}

}  // namespace

void new_objects::add_path(const catalog::category_names& path) {
  catalog::category_names part;
  for (const auto& name : path) {
    part.push_back(name);
    keys_.insert(path_key(part));
  }
}

void new_objects::add(const file_line& line) {
  if (const auto* m = std::get_if<catalog::import_line>(&line)) add(*m);
  const auto* list = std::get_if<pricing::import_price_list>(&line);
  if (list && list->key) keys_.insert(key_of("price_list", *list->key));
  if (list && list->price_list_id) keys_.insert(key_of("price_list", list->price_list_id->str()));
}

void new_objects::add(const catalog::import_line& m) {
  if (m.product) add(*m.product);
  if (m.category) add_path(m.category->path);
  if (m.product_type) keys_.insert(key_of("product_type", m.product_type->key));
  if (m.location && m.location->code.value) {
    keys_.insert(location_key(*m.location->code.value));
  }
}

void new_objects::add(const catalog::product_line& product) {
  const auto add_sku = [this](const patch<std::string>& sku) {
    if (sku.value) keys_.insert(key_of("sku", *sku.value));
  };
  std::string name;
  if (product.product_id) name = product.product_id->str();
  if (!name.empty()) keys_.insert(key_of("product", name));
  if (product.handle.value) name = *product.handle.value;
  keys_.insert(key_of("product", name));
  if (product.category.value) add_path(*product.category.value);
  add_sku(product.sku);
  if (!product.variants.value) return;
  for (const auto& v : *product.variants.value) {
    add_sku(v.sku);
    if (v.options.value) keys_.insert(variant_key(name, *v.options.value));
  }
}

bool new_objects::explain(const problem& why, std::string_view text) const {
  if (why.errors.empty()) return false;
  const auto document = json::parse(text, catalog::line_limits);
  if (!document) return false;
  return std::ranges::all_of(why.errors, [&](const field_error& e) {
    return e.code == "unknown" && keys_.contains(key_at(*document, e.pointer));
  });
}

}  // namespace stoa::shopify
