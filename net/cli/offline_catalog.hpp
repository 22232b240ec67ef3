#pragma once
// Imports into the catalogue of a store that is not being served.

#include "actors/catalog/catalog_service.hpp"
#include "config/settings.hpp"
#include "net/cli/offline_service.hpp"
#include "net/shopify/catalog_target.hpp"

namespace stoa::cli {

class offline_catalog final : public shopify::catalog_target {
 public:
  /// Opens the catalogue of the settings; throws like offline_service.
  explicit offline_catalog(const settings& s);

  std::optional<catalog::product_view> find(const std::string& handle) override;
  void send(catalog::import_product command, answered done) override;
  void send(catalog::import_sku command, answered done) override;
  void send(catalog::import_line command, answered done) override;
  void flush() override { service_.flush(); }

  offline_service<catalog::catalog_service>& service() { return service_; }
  db::connection& database() { return service_.database(); }

 private:
  offline_service<catalog::catalog_service> service_;
};

}  // namespace stoa::cli
