#include "net/cli/offline_catalog.hpp"

#include "net/shopify/catalog_mapping.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <utility>

namespace stoa::cli {

namespace {

template <class Service, class Command>
kernel::answer run_at_once(offline_service<Service>& service, Command command) {
  kernel::answer answered;
  service.add(std::move(command), [&](kernel::answer a) { answered = std::move(a); });
  service.flush();
  return answered;
}

}  // namespace

offline_catalog::offline_catalog(const settings& s)
    : settings_(s), service_(s, catalog::catalog_service(catalog::options_of(s))) {
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

offline_service<pricing::pricing_service>& offline_catalog::pricing() {
  if (!pricing_) {
    pricing_.emplace(settings_, pricing::pricing_service(pricing::options_of(settings_)),
                     service_.folder());
  }
  return *pricing_;
}

kernel::answer offline_catalog::run(catalog::find_references query) {
  auto found = service_.read(query);
  if (!found) return {nullptr, found.error(), false};
  return {std::make_shared<catalog::found_references>(std::move(*found)), std::nullopt, false};
}

kernel::answer offline_catalog::run(catalog::count_lines command) {
  return run_at_once(service_, std::move(command));
}

kernel::answer offline_catalog::run(pricing::import_price_list command) {
  return run_at_once(pricing(), std::move(command));
}

kernel::answer offline_catalog::run(pricing::import_prices command) {
  return run_at_once(pricing(), std::move(command));
}

}  // namespace stoa::cli
