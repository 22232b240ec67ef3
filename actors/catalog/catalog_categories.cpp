// The category tree. Changes of its structure load the whole tree, which is small, so that two
// changes of one batch cannot create a cycle.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "actors/kernel/entity_tag.hpp"

namespace stoa::catalog {

using kernel::nothing;

namespace {

using decision = catalog_service::decision;

/// The levels from the root to the category, inclusive; at most one more than allowed.
std::size_t depth_of(decision& d, std::optional<stoa::category_id> id) {
  std::size_t depth = 0;
  while (id && depth <= category_depth_max) {
    const auto* c = d.of<category_row>().find(*id);
    if (!c) break;
    ++depth;
    id = c->parent_category_id;
  }
  return depth;
}

/// The levels of the category's subtree, including itself.
std::size_t height_of(decision& d, stoa::category_id id, std::size_t bound = category_depth_max) {
  if (bound == 0) return 1;
  std::size_t below = 0;
  for (const auto* c : d.of<category_row>().where<&category_row::parent_category_id>(id)) {
    below = std::max(below, height_of(d, c->category_id, bound - 1));
  }
  return below + 1;
}

bool is_below(decision& d, std::optional<stoa::category_id> id, stoa::category_id root) {
  for (std::size_t i = 0; id && i <= category_depth_max; ++i) {
    if (*id == root) return true;
    const auto* c = d.of<category_row>().find(*id);
    if (!c) return false;
    id = c->parent_category_id;
  }
  return false;
}

std::optional<problem> check_place(decision& d, const std::optional<stoa::category_id>& parent,
                                   const std::string& name, stoa::category_id itself,
                                   std::size_t height) {
  if (parent && !d.of<category_row>().find(*parent)) {
    return invalid_field("/parent_category_id", "unknown", "Unknown category.");
  }
  if (depth_of(d, parent) + height > category_depth_max) {
    return invalid_field("/parent_category_id", "category_depth",
                         "The tree has at most " + std::to_string(category_depth_max) + " levels.");
  }
  for (const auto* c : d.of<category_row>().where<&category_row::parent_category_id>(parent)) {
    if (c->name == name && c->category_id != itself) {
      return conflict("category_exists", "The parent has a category with this name.");
    }
  }
  return std::nullopt;
}

category_view view_of(decision& d, const category_row& c, std::size_t bound = category_depth_max) {
  category_view v{c.category_id, c.name, c.description, {c.parent_category_id}, {}, c.handle};
  if (bound == 0) return v;
  for (const auto* child :
       d.of<category_row>().where<&category_row::parent_category_id>(c.category_id)) {
    v.children.push_back(view_of(d, *child, bound - 1));
  }
  return v;
}

}  // namespace

void need_categories(catalog_service::need_list& list) {
  list.add<&category_row::tree>(std::int64_t{0});
}

std::optional<problem> check_category_count(decision& d) {
  if (d.of<category_row>().where<&category_row::tree>(0).size() < categories_max) {
    return std::nullopt;
  }
  return conflict("too_many_categories",
                  "A store has at most " + std::to_string(categories_max) + " categories.");
}

void catalog_service::sort_by_name(std::vector<category_view>& siblings) const {
  struct keyed {
    std::string key;
    category_view* category;
  };
  std::vector<keyed> order;
  order.reserve(siblings.size());
  for (auto& c : siblings) order.push_back({collation_.key(c.name), &c});
  std::sort(order.begin(), order.end(), [](const keyed& a, const keyed& b) {
    return std::tie(a.key, a.category->category_id) < std::tie(b.key, b.category->category_id);
  });
  std::vector<category_view> sorted;
  sorted.reserve(siblings.size());
  for (const auto& k : order) {
    sort_by_name(k.category->children);
    sorted.push_back(std::move(*k.category));
  }
  siblings = std::move(sorted);
}

category_view catalog_service::shown(decision& d, const category_row& c) const {
  auto view = view_of(d, c);
  sort_by_name(view.children);
  return view;
}

void catalog_service::needs(const create_category& m, need_list& list, const records&) const {
  need_categories(list);
  const auto& handle = m.category.handle;
  if (handle) list.add<&resource_redirect_row::handle>(stored_name(*handle));
  if (!handle) need_free_handle(category_kind, stored_name(m.category.name), list);
}

result<category_view> catalog_service::decide(const create_category& m, decision& d) const {
  auto c = m.category;
  c.name = stored_name(c.name);
  if (auto bad = check_category_count(d)) return std::move(*bad);
  if (auto bad = check_place(d, c.parent_category_id, c.name, {}, 1)) return std::move(*bad);
  if (c.handle) c.handle = stored_name(*c.handle);
  if (auto bad = check_resource_handle(d, category_kind, c.handle, {})) return std::move(*bad);
  const auto id = d.new_id<stoa::category_id>();
  if (!c.handle) c.handle = free_handle(d, category_kind, c.name, id.value);
  take_resource_handle(d, category_kind, c.handle);
  const auto& row = d.of<category_row>().insert(
      {id, 0, c.name, c.description, c.parent_category_id, d.now, d.now, 0, c.handle});
  return shown(d, row);
}

void catalog_service::needs(const change_category& m, need_list& list, const records& all) const {
  need_categories(list);
  if (!m.change.handle.present) return;
  const auto* found = all.of<category_row>().find(m.category_id);
  if (!found) return;
  std::optional<std::string> wanted;
  if (m.change.handle.value) wanted = stored_name(*m.change.handle.value);
  need_resource_handles(found->handle, wanted, m.category_id.value, list);
  if (!wanted) {
    need_free_handle(category_kind, stored_name(m.change.name.value_or(found->name)), list);
  }
}

result<category_view> catalog_service::decide(const change_category& m, decision& d) const {
  const auto* found = d.of<category_row>().find(m.category_id);
  if (!found) return not_found("category");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return shown(d, *found); })) {
    return std::move(*bad);
  }
  category_row row = *found;
  if (m.change.name) row.name = stored_name(*m.change.name);
  if (m.change.description.present) row.description = m.change.description.value;
  if (m.change.parent_category_id.present) {
    row.parent_category_id = m.change.parent_category_id.value;
    if (is_below(d, row.parent_category_id, row.category_id)) {
      return invalid_field("/parent_category_id", "category_cycle",
                           "A category cannot be its own ancestor.");
    }
  }
  if (auto bad = check_place(d, row.parent_category_id, row.name, row.category_id,
                             height_of(d, row.category_id))) {
    return std::move(*bad);
  }
  if (m.change.handle.value) row.handle = stored_name(*m.change.handle.value);
  if (m.change.handle.present && !m.change.handle.value) {
    row.handle = free_handle(d, category_kind, row.name, row.category_id.value);
  }
  if (row.handle != found->handle) {
    if (auto bad = check_resource_handle(d, category_kind, row.handle, row.category_id.value)) {
      return std::move(*bad);
    }
    keep_resource_handle(d, category_kind, row.category_id.value, found->handle, row.handle);
  }
  if (row != *found) {
    row.updated_at = d.now;
    d.of<category_row>().edit(m.category_id) = row;
  }
  return shown(d, *d.of<category_row>().find(m.category_id));
}

