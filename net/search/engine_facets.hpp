#pragma once
// The filters of a search at the engine, and the counts of facets. Pure functions.
//
// Each facet is counted without its own filter, as in the built-in search: the filters are applied
// to the hits only (post_filter), and each aggregation has those of the other facets.

#include "net/search/engine_query.hpp"
#include "storage/base/json_value.hpp"

#include <string>
#include <vector>

namespace stoa::search {

/// The facet is that which is counted without the condition; empty: none.
struct named_condition {
  std::string facet;
  json::value condition;
};
std::vector<named_condition> conditions_of(const engine_search& s);
/// The conditions of the collection, which hold for all facets.
json::array collection_conditions(const engine_search& s);

json::array all_except(const std::vector<named_condition>& conditions, std::string_view facet);

/// The aggregations of the facets that are asked for, or with s.band_width the price bands only.
json::value aggregations_of(const engine_search& s, const std::vector<named_condition>& conditions);

/// Reads the counts into the hits. False: malformed. Counts that are not exact, because there are
/// too many values, set hits.inexact.
bool read_facets(const json::value& answer, const engine_search& s, engine_hits& hits);
/// The price bands of a second response.
bool read_bands(const json::value& answer, const engine_search& s, engine_hits& hits);

}  // namespace stoa::search
