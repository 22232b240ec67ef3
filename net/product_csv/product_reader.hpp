#pragma once
// Reads Stoa's product CSV: the rows of a product become the JSON of its line (line_messages.hpp),
// which the catalogue imports like one of a JSON Lines file.

#include "net/product_csv/csv_columns.hpp"
#include "net/shopify/csv.hpp"
#include "storage/base/json_value.hpp"
#include "storage/base/result.hpp"

#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::product_csv {

/// An invalid cell, or a row.
struct cell_error {
  std::size_t line = 0;  ///< of the file
  std::string column;    ///< empty: the whole row
  std::string value;
  std::string code;  ///< stable, as of field errors
  std::string reason;
};

/// Where the values of a product are in the file.
struct row_places {
  std::shared_ptr<const header> columns;
  std::size_t product = 0;  ///< line of the file
  std::vector<std::size_t> variants;
  std::vector<std::size_t> images;

  struct place {
    std::size_t line = 0;
    std::string column;  ///< empty: none
  };
  /// The cell that a JSON pointer into the product's line refers to.
  place of(std::string_view pointer) const;
};

/// A product with its variants and images.
struct product_rows {
  std::string object;  ///< its handle or id, for display
  json::value line;
  std::size_t rows = 0;
  std::size_t bytes = 0;
  row_places places;
  std::vector<cell_error> errors;  ///< not empty: the product is not imported
};

/// The cells that are wrong of a product that was not imported, from the errors of its rows or the
/// problem of its line.
std::vector<cell_error> errors_of(const product_rows& p, const problem& why);

class product_reader {
 public:
  /// `currency`: of prices without one in the file. `in` must outlive the reader.
  product_reader(std::istream& in, std::string currency);

  /// Why the file cannot be imported; empty if it can.
  const std::string& fatal() const { return fatal_; }
  const header& columns() const { return *columns_; }
  /// The next product; nothing at the end, or at an error of the structure, which sets fatal().
  std::optional<product_rows> next();

 private:
  struct group;

  bool advance();
  bool belongs(const csv::row& row, const group& to) const;

  csv::reader csv_;
  std::string currency_;
  std::shared_ptr<header> columns_ = std::make_shared<header>();
  std::string fatal_;
  bool started_ = false;
  bool has_row_ = false;     ///< csv_ holds the first row of the next product
  std::size_t type_at_ = 0;  ///< fields; the number of columns: not in the file
  std::size_t handle_at_ = 0;
  std::size_t id_at_ = 0;
};

/// Reads all rows; says why the file cannot be imported as a whole, if so: a row that is not valid
/// CSV or has an unknown type, the row of a variant or image that does not follow its product's, or
/// a product that is there twice.
std::optional<std::string> structure_error(std::istream& in);

}  // namespace stoa::product_csv
