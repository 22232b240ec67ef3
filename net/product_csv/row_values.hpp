#pragma once
// The values of one row of Stoa's product CSV, as members of the JSON of a line.

#include "net/product_csv/product_reader.hpp"

namespace stoa::product_csv {

enum class row_type { product, variant, image };

struct row_reading {
  const header& columns;
  const csv::row& row;
  row_type type;
  const std::string& currency;  ///< of prices without one
  std::vector<cell_error>& errors;
  /// The names of the options of the variant before this one; set to those of this one.
  std::vector<std::string>& option_names;
};

/// The members of the product or variant; invalid cells are added to the errors.
json::object row_members(const row_reading& r);
/// The image of the row of a product or image, if it has one.
std::optional<json::object> row_image(const row_reading& r);

}  // namespace stoa::product_csv
