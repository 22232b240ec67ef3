#pragma once
// The parts of one import of a product.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/import_changes.hpp"

#include <string>

namespace stoa::catalog {

/// What an import has found and done so far.
struct import_run {
  catalog_service::decision& d;
  const import_product& m;
  const std::string& currency;
  bool is_new;     ///< the product is created, or was deleted
  bool set_stock;  ///< also of what is there already
  /// Of what begins to be sold when the file gives no price: the product's own; one that got its
  /// prices with its variants has the least of them.
  money inherited_price;
  /// Of a product that was sold itself and gets variants: for those of which the file has none.
  std::optional<money> inherited_compare_at = std::nullopt;
  std::optional<std::string> inherited_sku = std::nullopt;  ///< for the first of them
  change_list changes{m.dry_run};
  import_answer answer{};

  void touch() {
    if (answer.outcome == import_outcome::unchanged) answer.outcome = import_outcome::updated;
  }
  void note(std::string text) { answer.notes.push_back(std::move(text)); }
};

/// There is no such product, or it is deleted.
bool is_deleted(const product_row* p);

// --- import_rows.cpp ---

/// The stored row. Of one that was deleted only what identifies it is left.
product_row start_row(import_run& run, stoa::product_id id);
/// Sets the row's SKU when the file gives one. While another product has it, the row keeps the SKU
/// it has, and import_sku tries again when the rest of the file is imported.
void set_sku(import_run& run, product_row& p, const std::optional<std::string>& sku);
/// The row's attributes with the merge patch applied.
void set_attributes(import_run& run, product_row& p, const json::raw& patch);
/// Saves the row when it is new or has changed, and its stock: from the file when the row is
/// created or restored or begins to be sold, later when that is wanted.
void save(import_run& run, product_row p, bool sellable, const std::optional<std::int64_t>& on_hand,
          std::optional<bool> tracked, std::optional<bool> backorder);

// --- import_variants.cpp ---

/// Variants that the file does not have are removed. One of which orders hold units is not sold any
/// more, and goes with the last of them.
void drop_variants(import_run& run);
void save_variants(import_run& run, const std::string& title_before);
/// Variants that the file says nothing of follow their product.
void carry_to_kept(import_run& run, const std::string& title_before);

// --- import_details.cpp ---

/// The category at the end of the path; what is missing of the path is made.
std::optional<stoa::category_id> find_category(import_run& run);
/// The names from the root down, for the report of a dry run.
std::string category_text(import_run& run, std::optional<stoa::category_id> id);
void save_images(import_run& run);

}  // namespace stoa::catalog
