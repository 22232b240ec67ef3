// Collections: groups of products for a storefront, made by hand or by a rule.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/facet_filter.hpp"
#include "actors/catalog/product_rules.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "storage/catalog/collection_store.hpp"

#include <algorithm>
#include <set>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

collection_view view_of(const collection_row& c, bool staff) {
  collection_view v;
  v.collection_id = c.collection_id;
  v.handle = c.handle;
  v.name = c.name;
  v.description = c.description;
  v.sort = c.sort;
  v.created_at = c.created_at;
  v.updated_at = c.updated_at;
  if (staff) {
    v.published = c.published;
    v.rule = c.rule;
  }
  return v;
}

/// The view for staff, from the records; without deleted products.
collection_view staff_view(decision& d, const collection_row& c) {
  auto view = view_of(c, true);
  if (c.rule) return view;
  auto members =
      d.of<collection_product_row>().where<&collection_product_row::collection_id>(c.collection_id);
  std::ranges::sort(members, {}, [](const auto* m) { return m->position; });
  auto& ids = view.product_ids.emplace();
  for (const auto* m : members) {
    if (find_existing(d, m->product_id)) ids.push_back(m->product_id);
  }
  return view;
}

void need_collection(stoa::collection_id id, catalog_service::need_list& list,
                     const catalog_service::records& all) {
  list.add<&collection_row::collection_id>(id);
  list.add<&collection_product_row::collection_id>(id);
  for (const auto* m :
       all.of<collection_product_row>().where<&collection_product_row::collection_id>(id)) {
    list.add<&product_row::product_id>(m->product_id);
  }
}

void need_terms(const collection_terms& terms, catalog_service::need_list& list) {
  if (terms.handle) {
    list.add<&collection_row::handle>(stored_name(*terms.handle));
    list.add<&resource_redirect_row::handle>(stored_name(*terms.handle));
  } else {
    need_free_handle(collection_kind, stored_name(terms.name), list);
  }
  if (terms.rule && terms.rule->category_id) {
    list.add<&category_row::category_id>(*terms.rule->category_id);
  }
  if (!terms.product_ids) return;
  for (auto id : *terms.product_ids) list.add<&product_row::product_id>(id);
}

std::optional<problem> check_rule(decision& d, const collection_rule& rule) {
  if (rule.category_id && !d.of<category_row>().find(*rule.category_id)) {
    return invalid_field("/rule/category_id", "unknown", "Unknown category.");
  }
  if (is_empty_range(rule.min_price, rule.max_price)) {
    return invalid_field("/rule/max_price", "range", "The highest price is below the lowest one.");
  }
  if (rule.filter) {
    if (auto parsed = parse_filter(*rule.filter); !parsed) {
      const auto error = parsed.error().errors.front();
      return invalid_field("/rule/filter", error.code, error.detail);
    }
  }
  if (rule == collection_rule{}) {
    return invalid_field("/rule", "required", "A rule has at least one condition.");
  }
  return std::nullopt;
}

std::optional<problem> check_members(decision& d, const std::vector<stoa::product_id>& ids) {
  std::set<stoa::product_id> known;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto pointer = "/product_ids/" + std::to_string(i);
    const auto* p = find_existing(d, ids[i]);
    if (!p) return invalid_field(pointer, "unknown", "Unknown product.");
    if (p->parent_product_id) {
      return invalid_field(pointer, "is_variant", "A collection has products, not variants.");
    }
    if (!known.insert(ids[i]).second) {
      return invalid_field(pointer, "duplicate", "The product is listed twice.");
    }
  }
  return std::nullopt;
}

std::optional<problem> check_terms(decision& d, const collection_terms& terms,
                                   stoa::collection_id itself) {
  if (terms.rule && terms.product_ids) {
    return invalid_field("/product_ids", "exclusive",
                         "A collection has a rule or a list of products.");
  }
  if (auto bad = check_resource_handle(d, collection_kind, terms.handle, itself.value)) return bad;
  if (terms.rule) return check_rule(d, *terms.rule);
  return check_members(d, terms.product_ids.value_or(std::vector<stoa::product_id>{}));
}

collection_terms stored_terms(collection_terms terms) {
  terms.name = stored_name(terms.name);
  if (terms.handle) terms.handle = stored_name(*terms.handle);
  return terms;
}

/// Without a handle in the terms the collection keeps its own.
void apply_terms(decision& d, collection_row& row, const collection_terms& terms) {
  const auto before = row.handle;
  if (terms.handle) row.handle = terms.handle;
  if (!row.handle) {
    row.handle = free_handle(d, collection_kind, terms.name, row.collection_id.value);
  }
  keep_resource_handle(d, collection_kind, row.collection_id.value, before, row.handle);
  row.name = terms.name;
  row.description = terms.description;
  row.published = terms.published;
  row.rule = terms.rule;
  row.sort = terms.sort;
}

