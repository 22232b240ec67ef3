#pragma once
// Puts products into a catalogue, a batch at a time, and counts what becomes of them.

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

/// Thrown when an import over HTTP was cancelled, or another run has it.
struct import_ended {};

/// What became of one product of the file.
struct loaded_product {
  std::size_t line = 0;
  std::string handle;
};

/// Gets what an import has to report.
class load_report {
 public:
  virtual ~load_report() = default;
  /// The product is not imported.
  virtual void refused(const loaded_product& product, const std::string& why) = 0;
  /// Something of the product was left out.
  virtual void note(const loaded_product& product, const std::string& what) = 0;
  /// What a dry run would change.
  virtual void changes(const loaded_product& product, const catalog::import_answer& answer) = 0;
};

class catalog_loader {
 public:
  /// Products whose SKU another one still has keep theirs until the file is at its end; of more
  /// than this for good.
  static constexpr std::size_t skus_waiting_max = 200'000;

  /// All three must outlive the loader.
  catalog_loader(catalog_target& target, mapping_options options, load_report& report);

  /// Throws std::runtime_error when the catalogue cannot save any more, and import_ended.
  void add(const import_product& product);
  /// Ends the import: saves what is waiting, then gives the SKUs that other products of the file
  /// had before. Call it also after import_ended, for what is imported.
  void finish();
  const load_counts& counts() const { return counts_; }

 private:
  void flush();
  void take(const kernel::answer& a, const loaded_product& product);
  void take_skus(const catalog::import_answer& answer, const loaded_product& product);
  void give_skus();
  /// Gives, or takes away, the SKUs of these products that wait; true for each that it has changed.
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
  std::vector<loaded_product> sku_products_;  ///< whose these SKUs are
  load_counts counts_;
};

}  // namespace stoa::shopify
