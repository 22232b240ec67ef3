#pragma once
// The filter and the facets of product lists, as texts of the API.

#include "storage/base/problem.hpp"
#include "storage/base/result.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace stoa::catalog {

inline constexpr std::size_t filter_values_max = 50;    ///< of a facet
inline constexpr std::size_t filter_bytes_max = 4'000;  ///< of the text

/// Facets that a list can count; `option` and `attribute` stand for those of all options and of all
/// attributes.
inline constexpr std::string_view asked_facets =
    "category price availability vendor tag option attribute";

/// Whether products have values of this folded name: vendor, tag, option.<name>, attribute.<key>.
bool is_facet_of_products(std::string_view facet);

/// Parses "vendor:Acme|Foo, Inc.;option.size:M": a product has one of the values of each facet. A
/// backslash before one of \ ; : | makes it part of a value. Values are folded. validation for
/// other texts, and for facets other than vendor, tag, option.<name> and attribute.<key>.
result<std::vector<facet_filter>> parse_filter(std::string_view text);

/// The filter without the facet: what its values are counted with, so that customers can choose
/// several of them.
product_filter without_facet(product_filter filter, std::string_view facet);

/// Whether no price is between the two.
constexpr bool is_empty_range(const std::optional<std::int64_t>& min_price,
                              const std::optional<std::int64_t>& max_price) {
  return min_price && max_price && *min_price > *max_price;
}

/// One more band than this at most.
inline constexpr std::int64_t price_bands_max = 6;
/// A width of 1, 2 or 5 times a power of ten that splits the range into at most `most` + 1 bands.
std::int64_t band_width(std::int64_t least, std::int64_t greatest, std::int64_t most);

}  // namespace stoa::catalog
