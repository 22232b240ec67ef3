#pragma once
// Imports products into a catalogue in batches and counts the outcomes.

#include "net/shopify/catalog_mapping.hpp"
#include "net/shopify/catalog_target.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace stoa::shopify {

struct load_counts {
  std::size_t created = 0;
  std::size_t updated = 0;
  std::size_t unchanged = 0;
  std::size_t refused = 0;

  std::size_t all() const { return created + updated + unchanged + refused; }
};

/// Thrown when an import over HTTP was cancelled or taken over by another run.
struct import_ended {};

/// Identifies a product of the file.
struct loaded_product {
  std::size_t line = 0;
  std::string handle;
};

/// Receives the messages of an import.
class load_report {
 public:
  virtual ~load_report() = default;
  /// The product is not imported.
  virtual void refused(const loaded_product& product, const std::string& why) = 0;
  /// A part of the product is not imported.
  virtual void note(const loaded_product& product, const std::string& what) = 0;
  /// The changes that a dry run would make.
  virtual void changes(const loaded_product& product, const catalog::import_answer& answer) = 0;
};

class catalog_loader {
 public:
  /// A SKU that another product still has is set at the end of the file. SKUs beyond this number
  /// are not set.
  static constexpr std::size_t skus_waiting_max = 200'000;

  /// All three must outlive the loader.
  catalog_loader(catalog_target& target, mapping_options options, load_report& report);

  /// Throws import_ended, and std::runtime_error when the catalogue cannot save.
  void add(const import_product& product);
  /// Flushes pending products, then sets the SKUs that other products of the file had before. Call
  /// it also after import_ended, for the products imported so far.
  void finish();
  const load_counts& counts() const { return counts_; }

 private:
  void flush();
  void take(const kernel::answer& a, const loaded_product& product);
  void take_skus(const catalog::import_answer& answer, const loaded_product& product);
  void give_skus();
  /// Sets, or releases, the pending SKUs of these products; true for each that succeeded.
  std::vector<bool> change_skus(const std::vector<std::size_t>& which, bool release);
  void take_sku(const kernel::answer& a, std::size_t which);

  catalog_target& target_;
  mapping_options options_;
  load_report& report_;
  std::size_t waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::int64_t number_ = 0;  ///< of the next product in the file
  std::string failure_;
  bool ended_ = false;
  std::vector<catalog::left_out_sku> skus_;
  std::vector<loaded_product> sku_products_;  ///< the products of `skus_`, by index
  load_counts counts_;
};

}  // namespace stoa::shopify
