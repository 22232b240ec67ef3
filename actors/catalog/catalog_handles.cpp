// Automatic handles, and the earlier handles of categories and collections.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/product_rules.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/handle_text.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

/// The handles that are looked up: of further resources with the same name it ends with a part of
/// the id.
constexpr int handle_numbers_max = 5;
constexpr std::size_t id_digits = 12;
/// Resources without a handle that one sweep gives one.
constexpr std::size_t assigned_at_once = 100;

std::string base_of(std::string_view kind, std::string_view name) {
  auto text = handle_text(name);
  if (text.empty()) return std::string(kind);
  // Product files identify products without a handle by their ids.
  if (uuid::parse(text)) return std::string(kind) + "-" + text;
  return text;
}

std::string numbered_handle(const std::string& base, int number) {
  return number == 1 ? base : base + "-" + std::to_string(number);
}

/// Whether a record of this batch has the handle.
bool is_taken_now(decision& d, std::string_view kind, const std::string& handle, const uuid& id) {
  const std::optional<std::string> wanted(handle);
  if (kind == product_kind) {
    const auto* p = d.of<product_row>().find_by<&product_row::handle>(wanted);
    const auto* r = d.of<redirect_row>().find(handle);
    return (p && p->product_id.value != id) || (r && r->product_id.value != id);
  }
  const auto* r = d.of<resource_redirect_row>().find(handle, std::string(kind));
  if (r && r->resource_id != id) return true;
  if (kind == category_kind) {
    const auto* c = d.of<category_row>().find_by<&category_row::handle>(wanted);
    return c && c->category_id.value != id;
  }
  const auto* c = d.of<collection_row>().find_by<&collection_row::handle>(wanted);
  return c && c->collection_id.value != id;
}

/// Whether another resource of the kind has or had the handle.
bool is_taken(decision& d, std::string_view kind, const std::string& handle, const uuid& id) {
  const std::string current(kind);
  for (const auto& used : {current, current + "_earlier"}) {
    const auto* by = d.of<handle_use_row>().find(handle, used);
    if (by && by->resource_id != id) return true;
  }
  return is_taken_now(d, kind, handle, id);
}

}  // namespace

void need_free_handle(std::string_view kind, std::string_view name,
                      catalog_service::need_list& list) {
  const auto base = base_of(kind, name);
  for (int n = 1; n <= handle_numbers_max; ++n) {
    list.add<&handle_use_row::handle>(numbered_handle(base, n));
  }
}

std::string free_handle(decision& d, std::string_view kind, std::string_view name, const uuid& id) {
  const auto base = base_of(kind, name);
  for (int n = 1; n <= handle_numbers_max; ++n) {
    auto handle = numbered_handle(base, n);
    if (!is_taken(d, kind, handle, id)) return handle;
  }
  const auto text = id.str();
  return base + "-" + text.substr(text.size() - id_digits);
}

void need_resource_handles(const std::optional<std::string>& before,
                           const std::optional<std::string>& wanted, const uuid& id,
                           catalog_service::need_list& list) {
  list.add<&resource_redirect_row::resource_id>(id);
  for (const auto* handle : {&before, &wanted}) {
    if (*handle) list.add<&resource_redirect_row::handle>(**handle);
  }
}

void take_resource_handle(decision& d, std::string_view kind,
                          const std::optional<std::string>& handle) {
  const std::string of(kind);
  auto& redirects = d.of<resource_redirect_row>();
  if (handle && redirects.find(*handle, of)) redirects.erase(*handle, of);
}

void keep_resource_handle(decision& d, std::string_view kind, const uuid& id,
                          const std::optional<std::string>& before,
                          const std::optional<std::string>& after) {
  if (before == after) return;
  take_resource_handle(d, kind, after);
  if (!before) return;
  const std::string of(kind);
  auto& redirects = d.of<resource_redirect_row>();
  take_resource_handle(d, kind, before);
  auto kept = redirects.where<&resource_redirect_row::resource_id>(id);
  if (kept.size() >= earlier_handles_max) {
    const auto* oldest = *std::ranges::min_element(
        kept, {}, [](const auto* r) { return std::pair(r->created_at, r->handle); });
    const auto handle = oldest->handle;
    redirects.erase(handle, of);
  }
  redirects.insert({*before, of, id, d.now});
}

