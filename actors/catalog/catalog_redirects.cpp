// Earlier handles of products, so that links to them continue to work.

#include "actors/catalog/catalog_parts.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {}  // namespace

void need_redirects(const product_change& change, stoa::product_id id,
                    catalog_service::need_list& list, const catalog_service::records& all) {
  if (!change.handle.present) return;
  list.add<&redirect_row::product_id>(id);
  const auto* p = all.of<product_row>().find(id);
  if (p && p->handle) list.add<&redirect_row::handle>(*p->handle);
}

void need_redirect(const std::optional<std::string>& handle, catalog_service::need_list& list) {
  if (handle) list.add<&redirect_row::handle>(*handle);
}

void keep_handle(catalog_service::decision& d, const product_row& before,
                 const product_row& after) {
  if (before.handle == after.handle) return;
  take_handle(d, after.handle);
  if (!before.handle) return;
  auto& redirects = d.of<redirect_row>();
  if (redirects.find(*before.handle)) {
    auto& known = redirects.edit(*before.handle);
    known.product_id = after.product_id;
    known.created_at = d.now;
    return;
  }
  auto kept = redirects.where<&redirect_row::product_id>(after.product_id);
  if (kept.size() >= earlier_handles_max) {
    const auto oldest = std::ranges::min_element(
        kept, {}, [](const auto* r) { return std::pair(r->created_at, r->handle); });
    redirects.erase((*oldest)->handle);
  }
  redirects.insert({*before.handle, after.product_id, d.now});
}

void take_handle(catalog_service::decision& d, const std::optional<std::string>& handle) {
  if (handle && d.of<redirect_row>().find(*handle)) d.of<redirect_row>().erase(*handle);
}

void remove_redirects(catalog_service::decision& d, stoa::product_id id) {
  std::vector<std::string> handles;
  for (const auto* r : d.of<redirect_row>().where<&redirect_row::product_id>(id)) {
    handles.push_back(r->handle);
  }
  for (const auto& handle : handles) d.of<redirect_row>().erase(handle);
}

}  // namespace stoa::catalog
