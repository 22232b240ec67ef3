#include "net/shopify/price_lines.hpp"

#include "actors/catalog/line_types.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <map>

namespace stoa::shopify {

namespace {

/// The members of a line of a price list that are not terms.
bool is_no_term(std::string_view name) {
  return name == "type" || name == "price_list_id";
}

template <class T>
std::optional<T> member_of(const json::value& line, std::string_view name, problem& bad) {
  const auto* found = line.find(name);
  if (!found || found->is_null()) return std::nullopt;
  auto read = json::read_value<T>(*found);
  if (read) return std::move(*read);
  bad = read.error();
  for (auto& e : bad.errors) e.pointer = '/' + std::string(name) + e.pointer;
  return std::nullopt;
}

}  // namespace

void price_line::check(std::vector<field_error>& errors) const {
  if (!product && !sku) {
    errors.push_back({"/product", "required", "A price has a product or a SKU."});
  }
  if (sku && (product || options)) {
    errors.push_back({"/sku", "exclusive", "The line names a product, too."});
  }
  if (!tiers.value) return;
  pricing::price_entry_terms terms;
  terms.tiers = *tiers.value;
  terms.check(errors);
}

result<pricing::import_price_list> read_price_list_line(const json::value& line) {
  pricing::import_price_list m;
  problem bad;
  m.price_list_id = member_of<stoa::price_list_id>(line, "price_list_id", bad);
  m.key = member_of<std::string>(line, "key", bad);
  if (!bad.errors.empty()) return bad;
  if (!m.price_list_id && !m.key) {
    return invalid_field("/key", "required", "A price list has a key or a price_list_id.");
  }
  json::object terms;
  for (const auto& member : *line.if_object()) {
    if (!is_no_term(member.name)) terms.push_back(member);
  }
  m.terms = {json::write(json::value(std::move(terms)))};
  return m;
}

result<price_line> read_price_line(const json::value& line) {
  return json::read_value<price_line>(line);
}

catalog::product_reference reference_of(const price_line& line) {
  return {line.product, line.options, line.sku};
}

pricing::imported_price imported_price_of(const price_line& line, stoa::product_id product) {
  return {line.price_list, product, line.price, line.compare_at_price, line.tiers};
}

catalog::line_page price_list_lines(const pricing::price_list_export& lists) {
  catalog::line_page page;
  for (const auto& list : lists.data) {
    auto object = json::write(list.terms);
    // A list is known by its key, and has an id in the file only without one.
    if (!list.terms.key) {
      object = R"({"price_list_id":")" + list.price_list_id.str() + "\"," + object.substr(1);
    }
    page.lines.push_back(catalog::typed_line(price_list_type, object));
  }
  return page;
}

catalog::name_products names_query(const pricing::price_export& prices) {
  catalog::name_products query;
  for (const auto& p : prices.data) query.product_ids.push_back(p.product_id);
  return query;
}

catalog::line_page price_lines(const pricing::price_export& prices,
                               const catalog::named_products& names) {
  std::map<stoa::product_id, const catalog::named_product*> by_id;
  for (const auto& name : names.data) by_id.emplace(name.product_id, &name);
  catalog::line_page page;
  page.next = prices.next;
  for (const auto& p : prices.data) {
    const auto found = by_id.find(p.product_id);
    if (found == by_id.end()) continue;
    price_line line;
    line.price_list = prices.price_list;
    line.product = found->second->product;
    if (!found->second->options.empty()) line.options = found->second->options;
    line.price = {true, p.price};
    if (p.compare_at_price) line.compare_at_price = {true, p.compare_at_price};
    if (!p.tiers.empty()) line.tiers = {true, p.tiers};
    page.lines.push_back(catalog::typed_line(price_type, json::write(line)));
  }
  return page;
}

}  // namespace stoa::shopify
