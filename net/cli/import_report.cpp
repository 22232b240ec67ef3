#include "net/cli/import_report.hpp"

#include "net/cli/progress.hpp"

#include <cstdio>
#include <utility>

namespace stoa::cli {

std::string printable(std::string_view text) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters as well, C2 80 to C2 9F in UTF-8.
    bool c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    made += c < 0x20 || c == 0x7F || c1 ? '?' : text[i];
  }
  return made;
}

void import_report::add(const shopify::row_error& e) {
  std::string text;
  if (!e.column.empty()) text += "column \"" + e.column + "\": ";
  if (!e.value.empty()) text += "\"" + e.value + "\": ";
  list(e.row_skipped, e.line, text + e.reason);
}

void import_report::refused(std::size_t line, std::string_view handle, std::string_view reason) {
  list(true, line,
       "the product \"" + std::string(handle) + "\" is not imported: " + std::string(reason));
}

void import_report::note(std::size_t line, std::string_view handle, std::string_view what) {
  list(false, line, "the product \"" + std::string(handle) + "\": " + std::string(what));
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
}

}  // namespace stoa::cli
