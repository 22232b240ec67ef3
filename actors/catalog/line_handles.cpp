// The earlier handles of categories and collections in lines.

#include "actors/catalog/line_parts.hpp"
#include "actors/catalog/stored_texts.hpp"

#include <set>

namespace stoa::catalog {

namespace {

bool has_resource(catalog_service::decision& d, std::string_view kind, const std::string& handle) {
  const std::optional<std::string> wanted(handle);
  if (kind == category_kind) return d.of<category_row>().find_by<&category_row::handle>(wanted);
  return d.of<collection_row>().find_by<&collection_row::handle>(wanted);
}

}  // namespace

void need_earlier_handles(const patch<std::vector<std::string>>& handles, const uuid& resource,
                          catalog_service::need_list& list) {
  if (!handles.present) return;
  list.add<&resource_redirect_row::resource_id>(resource);
  for (const auto& handle : handles.value.value_or(std::vector<std::string>{})) {
    list.add<&resource_redirect_row::handle>(stored_name(handle));
  }
}

void apply_resource_handles(line_run& run, std::string_view kind, const uuid& resource,
                            const patch<std::vector<std::string>>& handles) {
  if (!handles.present) return;
  const std::string of(kind);
  auto& redirects = run.d.of<resource_redirect_row>();
  std::set<std::string> wanted;
  for (const auto& handle : handles.value.value_or(std::vector<std::string>{})) {
    wanted.insert(stored_name(handle));
  }
  std::vector<std::string> gone;
  for (const auto* r : redirects.where<&resource_redirect_row::resource_id>(resource)) {
    if (wanted.erase(r->handle) == 0) gone.push_back(r->handle);
  }
  for (const auto& handle : gone) {
    run.changes.add({}, "earlier_handles", handle, "");
    redirects.erase(handle, of);
  }
  for (const auto& handle : wanted) {
    if (has_resource(run.d, kind, handle)) {
      run.note("The earlier handle " + handle + " is that of a " + of + " now.");
      continue;
    }
    if (redirects.find(handle, of)) {
      run.note("The earlier handle " + handle + " is that of another " + of + ".");
      continue;
    }
    run.changes.add({}, "earlier_handles", "", handle);
    redirects.insert({handle, of, resource, run.d.now});
  }
}

patch<std::vector<std::string>> earlier_handles_of(db::connection& c, const uuid& resource) {
  std::vector<std::string> handles;
  for (auto& r : read_resource_redirects(c, resource)) handles.push_back(std::move(r.handle));
  if (handles.empty()) return {};
  return {true, std::move(handles)};
}

}  // namespace stoa::catalog
