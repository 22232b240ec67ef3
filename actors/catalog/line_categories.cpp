// Lines of categories, which are identified by the names from the root.

#include "actors/catalog/line_parts.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

std::optional<problem> bind_category(const json::value& line, import_line& to) {
  auto bound = json::read_value<category_line>(line);
  if (!bound) return bound.error();
  if (bound->parent_category_id.present) {
    return invalid_field("/parent_category_id", "exclusive", "The path contains the parent.");
  }
  for (auto& name : bound->path) name = stored_name(name);
  if (auto bad = check_locales(bound->translations)) return bad;
  to.category = std::move(*bound);
  return std::nullopt;
}

void need_category_line(const catalog_service& service, const import_line& m,
                        catalog_service::need_list& list, const catalog_service::records& all) {
  service.needs(create_category{}, list, all);
  for (const auto& name : m.category->path) need_free_handle(category_kind, name, list);
  const auto& handle = m.category->handle;
  if (handle.value) list.add<&resource_redirect_row::handle>(stored_name(*handle.value));
  for (const auto& earlier : m.category->earlier_handles.value.value_or(category_names{})) {
    list.add<&category_row::handle>(stored_name(earlier));
  }
  need_earlier_handles(m.category->earlier_handles, {}, list);
  const category_row* at = nullptr;
  for (const auto& name : m.category->path) {
    const category_row* next = nullptr;
    const auto parent = at ? std::optional(at->category_id) : std::nullopt;
    for (const auto* c : all.of<category_row>().where<&category_row::name>(name)) {
      if (c->parent_category_id == parent) next = c;
    }
    at = next;
    if (!at) return;
  }
  const category_change& change = *m.category;
  service.needs(change_category{at->category_id, change}, list, all);
  need_earlier_handles(m.category->earlier_handles, at->category_id.value, list);
  list.add<&translation_row::resource_id>(at->category_id.value);
}

std::optional<problem> apply_category(line_run& run) {
  const auto& line = *run.m.category;
  category_names path;
  const category_row* at = nullptr;
  for (const auto& name : line.path) {
    path.push_back(name);
    const auto* known = find_path(run.d, path);
    run.is_new = !known;
    if (!known) {
      new_category fresh;
      fresh.name = name;
      if (at) fresh.parent_category_id = at->category_id;
      if (path.size() == line.path.size()) fresh.handle = line.handle.value;
      const create_category command{std::move(fresh)};
      const auto made = run.service.decide(command, run.d);
      if (!made) return made.error();
      known = run.d.of<category_row>().find(made->category_id);
      run.changes.add({}, "category", "", name);
    }
    at = known;
  }
  if (!at) return invalid_field("/path", "too_short", "A category has a name.");
  const auto before = at->description;
  const auto handle_before = at->handle;
  const auto id = at->category_id;
  const category_change& change = line;
  const change_category command{id, change};
  if (const auto changed = run.service.decide(command, run.d); !changed) return changed.error();
  const auto& after = *run.d.of<category_row>().find(id);
  run.changes.add({}, "description", before.value_or(""), after.description.value_or(""));
  run.changes.add({}, "handle", handle_before.value_or(""), after.handle.value_or(""));
  apply_resource_handles(run, category_kind, id.value, line.earlier_handles);
  return apply_translations(run, line.translations, translated_kind::category, id.value);
}

line_page read_category_lines(line_source& from) {
  line_page page;
  std::map<stoa::category_id, category_row> rows;
  for (auto& r : read_categories(from.c)) rows.emplace(r.category_id, r);
  // Parents come before their children.
  std::map<category_names, stoa::category_id> sorted;
  for (auto& [id, path] : read_paths(from.c)) sorted.emplace(std::move(path), id);
  // If the category is gone, its lines are repeated: importing them again changes nothing.
  auto at = sorted.begin();
  if (from.q.after) {
    at = std::ranges::find_if(
        sorted, [&](const auto& entry) { return entry.second.str() == *from.q.after; });
    at = at == sorted.end() ? sorted.begin() : std::next(at);
  }
  std::size_t bytes = 0;
  for (; at != sorted.end(); ++at) {
    const auto& row = rows.at(at->second);
    category_line line;
    line.path = at->first;
    if (row.description) line.description = {true, row.description};
    if (row.handle) line.handle = {true, row.handle};
    line.earlier_handles = earlier_handles_of(from.c, row.category_id.value);
    auto translations = translations_by_id(from.c, {row.category_id.value});
    if (!translations.empty()) line.translations = std::move(translations.begin()->second);
    page.lines.push_back(typed_line("category", json::write(line)));
    bytes += page.lines.back().size();
    if (bytes < line_page_bytes) continue;
    page.next = at->second.str();
    break;
  }
  return page;
}

}  // namespace

void need_path(const category_names& path, catalog_service::need_list& list) {
  for (const auto& name : path) list.add<&category_row::name>(name);
}

const category_row* find_path(decision& d, const category_names& path) {
  const category_row* at = nullptr;
  for (const auto& name : path) {
    const auto parent = at ? std::optional(at->category_id) : std::nullopt;
    at = nullptr;
    for (const auto* c : d.of<category_row>().where<&category_row::name>(name)) {
      if (c->parent_category_id == parent) at = c;
    }
    if (!at) return nullptr;
  }
  return at;
}

std::map<stoa::category_id, category_names> read_paths(db::connection& c) {
  std::map<stoa::category_id, category_row> rows;
  for (auto& r : read_categories(c)) rows.emplace(r.category_id, r);
  std::map<stoa::category_id, category_names> paths;
  for (const auto& [id, row] : rows) {
    category_names path;
    const auto* at = &row;
    while (at && path.size() < category_depth_max) {
      path.insert(path.begin(), at->name);
      const auto parent = at->parent_category_id ? rows.find(*at->parent_category_id) : rows.end();
      at = parent == rows.end() ? nullptr : &parent->second;
    }
    paths.emplace(id, std::move(path));
  }
  return paths;
}

const line_handler category_lines{"category", bind_category, need_category_line, apply_category,
                                  read_category_lines};

}  // namespace stoa::catalog
