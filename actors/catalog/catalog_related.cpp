// Products that a storefront shows with a product.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/collection_store.hpp"

#include <algorithm>
#include <set>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

related_refs refs_of(std::vector<relation_row> rows) {
  std::ranges::sort(rows, {}, &relation_row::position);
  related_refs refs;
  for (const auto& r : rows) refs.data.push_back({r.related_product_id, r.kind});
  return refs;
}

std::vector<relation_row> relations_in(decision& d, stoa::product_id id) {
  std::vector<relation_row> rows;
  for (const auto* r : d.of<relation_row>().where<&relation_row::product_id>(id)) {
    rows.push_back(*r);
  }
  return rows;
}

std::optional<problem> check_related(decision& d, const set_related& m) {
  std::set<std::pair<relation_kind, stoa::product_id>> known;
  for (std::size_t i = 0; i < m.related.data.size(); ++i) {
    const auto& one = m.related.data[i];
    const auto pointer = "/data/" + std::to_string(i) + "/product_id";
    const auto* p = find_existing(d, one.product_id);
    if (!p) return invalid_field(pointer, "unknown", "Unknown product.");
    if (p->parent_product_id) {
      return invalid_field(pointer, "is_variant", "Products are related, not variants.");
    }
    if (one.product_id == m.product_id) {
      return invalid_field(pointer, "itself", "A product is not related to itself.");
    }
    if (!known.insert({one.kind, one.product_id}).second) {
      return invalid_field(pointer, "duplicate", "The product is listed twice with this kind.");
    }
  }
  return std::nullopt;
}

}  // namespace

void catalog_service::needs(const set_related& m, need_list& list, const records& all) const {
  list.add<&product_row::product_id>(m.product_id);
  list.add<&relation_row::product_id>(m.product_id);
  for (const auto* r : all.of<relation_row>().where<&relation_row::product_id>(m.product_id)) {
    list.add<&product_row::product_id>(r->related_product_id);
  }
  for (const auto& one : m.related.data) list.add<&product_row::product_id>(one.product_id);
}

result<related_refs> catalog_service::decide(const set_related& m, decision& d) const {
  const auto* p = find_existing(d, m.product_id);
  if (!p || p->parent_product_id) return not_found("product");
  const auto before = relations_in(d, m.product_id);
  const auto shown = [&] {
    auto existing = before;
    std::erase_if(existing, [&](const auto& r) { return !find_existing(d, r.related_product_id); });
    return refs_of(std::move(existing));
  };
  if (auto bad = kernel::check_precondition(m.precondition, shown)) {
    return std::move(*bad);
  }
  if (auto bad = check_related(d, m)) return std::move(*bad);
  auto& relations = d.of<relation_row>();
  std::int64_t position = 0;
  for (const auto& one : m.related.data) {
    ++position;
    const auto* known = relations.find(m.product_id, position);
    if (!known) {
      relations.insert({m.product_id, position, one.kind, one.product_id});
    } else if (known->kind != one.kind || known->related_product_id != one.product_id) {
      auto& row = relations.edit(m.product_id, position);
      row.kind = one.kind;
      row.related_product_id = one.product_id;
    }
  }
  for (const auto& r : before) {
    if (r.position > position) relations.erase(m.product_id, r.position);
  }
  return m.related;
}

result<related_refs> catalog_service::read(const get_related& q, const call_context& context,
                                           db::connection& c) const {
  if (!may_see_all(context)) return not_found("product");
  const auto found = read_product(c, q.product_id);
  if (!found || found->product.status == product_status::Deleted ||
      found->product.parent_product_id) {
    return not_found("product");
  }
  return refs_of(read_relations(c, q.product_id));
}

result<related_list> catalog_service::read(const show_related& q, const call_context&,
                                           db::connection& c) const {
  const auto found = read_product(c, q.product_id);
  if (!found || found->product.status != product_status::Active) return not_found("product");
  const auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(q.limit, 1, static_cast<std::int64_t>(related_products_max)));
  const auto itself = found->product.parent_product_id.value_or(q.product_id);
  auto rows = read_relations(c, itself);
  if (rows.empty() && found->product.category_id) {
    product_filter filter;
    filter.category_id = found->product.category_id;
    filter.status = product_status::Active;
    filter.limit = limit + 1;
    for (const auto& p : find_products(c, filter)) {
      if (p.product_id != itself) rows.push_back({itself, 0, relation_kind::similar, p.product_id});
    }
  }
  std::vector<stoa::product_id> ids;
  ids.reserve(rows.size());
  for (const auto& r : rows) ids.push_back(r.related_product_id);
  std::vector<product_view> visible;
  for (auto& parts : read_products(c, ids)) {
    if (parts.product.status == product_status::Active)
      visible.push_back(view_of(parts, false, options_.media_url));
  }
  translate(c, q.locale, visible);
  std::map<stoa::product_id, product_view> views;
  for (auto& v : visible) views.emplace(v.product_id, std::move(v));
  related_list list;
  for (const auto& r : rows) {
    const auto view = views.find(r.related_product_id);
    if (view == views.end() || list.data.size() == limit) continue;
    list.data.push_back({r.kind, view->second});
  }
  return list;
}

}  // namespace stoa::catalog
