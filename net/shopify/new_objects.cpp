#include "net/shopify/new_objects.hpp"

#include "storage/base/json_value.hpp"

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

/// The key of the object that the member of the pointer refers to; empty: it is no reference.
std::string key_at(const json::value& document, std::string_view pointer) {
  constexpr std::string_view kinds[] = {"product", "product_type"};
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

void new_objects::add(const catalog::import_line& m) {
  if (m.product) {
    if (m.product->handle.value) keys_.insert(key_of("product", *m.product->handle.value));
    if (m.product->product_id) keys_.insert(key_of("product", m.product->product_id->str()));
    if (m.product->category.value) add_path(*m.product->category.value);
  }
  if (m.category) add_path(m.category->path);
  if (m.product_type) keys_.insert(key_of("product_type", m.product_type->key));
  if (m.location && m.location->code.value) {
    keys_.insert(location_key(*m.location->code.value));
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
