#pragma once
// Import and export of JSON Lines, for the tests of the Catalog service.

#include "actors/catalog/line_types.hpp"
#include "tests/support/stock_fixture.hpp"

#include <algorithm>

namespace stoa::test {

struct lines_fixture : stock_fixture {
  result<catalog::import_answer> import(const std::string& text, bool set_stock = false,
                                        bool dry_run = false) {
    auto line = catalog::read_line(text);
    if (!line) return line.error();
    line->set_stock = set_stock;
    line->dry_run = dry_run;
    return run(*line, staff);
  }
  catalog::import_outcome outcome(const std::string& text, bool set_stock = false) {
    const auto answer = import(text, set_stock);
    const std::string why = answer.has_value() ? "" : json::write(answer.error());
    BOOST_REQUIRE_MESSAGE(why.empty(), text << ": " << why);
    return answer->outcome;
  }
  /// "code pointer" of the first error.
  std::string refused(const std::string& text) {
    const auto answer = import(text);
    const bool is_accepted = answer.has_value();
    BOOST_REQUIRE_MESSAGE(!is_accepted, text);
    const auto p = answer.error();
    return p.errors.empty() ? p.code : p.errors[0].code + " " + p.errors[0].pointer;
  }
  /// All lines, in small pages, once the categories of products have their handles.
  std::vector<std::string> exported() {
    sweep();
    std::vector<std::string> all;
    for (const auto& type : catalog::line_types()) {
      catalog::export_lines query;
      query.type = type.name;
      query.limit = 2;
      do {
        const auto page = read(query, staff).value();
        all.insert(all.end(), page.lines.begin(), page.lines.end());
        query.after = page.next;
      } while (query.after);
    }
    return all;
  }
  stoa::product_id id_of(const std::string& handle) {
    return *catalog::product_id_of_handle(*database, handle);
  }
};

inline std::vector<std::string> sorted(std::vector<std::string> all) {
  std::ranges::sort(all);
  return all;
}

}  // namespace stoa::test
