#pragma once
// The import of one product. Shared by the files that implement it.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/import_changes.hpp"

#include <string>

namespace stoa::catalog {

/// The state of the import.
struct import_run {
  catalog_service::decision& d;
  const import_product& m;
  const std::string& currency;
  bool is_new;     ///< the product did not exist or was deleted
  bool set_stock;  ///< also set the stock of existing products and variants
  /// Default price of new variants: the product's own, or the lowest of its variants.
  money inherited_price;
  /// When a product without variants gets some: the defaults for those without values in the file.
  std::optional<money> inherited_compare_at = std::nullopt;
  std::optional<std::string> inherited_sku = std::nullopt;  ///< for the first variant only
  std::int64_t low_stock_default = 0;                       ///< catalog.low_stock_threshold
  change_list changes{m.dry_run};
  import_answer answer{};

  void touch() {
    if (answer.outcome == import_outcome::unchanged) answer.outcome = import_outcome::updated;
  }
  void note(std::string text) { answer.notes.push_back(std::move(text)); }
};

/// True for a missing or deleted product.
bool is_deleted(const product_row* p);

// --- import_rows.cpp ---

/// The stored row; for a deleted product only its identity.
product_row start_row(import_run& run, stoa::product_id id);
/// Sets the row's SKU if the file has one. If another product has it, the row keeps its SKU, and
/// import_sku retries after the rest of the file.
void set_sku(import_run& run, product_row& p, const std::optional<std::string>& sku);
/// The row's attributes with the merge patch applied.
void set_attributes(import_run& run, product_row& p, const json::raw& patch);
/// Saves a new or changed row, and its stock: from the file when the row is created, restored or
/// becomes sellable, otherwise only with set_stock.
void save(import_run& run, product_row p, bool sellable, const std::optional<std::int64_t>& on_hand,
          std::optional<bool> tracked, std::optional<bool> backorder);

// --- import_variants.cpp ---

/// Removes the variants that are not in the file. If orders hold units of one, it is no longer
/// sold, and is deleted with the last of these reservations.
void drop_variants(import_run& run);
void save_variants(import_run& run, const std::string& title_before);
/// Propagates the product's status and name to variants that are not in the file.
void carry_to_kept(import_run& run, const std::string& title_before);

// --- import_details.cpp ---

/// The category at the end of the path; missing categories are created.
result<std::optional<stoa::category_id>> find_category(import_run& run);
/// The names from the root, for the report of a dry run.
std::string category_text(import_run& run, std::optional<stoa::category_id> id);
void save_images(import_run& run);

}  // namespace stoa::catalog
