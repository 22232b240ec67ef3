#pragma once
// What an import says of rows that it could not read: a bounded list on standard error.

#include "net/shopify/catalog_loader.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "storage/base/utf8.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::cli {

class progress_bar;

class import_report final : public shopify::load_report {
 public:
  /// Of each kind, errors and warnings, so many are listed and the others counted.
  static constexpr std::size_t listed_max = 100;
  /// Lines of changes that a dry run lists, on standard output.
  static constexpr std::size_t changes_listed_max = 1000;

  /// `file` as it is to be named.
  import_report(std::string file, progress_bar& bar) : file_(std::move(file)), bar_(bar) {}

  /// A row or value that could not be read.
  void add(const shopify::row_error& e);
  void refused(const shopify::loaded_product& product, const std::string& why) override;
  void note(const shopify::loaded_product& product, const std::string& what) override;
  void changes(const shopify::loaded_product& product,
               const catalog::import_answer& answer) override;
  /// Says which columns the import sets, and which it has not.
  void columns(const shopify::file_columns& columns, bool set_stock);
  /// Counts errors that are known by number only.
  void add_unlisted(std::size_t errors) { errors_ += errors; }
  /// Says how many were not listed.
  void finish();

  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }

 private:
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
