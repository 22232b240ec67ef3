#pragma once
// The parts of a product's line. Shared by the line_product*.cpp files.

#include "actors/catalog/line_parts.hpp"

namespace stoa::catalog {

/// Whether the current line has changed a product or its parts.
bool has_product_changes(catalog_service::decision& d);
/// The units in a line: in total, and at locations other than the default one.
struct line_stock {
  const std::optional<std::int64_t>& on_hand;
  const std::optional<std::vector<level_line>>& levels;
};
/// Sets the units on hand of a new product or variant; of others only if the import sets the stock.
/// `starts`: it is new, or sold again.
std::optional<problem> set_line_stock(line_run& run, stoa::product_id id, const line_stock& wanted,
                                      bool starts = false);
/// Those of the product, by the references of their locations; absent if there are none.
std::optional<std::vector<level_line>> levels_of_line(
    db::connection& c, const stock_row& stock,
    const std::map<stoa::location_id, std::string>& references);
/// The codes of the locations, or their ids.
std::map<stoa::location_id, std::string> location_references(db::connection& c);

/// Removes the variants that the line does not have.
void drop_variants(line_run& run, stoa::product_id id, const product_line& line);
std::optional<problem> apply_variants(line_run& run, stoa::product_id id, const product_line& line);
void apply_images(line_run& run, stoa::product_id id, const product_line& line);
void apply_earlier_handles(line_run& run, stoa::product_id id, const product_line& line);

line_page read_product_lines(line_source& from);

}  // namespace stoa::catalog
