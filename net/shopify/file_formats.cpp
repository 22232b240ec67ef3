#include "net/shopify/file_formats.hpp"

#include "net/product_csv/product_reader.hpp"
#include "net/shopify/shopify_csv.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

namespace stoa::shopify {

namespace {

using catalog::file_format;

std::string unreadable_csv(const std::string& beginning, const std::string& currency) {
  std::istringstream in(beginning);
  return reader(in, currency).fatal();
}

std::string unreadable_product_csv(const std::string& beginning, const std::string& currency) {
  std::istringstream in(beginning);
  return product_csv::product_reader(in, currency).fatal();
}

constexpr std::array<format_traits, 3> formats{{
    {file_format::shopify, "text/csv", "products.csv", "rows", "products", "Stoa-Products-Exported",
     unreadable_csv},
    {file_format::jsonl, "application/x-ndjson", "catalog.jsonl", "lines", "objects",
     "Stoa-Objects-Exported", nullptr},
    {file_format::csv, "text/csv", "products.csv", "rows", "products", "Stoa-Products-Exported",
     unreadable_product_csv},
}};
static_assert(formats.size() == enumerator_values<file_format>.size());

}  // namespace

std::span<const format_traits> file_formats() {
  return formats;
}

const format_traits& traits_of(file_format format) {
  const auto* found = std::ranges::find(formats, format, &format_traits::format);
  if (found == formats.end()) throw std::logic_error("a file format without an entry");
  return *found;
}

}  // namespace stoa::shopify
