#pragma once
// Writes the lines of products (line_messages.hpp) as Stoa's product CSV.

#include "net/product_csv/csv_columns.hpp"
#include "net/shopify/csv.hpp"
#include "storage/base/json_value.hpp"

#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::product_csv {

/// Collects the columns that products need, before they are written.
class column_collector {
 public:
  /// `line`: the JSON of a product's line.
  void add(std::string_view line);
  /// The names of the file's header.
  std::vector<std::string> names() const;

 private:
  void add_own(const json::value& item);
  void add_keys(std::set<std::string>& keys, bool& others, const json::value& item,
                const char* member, bool (*fits)(const std::string& key, const json::value& v));
  std::size_t own_columns() const;

  bool with_ids_ = false;
  std::size_t options_ = 0;
  std::set<std::string> attributes_;
  std::set<std::string> metadata_;
  std::set<std::string> languages_;
  bool other_attributes_ = false;
  bool other_metadata_ = false;
  bool other_languages_ = false;
};

class product_writer {
 public:
  /// `names`: of a column_collector that has seen all products. Throws std::invalid_argument for
  /// other names. `out` must outlive the writer.
  product_writer(std::ostream& out, const std::vector<std::string>& names);

  /// With a byte order mark, without which spreadsheets do not read UTF-8.
  void write_header();
  /// `line`: the JSON of a product's line.
  void write(std::string_view line);

 private:
  struct row_source;

  void write_row(const row_source& from);
  std::string cell_of(const column& c, const row_source& from) const;
  std::string others_of(const column& c, const json::value& item) const;

  std::ostream& out_;
  csv::writer csv_;
  header columns_;
  std::set<std::string> own_;  ///< the names of the columns
};

}  // namespace stoa::product_csv
