#include "net/cli/import_report.hpp"

#include "net/cli/progress.hpp"

#include <cstdio>
#include <utility>

namespace stoa::cli {

void import_report::add(const shopify::row_error& e) {
  std::string text;
  if (!e.column.empty()) text += "column \"" + e.column + "\": ";
  if (!e.value.empty()) text += "\"" + e.value + "\": ";
  list(e.row_skipped, e.line, text + e.reason);
}

void import_report::refused(const shopify::loaded_product& product, const std::string& why) {
  list(true, product.line, "the product \"" + product.handle + "\" is not imported: " + why);
}

void import_report::note(const shopify::loaded_product& product, const std::string& what) {
  list(false, product.line, "the product \"" + product.handle + "\": " + what);
}

void import_report::changes(const shopify::loaded_product& product,
                            const catalog::import_answer& answer) {
  list_changes(product.line, product.handle, answer);
}

void import_report::refused(const shopify::loaded_line& line, const problem& why) {
  if (line.product) {
    for (const auto& e : product_csv::errors_of(*line.product, why)) {
      const auto column = e.column.empty() ? "" : "column \"" + e.column + "\": ";
      list(true, e.line, column + "\"" + e.value + "\": " + e.reason);
    }
    return;
  }
  const std::string object = line.object.empty() ? "" : "\"" + line.object + "\": ";
  for (const auto& e : shopify::errors_of(why)) {
    list(true, line.line, object + (e.pointer.empty() ? "" : e.pointer + ": ") + e.detail);
  }
}

void import_report::note(const shopify::loaded_line& line, const std::string& what) {
  list(false, line.line, "\"" + line.object + "\": " + what);
}

void import_report::changes(const shopify::loaded_line& line,
                            const catalog::import_answer& answer) {
  list_changes(line.line, line.object, answer);
}

void import_report::list_changes(std::size_t line, const std::string& object,
                                 const catalog::import_answer& answer) {
  if (answer.outcome == catalog::import_outcome::unchanged) return;
  bool created = answer.outcome == catalog::import_outcome::created;
  const std::string where = file_ + ":" + std::to_string(line) + ": " + object;
  print_change(where + (created ? ": created" : ": updated"));
  for (const auto& c : answer.changes) {
    print_change(where + (c.variant ? " [" + *c.variant + "]" : "") + ": " + c.field + ": \"" +
                 c.before + "\" -> \"" + c.after + "\"");
  }
  changes_ += static_cast<std::size_t>(answer.changes_not_listed);
}

void import_report::print_change(const std::string& text) {
  ++changes_;
  if (changes_listed_ >= changes_listed_max) return;
  ++changes_listed_;
  bar_.clear();
  std::printf("%s\n", printable(text).c_str());
}

void import_report::columns(const shopify::file_columns& columns, bool set_stock) {
  auto joined = [](const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + printable(name);
    return text;
  };
  bar_.clear();
  std::printf("%s: sets %s\n", printable(file_).c_str(), joined(columns.updated()).c_str());
  if (columns.has(shopify::column::inventory_qty) && !set_stock) {
    std::printf("%s: quantities apply only to products and variants that are created or restored\n",
                printable(file_).c_str());
  }
  if (auto kept = columns.kept(); !kept.empty()) {
    std::printf("%s: keeps %s\n", printable(file_).c_str(), joined(kept).c_str());
  }
}

void import_report::list(bool error, std::size_t line, const std::string& text) {
  ++(error ? errors_ : warnings_);
  std::size_t& listed = error ? errors_listed_ : warnings_listed_;
  if (listed >= listed_max) return;
  ++listed;
  bar_.clear();
  std::fprintf(stderr, "%s:%zu: %s%s\n", printable(file_).c_str(), line,
               error ? "" : "warning: ", printable(text).c_str());
}

void import_report::finish() {
  bar_.clear();
  if (errors_ > errors_listed_) {
    std::fprintf(stderr, "... and %zu more errors\n", errors_ - errors_listed_);
  }
  if (warnings_ > warnings_listed_) {
    std::fprintf(stderr, "... and %zu more warnings\n", warnings_ - warnings_listed_);
  }
  if (changes_ > changes_listed_) {
    std::printf("... and %zu more changes\n", changes_ - changes_listed_);
  }
}

}  // namespace stoa::cli
