#pragma once
// Puts products into the catalogue of a store that is not being served, a batch a transaction.

#include "actors/catalog/catalog_service.hpp"
#include "config/settings.hpp"
#include "net/cli/offline_service.hpp"
#include "net/shopify/catalog_mapping.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace stoa::cli {

using offline_catalog = offline_service<catalog::catalog_service>;

/// Opens the catalogue of the settings' data directory.
offline_catalog open_catalog(const settings& s);

struct load_counts {
  std::size_t created = 0;
  std::size_t updated = 0;
  std::size_t unchanged = 0;
  std::size_t refused = 0;

  std::size_t all() const { return created + updated + unchanged + refused; }
};

class catalog_loader {
 public:
  /// What became of a product that was not taken (`refused`), or taken with something left out.
  using problem_sink = std::function<void(std::size_t line, const std::string& handle,
                                          const std::string& what, bool refused)>;

  catalog_loader(offline_catalog& catalog, std::string currency, bool set_stock,
                 problem_sink on_problem);

  /// Throws std::runtime_error when the database cannot save any more.
  void add(const shopify::import_product& product);
  /// Saves what is waiting.
  void flush();
  const load_counts& counts() const { return counts_; }

 private:
  std::optional<catalog::product_view> find(const std::string& handle);
  void take(const kernel::answer& a, std::size_t line, const std::string& handle);

  offline_catalog& catalog_;
  std::string currency_;
  bool set_stock_;
  problem_sink on_problem_;
  bool was_empty_;
  std::size_t waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::string failure_;
  load_counts counts_;
};

}  // namespace stoa::cli
