#pragma once
// Searches at the engine: the request's body, and the checked response. Pure functions.
//
// Words are those of storage/catalog/search_words.hpp, in queries as in documents, so that both
// searches find the same products. A product's score is a sum of constants, like the rank of the
// built-in search: it does not depend on other products, on shards or on replicas, so pages that
// follow one another fit together.

#include "actors/catalog/found_messages.hpp"
#include "storage/base/result.hpp"
#include "storage/catalog/catalog_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::search {

/// The place of a product in a list; the next page begins after it.
struct engine_position {
  std::optional<double> score;             ///< by relevance
  std::optional<std::int64_t> name_words;  ///< by relevance
  std::optional<std::int64_t> number;      ///< the time by relevance and newest; the price
  std::optional<std::string> text;         ///< the name
  stoa::product_id product_id;
  bool operator==(const engine_position&) const = default;
};
BOOST_DESCRIBE_STRUCT(engine_position, (), (score, name_words, number, text, product_id))

struct engine_search {
  std::vector<catalog::search_word> words;
  catalog::product_sort sort = catalog::product_sort::relevance;
  /// One of these; empty: any.
  std::vector<stoa::category_id> category_ids{};
  std::optional<std::int64_t> min_price{};  ///< minor units
  std::optional<std::int64_t> max_price{};
  std::optional<bool> in_stock{};
  std::vector<catalog::facet_filter> facets{};
  std::optional<catalog::collection_scope> within{};
  std::vector<catalog::facet_filter> within_facets{};  ///< the parsed filter of `within`
  std::vector<std::string> counted{};  ///< the facets to count, of catalog::asked_facets
  std::int64_t band_width = 0;         ///< above 0: only the price bands are counted
  bool similar = false;                ///< also words that are similar to those of the search
  bool count = false;                  ///< the total of all pages
  std::size_t limit = 20;
  std::optional<engine_position> after{};
};

/// The body of `POST /<alias>/_search`, for one product more than the limit.
std::string query_body(const engine_search& s);

struct engine_hits {
  std::vector<engine_position> found;  ///< at most the limit
  bool more = false;
  std::optional<std::int64_t> total;  ///< if it was counted
  std::optional<catalog::found_facets> facets{};
  /// The lowest and the highest price, if the price bands are counted next.
  std::optional<std::pair<std::int64_t, std::int64_t>> prices{};
  bool inexact = false;  ///< the engine has not counted all values
};

/// Maximum bytes of a response: with counts it has up to 10,000 categories and 2,000 values of
/// options.
inline constexpr std::size_t hits_bytes_max = 1 << 20;
inline constexpr std::size_t counted_bytes_max = 8 << 20;
inline constexpr std::size_t hits_values_max = 200'000;
std::size_t response_bytes_max(const engine_search& s);

/// Problem `unavailable` with the reason for a response that is malformed, incomplete, or not an
/// answer to this search.
result<engine_hits> read_hits(std::string_view body, const engine_search& s);
/// Adds the price bands of the response to a search with a band_width.
std::optional<problem> read_price_bands(std::string_view body, const engine_search& s,
                                        engine_hits& hits);

}  // namespace stoa::search
