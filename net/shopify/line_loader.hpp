#pragma once
// Imports the lines of a file into a store in batches and counts the outcomes: those of JSON Lines,
// and those that the rows of a CSV file are made into. Lines of price lists and lines of the
// catalogue are not in one batch: each is imported after those before it in the file.

#include "net/product_csv/product_reader.hpp"
#include "net/shopify/catalog_loader.hpp"
#include "net/shopify/file_lines.hpp"
#include "net/shopify/new_objects.hpp"
#include "net/shopify/price_batch.hpp"
#include "net/shopify/problem_text.hpp"

#include <istream>
#include <memory>
#include <string>
#include <vector>

namespace stoa::shopify {

/// A line of the file, and what it is about, for display.
struct loaded_line {
  std::size_t line = 0;  ///< from 1
  std::string object;    ///< "product wooden-radio"; empty: unreadable
  /// Of a CSV file: where its values are, and which are invalid.
  std::shared_ptr<const product_csv::product_rows> product{};
};

/// Receives the messages of an import.
class line_report {
 public:
  virtual ~line_report() = default;
  /// The line is not imported.
  virtual void refused(const loaded_line& line, const problem& why) = 0;
  /// A part of the line is not imported.
  virtual void note(const loaded_line& line, const std::string& what) = 0;
  /// The changes that a dry run would make.
  virtual void changes(const loaded_line& line, const catalog::import_answer& answer) = 0;
};

struct line_options {
  bool set_stock = false;  ///< also of existing products
  bool dry_run = false;
  /// Set for an import over HTTP; its number is set per line.
  std::optional<catalog::import_step> step{};
};

/// Splits a file at line feeds. Memory is bounded: of a line that is too long only the beginning is
/// kept.
class line_splitter {
 public:
  explicit line_splitter(std::istream& in) : in_(in) {}
  /// The next line that is not blank, without its end; false at the end of the file.
  bool next(std::string& text, bool& too_long);
  std::size_t number() const { return number_; }  ///< of the last line, from 1
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::istream& in_;
  std::size_t number_ = 0;
  std::uint64_t bytes_ = 0;
};

class line_loader {
 public:
  /// The target and the report must outlive the loader.
  line_loader(catalog_target& target, line_options options, line_report& report);

  /// Imports the next line; false at the end of the file. Throws import_ended, and
  /// std::runtime_error when the catalogue cannot save.
  bool add_next(line_splitter& from);
  /// The same for the rows of the next product of a CSV file.
  bool add_next(product_csv::product_reader& from);
  /// Flushes pending lines.
  void flush();
  const load_counts& counts() const { return counts_; }
  std::size_t rows() const { return rows_; }  ///< that were read; of JSON Lines: lines
  std::size_t rows_refused() const { return rows_refused_; }

 private:
  /// A line of a dry run, and its JSON.
  struct tried_line {
    file_line line;
    std::string text;
  };
  /// A line of a price list that waits for its batch.
  struct waiting_line {
    loaded_line which;
    std::shared_ptr<tried_line> tried;  ///< null: no dry run
  };

  /// Sends a line, or reports the problem. `bytes`: its size in the file; `text`: its JSON.
  void add(result<file_line> line, const loaded_line& which, std::size_t bytes, std::string text);
  void send(catalog::import_line m, const loaded_line& which, std::size_t bytes,
            std::shared_ptr<const tried_line> tried);
  void flush_prices();
  void take(const kernel::answer& a, const loaded_line& line, const tried_line* tried);
  /// Whether the line of a dry run is rejected because it refers to objects of the file's earlier
  /// lines: it counts as created. The other members of such a line are not checked.
  bool is_explained(const kernel::answer& a, const loaded_line& line, const tried_line& tried);
  void take(const kernel::answer& a, const loaded_line& line);
  void refuse(const loaded_line& line, const problem& why);

  catalog_target& target_;
  line_options options_;
  line_report& report_;
  std::size_t waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
  bool has_sent_ = false;  ///< lines of the catalogue
  std::vector<price_batch::numbered_line> prices_;
  std::vector<waiting_line> waiting_prices_;  ///< of each of prices_
  std::int64_t number_ = 0;                   ///< of the next line that is not blank, or product
  std::size_t rows_ = 0;
  std::size_t rows_refused_ = 0;
  std::string failure_;
  bool ended_ = false;
  load_counts counts_;
  new_objects made_;  ///< by a dry run
};

}  // namespace stoa::shopify