/// Sets the products; true if that changes them.
bool set_members(decision& d, stoa::collection_id id, const collection_terms& terms) {
  auto& members = d.of<collection_product_row>();
  std::map<stoa::product_id, std::int64_t> wanted;
  if (terms.product_ids && !terms.rule) {
    for (auto p : *terms.product_ids) {
      wanted.emplace(p, static_cast<std::int64_t>(wanted.size()) + 1);
    }
  }
  std::vector<stoa::product_id> gone;
  bool changed = false;
  for (const auto* m : members.where<&collection_product_row::collection_id>(id)) {
    const auto at = wanted.find(m->product_id);
    if (at == wanted.end()) {
      gone.push_back(m->product_id);
      continue;
    }
    if (m->position != at->second) {
      members.edit(id, m->product_id).position = at->second;
      changed = true;
    }
    wanted.erase(at);
  }
  for (auto p : gone) members.erase(id, p);
  for (const auto& [p, position] : wanted) members.insert({id, p, position});
  return changed || !gone.empty() || !wanted.empty();
}

}  // namespace

void catalog_service::needs(const create_collection& m, need_list& list, const records&) const {
  list.add<&collection_row::list>(std::int64_t{0});
  need_terms(m.terms, list);
}

result<collection_view> catalog_service::decide(const create_collection& m, decision& d) const {
  const auto terms = stored_terms(m.terms);
  if (d.of<collection_row>().where<&collection_row::list>(0).size() >= collections_max) {
    return conflict("too_many_collections",
                    "A store has at most " + std::to_string(collections_max) + " collections.");
  }
  if (auto bad = check_terms(d, terms, {})) return std::move(*bad);
  collection_row row;
  row.collection_id = m.collection_id ? *m.collection_id : d.new_id<stoa::collection_id>();
  row.created_at = row.updated_at = d.now;
  apply_terms(d, row, terms);
  d.of<collection_row>().insert(row);
  set_members(d, row.collection_id, terms);
  return staff_view(d, row);
}

void catalog_service::needs(const replace_collection& m, need_list& list,
                            const records& all) const {
  need_collection(m.collection_id, list, all);
  need_terms(m.terms, list);
  const auto* found = all.of<collection_row>().find(m.collection_id);
  need_resource_handles(found ? found->handle : std::nullopt, {}, m.collection_id.value, list);
}

result<collection_view> catalog_service::decide(const replace_collection& m, decision& d) const {
  const auto* found = d.of<collection_row>().find(m.collection_id);
  if (!found) return not_found("collection");
  if (auto bad =
          kernel::check_precondition(m.precondition, [&] { return staff_view(d, *found); })) {
    return std::move(*bad);
  }
  const auto terms = stored_terms(m.terms);
  if (auto bad = check_terms(d, terms, m.collection_id)) return std::move(*bad);
  collection_row row = *found;
  apply_terms(d, row, terms);
  const bool new_members = set_members(d, m.collection_id, terms);
  if (row != *found || new_members) {
    row.updated_at = d.now;
    d.of<collection_row>().edit(m.collection_id) = row;
  }
  return staff_view(d, *d.of<collection_row>().find(m.collection_id));
}

void catalog_service::needs(const delete_collection& m, need_list& list, const records& all) const {
  need_collection(m.collection_id, list, all);
  list.add<&resource_redirect_row::resource_id>(m.collection_id.value);
}

result<nothing> catalog_service::decide(const delete_collection& m, decision& d) const {
  const auto* found = d.of<collection_row>().find(m.collection_id);
  if (!found) return not_found("collection");
  if (auto bad =
          kernel::check_precondition(m.precondition, [&] { return staff_view(d, *found); })) {
    return std::move(*bad);
  }
  set_members(d, m.collection_id, {});
  remove_resource_handles(d, collection_kind, m.collection_id.value);
  d.of<collection_row>().erase(m.collection_id);
  return nothing{};
}

result<collection_view> catalog_service::read(const get_collection& q, const call_context& context,
                                              db::connection& c) const {
  const bool staff = q.for_staff && may_see_all(context);
  const auto found = read_collection(c, q.collection_id);
  if (!found || (!staff && !found->published)) return not_found("collection");
  auto view = view_of(*found, staff);
  if (staff && !found->rule) view.product_ids = read_collection_products(c, q.collection_id);
  std::vector<collection_view> one{std::move(view)};
  translate(c, q.locale, one);
  return std::move(one.front());
}

result<collection_page> catalog_service::read(const list_collections& q,
                                              const call_context& context,
                                              db::connection& c) const {
  const bool staff = q.for_staff && may_see_all(context);
  std::optional<uuid> wanted;
  if (q.handle) {
    wanted = resource_id_of_handle(c, std::string(collection_kind), *q.handle);
    if (!wanted) return collection_page{};
  }
  collection_page page;
  for (const auto& row : read_collections(c)) {
    if (!staff && !row.published) continue;
    if (wanted && row.collection_id.value != *wanted) continue;
    page.data.push_back(view_of(row, staff));
  }
  translate(c, q.locale, page.data);
  std::ranges::sort(page.data, {}, [&](const collection_view& one) {
    return std::pair(collation_.key(one.name), one.collection_id);
  });
  return page;
}

}  // namespace stoa::catalog
