// Product types: the attributes that products of a kind have.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/specifications.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "storage/catalog/type_store.hpp"

namespace stoa::catalog {

namespace {

product_type_view view_of(const product_type_row& t) {
  return {t.key, t.name, t.attributes, t.created_at, t.updated_at};
}

}  // namespace

void catalog_service::needs(const put_product_type& m, need_list& list, const records&) const {
  list.add<&product_type_row::list>(std::int64_t{0});
  list.add<&product_type_row::key>(m.key);
}

result<product_type_view> catalog_service::decide(const put_product_type& m, decision& d) const {
  const auto* found = d.of<product_type_row>().find(m.key);
  if (auto bad = kernel::check_precondition(m.precondition, found != nullptr,
                                            [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  if (auto bad = check_type_key(m.key)) return std::move(*bad);
  if (auto bad = check_definitions(m.terms.attributes)) return std::move(*bad);
  if (!found) {
    if (d.of<product_type_row>().where<&product_type_row::list>(0).size() >= product_types_max) {
      return conflict(
          "too_many_product_types",
          "A store has at most " + std::to_string(product_types_max) + " product types.");
    }
    return view_of(d.of<product_type_row>().insert(
        {m.key, 0, m.terms.name, m.terms.attributes, d.now, d.now, 0}));
  }
  product_type_row row = *found;
  row.name = m.terms.name;
  row.attributes = m.terms.attributes;
  if (row != *found) {
    row.updated_at = d.now;
    d.of<product_type_row>().edit(m.key) = row;
    // The sweep computes the specifications of its products.
    d.execute(queue_products_of_type, db::params(m.key));
  }
  return view_of(row);
}

void catalog_service::needs(const delete_product_type& m, need_list& list, const records&) const {
  list.add<&product_type_row::key>(m.key);
  list.add<&product_type_use_row::key>(m.key);
}

result<nothing> catalog_service::decide(const delete_product_type& m, decision& d) const {
  const auto* found = d.of<product_type_row>().find(m.key);
  if (!found) return not_found("product type");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  const auto* use = d.of<product_type_use_row>().find(m.key);
  if ((use && use->has_products) ||
      d.of<product_row>().find_by<&product_row::product_type>(std::optional(m.key))) {
    return conflict("product_type_in_use", "Products have this type.");
  }
  d.of<product_type_row>().erase(m.key);
  return nothing{};
}

result<product_type_view> catalog_service::read(const get_product_type& q, const call_context&,
                                                db::connection& c) const {
  const auto found = read_product_type(c, q.key);
  if (!found) return not_found("product type");
  return view_of(*found);
}

result<product_type_page> catalog_service::read(const list_product_types&, const call_context&,
                                                db::connection& c) const {
  product_type_page page;
  for (const auto& t : read_product_types(c)) page.data.push_back(view_of(t));
  return page;
}

void need_type(const std::optional<std::string>& key, catalog_service::need_list& list) {
  if (key) list.add<&product_type_row::key>(*key);
}

std::vector<specification> specifications_of(catalog_service::decision& d, const product_row& p) {
  const auto* type = p.product_type ? d.of<product_type_row>().find(*p.product_type) : nullptr;
  if (!type) return {};
  return specifications_of(type->attributes, p.attributes);
}

std::optional<problem> check_type(catalog_service::decision& d, const product_row& p) {
  if (!p.product_type) return std::nullopt;
  const auto* type = d.of<product_type_row>().find(*p.product_type);
  if (!type) return invalid_field("/product_type", "unknown", "Unknown product type.");
  const bool is_sold = p.status == product_status::Active || p.publish_at;
  return check_attributes(type->attributes, p.attributes, is_sold);
}

std::optional<problem> check_type_key(const std::string& key) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  const bool good = !key.empty() && key.size() <= 64 && std::ranges::all_of(key, is_part);
  if (good) return std::nullopt;
  return invalid_field("/key", "format",
                       "A key has at most 64 lower-case letters, digits, hyphens and _.");
}

}  // namespace stoa::catalog
