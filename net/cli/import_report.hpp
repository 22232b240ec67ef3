#pragma once
// The report of an import: a bounded list of errors and warnings on standard error, and of changes
// on standard output.

#include "net/shopify/catalog_loader.hpp"
#include "net/shopify/line_loader.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "storage/base/utf8.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::cli {

class progress_bar;

class import_report final : public shopify::load_report, public shopify::line_report {
 public:
  /// Maximum number of listed errors, and of listed warnings; the others are counted.
  static constexpr std::size_t listed_max = 100;
  /// Maximum number of changes that a dry run lists.
  static constexpr std::size_t changes_listed_max = 1000;

  /// `file`: the name to print.
  import_report(std::string file, progress_bar& bar) : file_(std::move(file)), bar_(bar) {}

  /// Adds an invalid row or value.
  void add(const shopify::row_error& e);
  void refused(const shopify::loaded_product& product, const std::string& why) override;
  void note(const shopify::loaded_product& product, const std::string& what) override;
  void changes(const shopify::loaded_product& product,
               const catalog::import_answer& answer) override;
  void refused(const shopify::loaded_line& line, const problem& why) override;
  void note(const shopify::loaded_line& line, const std::string& what) override;
  void changes(const shopify::loaded_line& line, const catalog::import_answer& answer) override;
  /// Prints which columns the import sets and which columns the file lacks.
  void columns(const shopify::file_columns& columns, bool set_stock);
  /// Counts errors without listing them.
  void add_unlisted(std::size_t errors) { errors_ += errors; }
  /// Prints how many entries were not listed.
  void finish();

  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }

 private:
  void list_changes(std::size_t line, const std::string& object,
                    const catalog::import_answer& answer);
  void print_change(const std::string& text);
  void list(bool error, std::size_t line, const std::string& text);

  std::string file_;
  progress_bar& bar_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
  std::size_t errors_listed_ = 0;
  std::size_t warnings_listed_ = 0;
  std::size_t changes_ = 0;
  std::size_t changes_listed_ = 0;
};

}  // namespace stoa::cli
