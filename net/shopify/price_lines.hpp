#pragma once
// The lines of price lists and their prices in a JSON Lines file. The Pricing service stores them;
// the Catalog service knows the products that they name.

#include "actors/catalog/line_messages.hpp"
#include "actors/catalog/price_reference_messages.hpp"
#include "actors/pricing/price_line_messages.hpp"

#include <string>
#include <string_view>

namespace stoa::shopify {

inline constexpr std::string_view price_list_type = "price_list";
inline constexpr std::string_view price_type = "price";

/// The price of a product or variant in a list. Absent members keep the stored value.
struct price_line {
  static constexpr std::string_view schema_name = "price_line";
  std::optional<std::string> type;
  std::string price_list;              ///< its key, or the id of a list without one
  std::optional<std::string> product;  ///< a handle, or the id of a product without one
  std::optional<std::vector<catalog::option_value>> options;  ///< of a variant of the product
  std::optional<std::string> sku;                             ///< instead of both
  patch<money> price;                                         ///< null deletes it
  patch<money> compare_at_price;
  patch<std::vector<pricing::price_tier_view>> tiers;  ///< all of them

  static constexpr json::rule rules[] = {
      {.field = "price_list", .length_min = 1, .length_max = 64},
      {.field = "product", .length_min = 1, .length_max = 255},
      {.field = "options", .length_min = 1, .length_max = 10},
      {.field = "sku", .length_min = 1, .length_max = 255},
      {.field = "price", .value_min = 0},
      {.field = "compare_at_price", .value_min = 0},
      {.field = "tiers", .length_max = pricing::price_tiers_max}};
  void check(std::vector<field_error>& errors) const;
};
BOOST_DESCRIBE_STRUCT(price_line, (),
                      (type, price_list, product, options, sku, price, compare_at_price, tiers))

/// The command of a line of the type price_list, which has a key or a price_list_id.
result<pricing::import_price_list> read_price_list_line(const json::value& line);
result<price_line> read_price_line(const json::value& line);

catalog::product_reference reference_of(const price_line& line);
pricing::imported_price imported_price_of(const price_line& line, stoa::product_id product);

/// The lines of an export.
catalog::line_page price_list_lines(const pricing::price_list_export& lists);
/// The query for the names of the products of a page of prices.
catalog::name_products names_query(const pricing::price_export& prices);
/// Prices of products without a name are left out.
catalog::line_page price_lines(const pricing::price_export& prices,
                               const catalog::named_products& names);

}  // namespace stoa::shopify
