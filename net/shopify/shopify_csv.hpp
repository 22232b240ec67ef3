#pragma once
// Reads and writes Shopify's product CSV. Consecutive rows with the same handle form a product: the
// first row has the product's fields, every row a variant, an image or both.

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

/// An error or warning, with its location.
struct row_error {
  std::size_t line = 0;
  std::string column;  ///< the header in the file; empty: the whole row
  std::string value;   ///< the rejected value, at most 80 characters
  std::string reason;
  bool row_skipped = true;  ///< false: only this value was ignored, the row is imported

  bool operator==(const row_error&) const = default;
};
BOOST_DESCRIBE_STRUCT(row_error, (), (line, column, value, reason, row_skipped))

struct read_statistics {
  std::size_t rows = 0;  ///< rows below the header, including invalid ones
  std::size_t products = 0;
  std::size_t variants = 0;
  std::size_t images = 0;
  std::size_t rows_skipped = 0;
  std::size_t warnings = 0;     ///< row_errors that did not skip the row
  std::size_t errors_lost = 0;  ///< row_errors that errors() did not keep
  std::size_t bytes = 0;        ///< read from the stream so far
};

/// A product whose rows are being read.
struct product_rows {
  import_product product;
  std::string rejection;           ///< the reason for rejecting all of its rows
  std::vector<std::size_t> slots;  ///< position in the file of each option
  std::map<std::vector<std::string>, std::size_t> lines_by_options;
  std::size_t rows = 0;
  std::size_t rows_skipped = 0;
  std::size_t extra_bytes = 0;  ///< size of the kept unused columns
};

/// Reads the products one by one. Memory use does not depend on the file's size, except for 32
/// bytes per product for its handle.
///
/// A row with an invalid value is reported and skipped as a whole (neither its variant nor its
/// image is imported); the product's other rows are imported. If the invalid value belongs to the
/// product (handle, title, option names...), or no variant remains, the product is not imported.
class reader {
 public:
  /// `currency` (ISO 4217): the currency of the prices. `in` must outlive the reader.
  reader(std::istream& in, std::string_view currency);

  /// The reason why nothing can be read (no header, a missing required column, unknown currency);
  /// empty if the file is readable.
  const std::string& fatal() const noexcept { return fatal_; }

  /// The next product; nothing at the end of the file.
  std::optional<import_product> next();

  /// Errors and warnings so far, in order. The caller may clear them; at most errors_max are kept,
  /// others are only counted.
  std::vector<row_error>& errors() noexcept { return errors_; }
  const read_statistics& statistics();

  /// The columns of the file. extras() returns the unused ones, for a writer that preserves them.
  const file_columns& columns() const noexcept { return columns_; }

  static constexpr std::size_t errors_max = 10'000;
  static constexpr std::size_t variants_max = 2048;  ///< per product; Shopify's limit
  static constexpr std::size_t images_max = 250;     ///< per product; Shopify's limit

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
  /// Trimmed; empty if it has no visible character.
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
  void reject(column which, std::string reason);
  void reject_extra(const std::string& name, std::string_view value, std::string reason);
  void reject_row(std::string reason);
  void warn(column which, std::string reason);
  void warn_extra(const std::string& name, std::string_view value, std::string reason);

  csv::reader csv_;
  int exponent_ = 2;
  std::string fatal_;
  std::array<std::size_t, column_count> field_of_{};
  std::vector<std::string> header_;
  std::vector<extra_field> extras_;
  file_columns columns_;
  std::vector<std::size_t> unnamed_;
  std::optional<product_rows> group_;
  bool row_bad_ = false;
  bool unread_row_ = false;  ///< in or before the current product
  boost::unordered_flat_map<uuid, std::size_t, std::hash<uuid>> lines_by_handle_;
  std::vector<row_error> errors_;
  read_statistics statistics_;
};

/// Writes products as a file that this reader and Shopify read back unchanged.
class writer {
 public:
  /// `currency` (ISO 4217; throws std::invalid_argument when unknown): the currency of the prices.
  /// `extra_names`: columns besides the standard ones, such as export_columns::names() or
  /// file_columns::extras().
  writer(std::ostream& out, std::string_view currency,
         const std::vector<std::string>& extra_names = {});

  void write_header();
  void write_product(const import_product& product);

  /// Columns of products that are not in the header; their values were not written.
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
  std::map<std::string, std::size_t> extra_fields_;  ///< by lower-case name
  std::vector<std::string> row_;
  std::set<std::string> left_out_;
};

}  // namespace stoa::shopify