void catalog_service::needs(const delete_category& m, need_list& list, const records&) const {
  if (m.precondition) need_categories(list);  // The category's representation includes its subtree.
  list.add<&category_row::category_id>(m.category_id);
  list.add<&category_row::parent_category_id>(m.category_id);
  list.add<&category_use_row::category_id>(m.category_id);
  list.add<&collection_row::list>(std::int64_t{0});
  list.add<&resource_redirect_row::resource_id>(m.category_id.value);
}

result<nothing> catalog_service::decide(const delete_category& m, decision& d) const {
  const auto* found = d.of<category_row>().find(m.category_id);
  if (!found) return not_found("category");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return shown(d, *found); })) {
    return std::move(*bad);
  }
  const auto* use = d.of<category_use_row>().find(m.category_id);
  if (d.of<category_row>().find_by<&category_row::parent_category_id>(m.category_id) ||
      d.of<product_row>().find_by<&product_row::category_id>(m.category_id) ||
      (use && use->has_products)) {
    return conflict("category_in_use", "The category has products or subcategories.");
  }
  for (const auto* c : d.of<collection_row>().where<&collection_row::list>(0)) {
    if (c->rule && c->rule->category_id == m.category_id) {
      return conflict("category_in_use",
                      "The rule of the collection " + c->name + " has the category.");
    }
  }
  remove_resource_handles(d, category_kind, m.category_id.value);
  d.of<category_row>().erase(m.category_id);
  return nothing{};
}

}  // namespace stoa::catalog
