#pragma once
// Reading and writing product files as texts, for tests.

#include "net/shopify/shopify_csv.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace stoa::shopify::test {

struct read_result {
  std::vector<import_product> products;
  std::vector<row_error> errors;
  file_columns columns;
  std::string fatal;
  read_statistics statistics;
};

inline read_result read_stream(std::istream& in, std::string_view currency = "EUR") {
  read_result all;
  reader source(in, currency);
  while (auto product = source.next()) all.products.push_back(std::move(*product));
  all.errors = source.errors();
  all.columns = source.columns();
  all.fatal = source.fatal();
  all.statistics = source.statistics();
  return all;
}

inline read_result read_text(const std::string& text, std::string_view currency = "EUR") {
  std::istringstream in(text);
  return read_stream(in, currency);
}

inline std::string write_text(const std::vector<import_product>& products,
                              const std::vector<std::string>& extras = {},
                              std::string_view currency = "EUR") {
  std::ostringstream out;
  writer sink(out, currency, extras);
  sink.write_header();
  for (const import_product& product : products) sink.write_product(product);
  BOOST_TEST(sink.columns_left_out().empty());
  return out.str();
}

/// Clears lines and unreadable rows, which depend on the file: an export has different ones.
inline std::vector<import_product> without_lines(std::vector<import_product> products) {
  for (import_product& product : products) {
    product.line = 0;
    product.partial = false;
    for (import_variant& v : product.variants) v.line = 0;
  }
  return products;
}

inline void check_round_trip(const read_result& first, std::string_view currency = "EUR") {
  read_result second =
      read_text(write_text(first.products, first.columns.extras(), currency), currency);
  BOOST_TEST(second.fatal == "");
  for (const row_error& e : second.errors)
    BOOST_ERROR(e.line << " " << e.column << " " << e.reason);
  BOOST_TEST((without_lines(second.products) == without_lines(first.products)));
}

}  // namespace stoa::shopify::test
