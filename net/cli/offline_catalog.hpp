#pragma once
// Imports into the catalogue and the price lists of a store that is not being served.

#include "actors/catalog/catalog_service.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "config/settings.hpp"
#include "net/cli/offline_service.hpp"
#include "net/shopify/catalog_target.hpp"

#include <optional>

namespace stoa::cli {

class offline_catalog final : public shopify::catalog_target {
 public:
  /// Opens the catalogue of the settings, which must outlive this; throws like offline_service, and
  /// so does the first command for a price list.
  explicit offline_catalog(const settings& s);

  std::optional<catalog::product_view> find(const std::string& handle) override;
  void send(catalog::import_product command, answered done) override;
  void send(catalog::import_sku command, answered done) override;
  void send(catalog::import_line command, answered done) override;
  void flush() override { service_.flush(); }
  kernel::answer run(catalog::find_references query) override;
  kernel::answer run(catalog::count_lines command) override;
  kernel::answer run(pricing::import_price_list command) override;
  kernel::answer run(pricing::import_prices command) override;

  offline_service<catalog::catalog_service>& service() { return service_; }
  db::connection& database() { return service_.database(); }

 private:
  offline_service<pricing::pricing_service>& pricing();

  const settings& settings_;
  offline_service<catalog::catalog_service> service_;
  /// Opened when a line needs it.
  std::optional<offline_service<pricing::pricing_service>> pricing_;
};

}  // namespace stoa::cli
