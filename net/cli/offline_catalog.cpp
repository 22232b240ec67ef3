#include "net/cli/offline_catalog.hpp"

#include "net/shopify/catalog_mapping.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <utility>

namespace stoa::cli {

offline_catalog::offline_catalog(const settings& s)
    : service_(s, catalog::catalog_service(catalog::options_of(s))) {
  if (!catalog::product_ids_after(database(), std::nullopt, 1).empty()) return;
  // Builds the search index of all products here, so that the server need not rebuild it.
  service_.add(catalog::index_all_products{service_.service().search_maker()},
               [](const kernel::answer&) {});
}

/// A file contains each handle once, so a product in the pending batch is never searched for.
std::optional<catalog::product_view> offline_catalog::find(const std::string& handle) {
  auto id = catalog::product_id_of_handle(database(), handle);
  auto found =
      service_.read(catalog::get_product{id.value_or(shopify::catalog_id_of(handle)), true});
  if (!found) return std::nullopt;
  return std::move(*found);
}

void offline_catalog::send(catalog::import_product command, answered done) {
  service_.add(std::move(command), std::move(done));
}

void offline_catalog::send(catalog::import_sku command, answered done) {
  service_.add(std::move(command), std::move(done));
}

void offline_catalog::send(catalog::import_line command, answered done) {
  service_.add(std::move(command), std::move(done));
}

}  // namespace stoa::cli
