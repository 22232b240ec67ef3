#pragma once
// Facets: the values of products by which customers filter a list, and how many products have each.
// Vendor, tags and the options of variants are stored for each product in lists; category, price
// and availability are columns of products.

#include "storage/catalog/catalog_store.hpp"

#include <span>

namespace stoa::catalog {

inline constexpr std::size_t facet_values_max = 100;    ///< of a facet in an answer
inline constexpr std::size_t product_facets_max = 500;  ///< of a product; others are not stored

inline constexpr std::string_view vendor_facet = "vendor";
inline constexpr std::string_view tag_facet = "tag";
inline constexpr std::string_view option_facet = "option.";  ///< with the folded name of the option
inline constexpr std::string_view attribute_facet = "attribute.";  ///< with the attribute's key

/// A value of a product. Facet and value are folded (text::fold), name and label are for display.
struct product_facet {
  std::string facet;
  std::string value;
  std::string name;
  std::string label;
  bool operator==(const product_facet&) const = default;
};
/// Stores the facets of a product in place of the earlier ones. Parameters: the id of a product
/// that is not a variant, and facet_list_text().
extern const db::sql put_product_facets;
std::string facet_list_text(std::span<const product_facet> facets);

/// A facet value, and the number of products with it.
struct facet_count {
  std::string facet;
  std::string value;
  std::string name;
  std::string label;
  std::int64_t count = 0;
};
/// The facets of the products that pass the filter, which also ignores `after` and `limit`: those
/// with the given names, and with `options` and `attributes` all those of options and of
/// attributes. For each facet at most one value more than facet_values_max, most frequent first.
std::vector<facet_count> count_facets(db::connection& c, const product_filter& filter,
                                      std::span<const std::string> names, bool options,
                                      bool attributes);

/// Sets the names and labels, which are those of one of the products with the value.
void name_facet_values(db::connection& c, std::vector<facet_count>& values);

/// The folded values of products, in the order of the ids.
std::vector<std::vector<product_facet>> read_facets(db::connection& c,
                                                    const std::vector<stoa::product_id>& ids);

/// The number of products in each category, without those in its subcategories.
std::vector<std::pair<stoa::category_id, std::int64_t>> count_by_category(
    db::connection& c, const product_filter& filter);
/// The number of products that are in stock, and of those that are not.
std::pair<std::int64_t, std::int64_t> count_by_stock(db::connection& c,
                                                     const product_filter& filter);

struct price_range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};
/// Of the list prices; none if no product passes.
std::optional<price_range> read_price_range(db::connection& c, const product_filter& filter);
/// The number of products for each band of prices from n * width to less than (n + 1) * width that
/// has any, in the order of n.
std::vector<std::pair<std::int64_t, std::int64_t>> count_by_price(db::connection& c,
                                                                  const product_filter& filter,
                                                                  std::int64_t width);

}  // namespace stoa::catalog
