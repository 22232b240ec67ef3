#pragma once
// The parts of a product's line. Shared by the line_product*.cpp files.

#include "actors/catalog/line_parts.hpp"

namespace stoa::catalog {

/// Whether the current line has changed a product or its parts.
bool has_product_changes(catalog_service::decision& d);
/// Sets the units on hand of a new product or variant; of others only if the import sets the stock.
/// `starts`: it is new, or sold again.
void set_line_stock(line_run& run, stoa::product_id id, const std::optional<std::int64_t>& on_hand,
                    bool starts = false);

/// Removes the variants that the line does not have.
void drop_variants(line_run& run, stoa::product_id id, const product_line& line);
std::optional<problem> apply_variants(line_run& run, stoa::product_id id, const product_line& line);
void apply_images(line_run& run, stoa::product_id id, const product_line& line);
void apply_earlier_handles(line_run& run, stoa::product_id id, const product_line& line);

line_page read_product_lines(line_source& from);

}  // namespace stoa::catalog
