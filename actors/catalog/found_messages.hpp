#pragma once
// What the catalogue adds to a search at an engine: the products of categories and collections
// before it, and what is shown of the found products after it.

#include "actors/catalog/catalog_views.hpp"
#include "storage/catalog/collection.hpp"

namespace stoa::catalog {

// --- before the search ---------------------------------------------------------------------------

/// The products of a collection: those that satisfy all conditions, or its members.
struct collection_scope {
  std::optional<std::vector<stoa::category_id>> category_ids;  ///< one of these
  std::optional<std::int64_t> min_price;                       ///< minor units
  std::optional<std::int64_t> max_price;
  std::optional<bool> in_stock;
  std::optional<std::string> filter;  ///< facet_filter.hpp
  std::optional<std::vector<stoa::product_id>> members;
};
BOOST_DESCRIBE_STRUCT(collection_scope, (),
                      (category_ids, min_price, max_price, in_stock, filter, members))

struct found_scope {
  std::vector<stoa::category_id> category_ids;  ///< the category and all below it; empty: unknown
  std::optional<collection_scope> collection;   ///< absent: unknown, or hidden from the caller
};
BOOST_DESCRIBE_STRUCT(found_scope, (), (category_ids, collection))

/// What the filters by category and collection mean.
struct search_scope {
  static constexpr std::string_view name = "catalog.search_scope";
  using reply = found_scope;
  std::optional<stoa::category_id> category_id;
  std::optional<stoa::collection_id> collection_id;
  bool for_staff = false;
};
BOOST_DESCRIBE_STRUCT(search_scope, (), (category_id, collection_id, for_staff))

// --- after the search ----------------------------------------------------------------------------

struct category_count {
  stoa::category_id category_id;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(category_count, (), (category_id, count))

/// The products with prices from band * width to less than (band + 1) * width.
struct price_band_count {
  std::int64_t band = 0;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(price_band_count, (), (band, count))

struct value_count {
  std::string facet;
  std::string value;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(value_count, (), (facet, value, count))

/// The counts of facets, without what is shown of them.
struct found_facets {
  std::vector<category_count> categories;  ///< without those of subcategories
  std::int64_t in_stock = 0;
  std::int64_t sold_out = 0;
  std::int64_t band_width = 0;  ///< 0: no product has been found
  std::vector<price_band_count> bands;
  /// Facet by facet, most frequent first; at most one more than facet_values_max of each.
  std::vector<value_count> values;
};
BOOST_DESCRIBE_STRUCT(found_facets, (), (categories, in_stock, sold_out, band_width, bands, values))

/// The page of a list with these products, in this order; without those that the caller may not
/// see.
struct show_found {
  static constexpr std::string_view name = "catalog.show_found";
  using reply = product_page;
  std::vector<stoa::product_id> product_ids;
  bool for_staff = false;
  std::optional<std::string> locale = std::nullopt;
  std::optional<std::string> highlighted = std::nullopt;  ///< the text of the search
  bool similar = false;  ///< products with words that are similar to those of the search
  std::vector<std::string> asked_facets;
  std::optional<found_facets> facets = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(show_found, (),
                      (product_ids, for_staff, locale, highlighted, similar, asked_facets, facets))

}  // namespace stoa::catalog