void remove_resource_handles(decision& d, std::string_view kind, const uuid& id) {
  std::vector<std::string> handles;
  auto& redirects = d.of<resource_redirect_row>();
  for (const auto* r : redirects.where<&resource_redirect_row::resource_id>(id)) {
    handles.push_back(r->handle);
  }
  for (const auto& handle : handles) redirects.erase(handle, std::string(kind));
}

std::optional<problem> check_resource_handle(decision& d, std::string_view kind,
                                             const std::optional<std::string>& handle,
                                             const uuid& id) {
  if (!handle) return std::nullopt;
  if (auto bad = check_handle(handle)) return bad;
  std::optional<uuid> other;
  if (kind == category_kind) {
    const auto* c = d.of<category_row>().find_by<&category_row::handle>(handle);
    if (c) other = c->category_id.value;
  } else {
    const auto* c = d.of<collection_row>().find_by<&collection_row::handle>(handle);
    if (c) other = c->collection_id.value;
  }
  if (!other || *other == id) return std::nullopt;
  const std::string noun(kind);
  auto p = conflict("handle_taken", "Another " + noun + " has this handle.");
  p.errors.push_back({"/handle", "taken", noun + " " + other->str()});
  return p;
}

// --- resources that an import or an earlier version has left without one -------------------------

void catalog_service::needs(const assign_handles& m, need_list& list, const records& all) const {
  for (auto id : m.product_ids) {
    list.add<&product_row::product_id>(id);
    const auto* p = all.of<product_row>().find(id);
    if (p) need_free_handle(product_kind, p->name, list);
  }
  for (auto id : m.category_ids) {
    list.add<&category_row::category_id>(id);
    const auto* c = all.of<category_row>().find(id);
    if (c) need_free_handle(category_kind, c->name, list);
  }
  for (auto id : m.collection_ids) {
    list.add<&collection_row::collection_id>(id);
    const auto* c = all.of<collection_row>().find(id);
    if (c) need_free_handle(collection_kind, c->name, list);
  }
}

result<nothing> catalog_service::decide(const assign_handles& m, decision& d) const {
  for (auto id : m.product_ids) {
    const auto* p = find_existing(d, id);
    if (!p || p->handle || p->parent_product_id) continue;
    const auto handle = free_handle(d, product_kind, p->name, id.value);
    auto& row = d.of<product_row>().edit(id);
    row.handle = handle;
    row.updated_at = d.now;
  }
  for (auto id : m.category_ids) {
    const auto* c = d.of<category_row>().find(id);
    if (!c || c->handle) continue;
    const auto handle = free_handle(d, category_kind, c->name, id.value);
    auto& row = d.of<category_row>().edit(id);
    row.handle = handle;
    row.updated_at = d.now;
  }
  for (auto id : m.collection_ids) {
    const auto* c = d.of<collection_row>().find(id);
    if (!c || c->handle) continue;
    const auto handle = free_handle(d, collection_kind, c->name, id.value);
    auto& row = d.of<collection_row>().edit(id);
    row.handle = handle;
    row.updated_at = d.now;
  }
  return nothing{};
}

void add_due_handles(db::connection& c, kernel::due_work& work) {
  auto found = read_unnamed(c, assigned_at_once);
  if (found.product_ids.empty() && found.category_ids.empty() && found.collection_ids.empty()) {
    return;
  }
  work.commands.push_back(kernel::any_message::of(assign_handles{std::move(found.product_ids),
                                                                 std::move(found.category_ids),
                                                                 std::move(found.collection_ids)}));
}

}  // namespace stoa::catalog
