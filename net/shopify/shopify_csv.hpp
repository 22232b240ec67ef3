#pragma once
// Shopify's product CSV in and out. One product is a run of rows with the same handle: the first
// row holds the product, every row a variant, an image or both.

#include "net/shopify/columns.hpp"
#include "net/shopify/csv.hpp"
#include "net/shopify/file_columns.hpp"
#include "net/shopify/import_product.hpp"
#include "net/shopify/values.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

/// What could not be read, and where.
struct row_error {
  std::size_t line = 0;
  std::string column;  ///< the header as it stands in the file; empty when the whole row is meant
  std::string value;   ///< at most 80 characters of what stood there
  std::string reason;
  bool row_skipped = true;  ///< false: only this value was passed over, the row is imported

  bool operator==(const row_error&) const = default;
};
BOOST_DESCRIBE_STRUCT(row_error, (), (line, column, value, reason, row_skipped))

struct read_statistics {
  std::size_t rows = 0;  ///< rows below the header, readable or not
  std::size_t products = 0;
  std::size_t variants = 0;
  std::size_t images = 0;
  std::size_t rows_skipped = 0;
  std::size_t warnings = 0;     ///< row_errors that skipped no row
  std::size_t errors_lost = 0;  ///< row_errors beyond those that errors() keeps
  std::size_t bytes = 0;        ///< read from the stream so far
};

/// A product whose rows are being read.
struct product_rows {
  import_product product;
  std::string refused;             ///< why none of its rows are taken
  std::vector<std::size_t> slots;  ///< which of the file's options each option name stands in
  std::map<std::vector<std::string>, std::size_t> lines_by_options;
  std::size_t rows = 0;
  std::size_t rows_skipped = 0;
  std::size_t extra_bytes = 0;  ///< kept of columns that Stoa does not use
};

/// Reads the products one by one. Memory does not grow with the file, but for 32 bytes a product
/// that remember its handle.
///
/// A row with a bad value gives its errors and is skipped as a whole (neither its variant nor its
/// image is imported); the product's other rows still are. When what is bad describes the product
/// itself (handle, title, option names...), or no variant is left, the product is not imported.
class reader {
 public:
  /// `currency` (ISO 4217) is the one that the file's prices are in. `in` must outlive the reader.
  reader(std::istream& in, std::string_view currency);

  /// Why nothing can be read at all (no header, a required column is missing, unknown currency);
  /// empty when the file can be read.
  const std::string& fatal() const noexcept { return fatal_; }

  /// The next product; nothing at the end of the file.
  std::optional<import_product> next();

  /// What was found wrong so far, in order. The caller may empty it as it goes; at most errors_max
  /// are kept, the others are counted.
  std::vector<row_error>& errors() noexcept { return errors_; }
  const read_statistics& statistics();

  /// The columns that the file has. Its extras() are those that Stoa does not use, for a writer
  /// that writes them back.
  const file_columns& columns() const noexcept { return columns_; }

  static constexpr std::size_t errors_max = 10'000;
  static constexpr std::size_t variants_max = 2048;  ///< a product; Shopify's own limit
  static constexpr std::size_t images_max = 250;     ///< a product; Shopify's own limit

 private:
  struct extra_field {
    std::size_t field;
    std::string name;
    bool of_variant;
  };

  void read_header();
  void check_option_columns();
  void map_column(std::size_t field, std::string_view name);
  bool pull_row();
  void note_unread_row();
  void start_group(std::string_view handle);
  void add_row();
  std::optional<import_product> finish_group();

  void take_row(bool first);
  void read_product_fields();
  void compare_product_fields();
  void fill_or_compare(column which, std::string& value, std::string_view text);
  void read_product_extras();
  void read_option_names();
  bool is_variant_row() const;
  void read_option_values(import_variant& v);
  void read_variant(import_variant& v);
  void read_prices(import_variant& v);
  void read_inventory(import_variant& v);
  void read_variant_extras(import_variant& v);
  void keep_extra(extra_columns& into, const std::string& name, std::string_view value);
  void warn_of_unused_variant_cells();
  void read_image(import_image& image);

  std::string_view raw(column which) const;
  /// Without white space at the ends; empty when it shows nothing.
  std::string_view cell(column which) const;
  bool has_column(column which) const { return columns_.has(which); }
  void read_line(column which, std::string& into);
  void read_sku(std::string& into);
  void read_text(column which, std::string_view text, std::string& into);
  void read_url(column which, std::string& into);
  void read_attributes(column which, std::string& into);
  void read_metadata(column which, metadata& into);
  void read_flag(column which, bool& into);
  std::string header_of(column which) const;
  void report(row_error error);
  void refuse(column which, std::string reason);
  void refuse_extra(const std::string& name, std::string_view value, std::string reason);
  void refuse_row(std::string reason);
  void warn(column which, std::string reason);
  void warn_extra(const std::string& name, std::string_view value, std::string reason);

  csv::reader csv_;
  int exponent_ = 2;
  std::string fatal_;
  std::array<std::size_t, column_count> field_of_{};
  std::vector<std::string> header_;
  std::vector<extra_field> extras_;
  file_columns columns_;
  std::vector<std::size_t> nameless_;
  std::optional<product_rows> group_;
  bool row_bad_ = false;
  bool unread_row_ = false;  ///< since the product under way began
  boost::unordered_flat_map<uuid, std::size_t, std::hash<uuid>> lines_by_handle_;
  std::vector<row_error> errors_;
  read_statistics statistics_;
};

/// Writes products as a file that the reader (and Shopify) reads back as the same products.
class writer {
 public:
  /// `currency` (ISO 4217; throws std::invalid_argument when unknown) is the one of the prices.
  /// `extra_names` are columns that the products carry beyond the standard ones, such as
  /// export_columns::names() or file_columns::extras().
  writer(std::ostream& out, std::string_view currency,
         const std::vector<std::string>& extra_names = {});

  void write_header();
  void write_product(const import_product& product);

  /// Extra columns that products had but the header has not: their values were not written.
  const std::set<std::string>& columns_left_out() const noexcept { return left_out_; }

 private:
  void put_product(const import_product& product);
  void put_variant(const import_product& product, const import_variant& v);
  void put_image(const import_image& image);
  void put(column which, std::string value);
  void put_metadata(column which, const metadata& all);
  void put_extras(const extra_columns& extras);
  void end_row();

  csv::writer csv_;
  int exponent_ = 2;
  std::vector<std::string> header_;
  std::array<std::size_t, column_count> field_of_{};
  std::map<std::string, std::size_t> extra_fields_;  ///< by the name in lower case
  std::vector<std::string> row_;
  std::set<std::string> left_out_;
};

}  // namespace stoa::shopify
