#include "net/shopify/file_lines.hpp"

#include "actors/catalog/line_types.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace stoa::shopify {

namespace {

template <class Line, result<Line> (*Read)(const json::value&)>
result<file_line> as_file_line(const json::value& line) {
  auto bound = Read(line);
  if (!bound) return bound.error();
  return file_line(std::move(*bound));
}

result<catalog::import_line> read_catalog_line(const json::value& line) {
  return catalog::read_line(line);
}

/// Those that the Pricing service stores.
constexpr std::array<file_line_type, 2> pricing_types{{
    {price_list_type, as_file_line<pricing::import_price_list, read_price_list_line>},
    {price_type, as_file_line<price_line, read_price_line>},
}};
static_assert(pricing_types.size() + 1 == std::variant_size_v<file_line>);

std::string key_of(const catalog::import_line& m) {
  std::string key;
  if (m.product) {
    key = m.product->handle.value ? *m.product->handle.value : m.product->product_id->str();
  } else if (m.collection) {
    key = m.collection->handle ? *m.collection->handle : m.collection->collection_id->str();
  } else if (m.product_type) {
    key = m.product_type->key;
  } else if (m.related) {
    key = m.related->product;
  } else if (m.location) {
    key = m.location->code.value ? *m.location->code.value : m.location->location_id->str();
  } else if (m.labels) {
    key = m.labels->locale;
  } else if (m.category) {
    for (const auto& name : m.category->path) key += (key.empty() ? "" : " > ") + name;
  }
  return key;
}

struct object_name {
  std::string operator()(const catalog::import_line& m) const {
    const auto key = key_of(m);
    return key.empty() ? m.type : m.type + ' ' + key;
  }
  std::string operator()(const pricing::import_price_list& m) const {
    return std::string(price_list_type) + ' ' + (m.key ? *m.key : m.price_list_id->str());
  }
  std::string operator()(const price_line& m) const {
    std::string product = m.sku ? *m.sku : m.product.value_or("");
    if (m.options) {
      std::string options;
      for (const auto& o : *m.options) options += (options.empty() ? "" : " / ") + o.value;
      product += " [" + options + ']';
    }
    return std::string(price_type) + ' ' + m.price_list + ": " + product;
  }
};

problem unknown_line_type() {
  std::string names;
  for (const auto& type : file_line_types()) {
    names += (names.empty() ? "" : ", ") + std::string(type.name);
  }
  return invalid_field("/type", "unknown", "This must be one of: " + names + ".");
}

}  // namespace

std::span<const file_line_type> file_line_types() {
  static const auto types = [] {
    std::vector<file_line_type> all;
    for (const auto& type : catalog::line_types()) {
      all.push_back({type.name, as_file_line<catalog::import_line, read_catalog_line>});
    }
    all.insert(all.end(), pricing_types.begin(), pricing_types.end());
    return all;
  }();
  return types;
}

result<file_line> read_file_line(std::string_view text) {
  const auto parsed = json::parse(text, catalog::line_limits);
  if (!parsed) return parsed.error();
  // What is no object is rejected like any other request.
  if (!parsed->if_object()) return as_file_line<catalog::import_line, read_catalog_line>(*parsed);
  const auto* type = parsed->find("type");
  const auto* name = type ? type->if_string() : nullptr;
  const auto found = std::ranges::find_if(
      file_line_types(), [&](const file_line_type& t) { return name && t.name == *name; });
  if (found == file_line_types().end()) return unknown_line_type();
  return found->read(*parsed);
}

std::string object_of(const file_line& line) {
  return std::visit(object_name{}, line);
}

}  // namespace stoa::shopify
