// Product lists. The cost must not grow with the number of products, of matches of a search, or of
// products in a category, as far as possible.
//
// By relevance the newest ranked_products_max matches that pass the filters are ranked, here
// instead of in the database (search_match.hpp); the others follow by row number.
//
// In the other orders a list follows the order's index, or starts from a filter that few products
// pass. PostgreSQL's planner chooses by its statistics. SQLite has none here: the products of each
// filter are counted, up to a limit. Its indexes of orders contain the columns of all filters, so
// that a product that does not pass costs little.

#include "storage/base/json_write.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/product_list_sql.hpp"
#include "storage/catalog/search_match.hpp"

#include <algorithm>
#include <limits>

namespace stoa::catalog {

namespace {

/// A filter that at most this many products pass costs less than following the order's index.
constexpr std::int64_t few_products = 500;
/// The same for several filters: each may be passed by many products, and all by none.
constexpr std::int64_t few_of_several = 4000;

std::string match_text(db::connection& c, const std::vector<search_word>& words) {
  return c.dialect() == "postgres" ? tsquery_text(words) : fts5_expression(words);
}

list_shape shape_of(const product_filter& filter) {
  list_shape shape;
  shape.sort = filter.sort;
  if (filter.in_stock) {
    shape.stock = *filter.in_stock ? stock_filter::in_stock : stock_filter::sold_out;
  }
  shape.words = !filter.words.empty();
  shape.category = filter.category_id.has_value();
  shape.status = filter.status.has_value();
  shape.prices = filter.min_price || filter.max_price;
  shape.facets = filter.facets.size();
  shape.collection_category = filter.within && filter.within->category_id;
  shape.members = filter.within && filter.within->members;
  shape.bound = filter.after && filter.sort != product_sort::relevance;
  return shape;
}

/// The filter with the conditions of the collection, apart from members and a second category.
product_filter merged(product_filter filter) {
  if (!filter.within) return filter;
  auto& within = *filter.within;
  if (within.min_price) {
    filter.min_price = std::max(filter.min_price.value_or(0), *within.min_price);
  }
  if (within.max_price) {
    filter.max_price = std::min(filter.max_price.value_or(*within.max_price), *within.max_price);
  }
  if (within.in_stock && filter.in_stock && *within.in_stock != *filter.in_stock) {
    // No product passes.
    filter.min_price = 1;
    filter.max_price = 0;
  } else if (within.in_stock) {
    filter.in_stock = within.in_stock;
  }
  filter.facets.insert(filter.facets.end(), within.facets.begin(), within.facets.end());
  if (!filter.category_id) std::swap(filter.category_id, within.category_id);
  return filter;
}

void add_prices(const product_filter& filter, std::vector<db::value>& values) {
  values.emplace_back(filter.min_price.value_or(0));
  values.emplace_back(filter.max_price.value_or(std::numeric_limits<std::int64_t>::max()));
}

void add_facet(const facet_filter& f, std::vector<db::value>& values) {
  values.emplace_back(f.facet);
  values.emplace_back(json::write(f.values));
}

/// The values of status, prices, facets, category and collection.
void add_filters(const product_filter& filter, std::vector<db::value>& values) {
  if (filter.status) db::write_column(*filter.status, values);
  if (filter.min_price || filter.max_price) add_prices(filter, values);
  for (const auto& f : filter.facets) add_facet(f, values);
  if (filter.category_id) db::write_column(*filter.category_id, values);
  if (!filter.within) return;
  if (filter.within->category_id) db::write_column(*filter.within->category_id, values);
  if (filter.within->members) db::write_column(*filter.within->members, values);
}

/// For SQLite: what a list starts from; of a facet its place in the filter.
struct list_start {
  list_plan plan = list_plan::order;
  std::size_t facet = 0;
};

/// The filter that the fewest products pass, if they are few.
list_start start_of(db::connection& c, const product_filter& filter, const list_shape& shape) {
  struct candidate {
    list_plan plan;
    bool is_given;
    std::size_t facet = 0;
  };
  const bool is_price_order =
      filter.sort == product_sort::price_up || filter.sort == product_sort::price_down;
  std::vector<candidate> candidates{candidate{list_plan::words, shape.words},
                                    candidate{list_plan::category, shape.category},
                                    candidate{list_plan::prices, shape.prices && !is_price_order},
                                    candidate{list_plan::stock, shape.stock != stock_filter::any},
                                    candidate{list_plan::members, shape.members}};
  for (std::size_t i = 0; i < filter.facets.size(); ++i) {
    candidates.push_back({list_plan::facet, true, i});
  }
  const auto given = std::ranges::count_if(candidates, &candidate::is_given);
  auto limit = given + (shape.prices && is_price_order) > 1 ? few_of_several : few_products;
  list_start best;
  for (const auto& [plan, is_given, facet] : candidates) {
    if (!is_given || limit == 0) continue;
    std::vector<db::value> values;
    if (plan == list_plan::words) values.emplace_back(match_text(c, filter.words));
    if (plan == list_plan::category) db::write_column(*filter.category_id, values);
    if (plan == list_plan::prices) add_prices(filter, values);
    if (plan == list_plan::members) db::write_column(*filter.within->members, values);
    if (plan == list_plan::facet) add_facet(filter.facets[facet], values);
    values.emplace_back(limit + 1);
    std::int64_t found = 0;
    c.query({&plan_statement(plan, shape.stock), std::move(values)},
            [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
    if (found > limit) continue;
    best = {plan, facet};
    limit = found;
  }
  return best;
}

/// The matching products of the range, newest first, with their ranks.
std::vector<list_position> ranked_in(db::connection& c, const product_filter& filter,
                                     ranked_range range, std::size_t limit) {
  auto values = db::params(match_text(c, filter.words), range.newest, range.oldest);
  add_filters(filter, values);
  values.emplace_back(static_cast<std::int64_t>(limit));
  const search_ranking ranking(filter.words);
  std::vector<list_position> found;
  c.query({&list_statement(c.dialect(), shape_of(filter)), std::move(values)}, [&](db::row r) {
    const auto rank = ranking.rank_of(std::get<std::string>(r[2]), std::get<std::string>(r[3]));
    found.push_back({rank, {std::get<uuid>(r[0])}, std::get<std::int64_t>(r[1])});
  });
  return found;
}

/// Order by relevance: higher rank first, then newer first.
bool ranks_before(const list_position& a, const list_position& b) {
  const auto by_rank = std::get<std::int64_t>(a.key) <=> std::get<std::int64_t>(b.key);
  return by_rank != 0 ? by_rank > 0 : a.row_number > b.row_number;
}

std::vector<list_position> find_ranked(db::connection& c, const product_filter& filter) {
  const auto& after = filter.after;
  auto range = after ? after->ranked : ranked_range{};
  const bool behind = after && after->key == db::value(unranked);
  std::vector<list_position> found;
  if (!behind) {
    // On later pages the range bounds the products to rank.
    constexpr auto all = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
    found = ranked_in(c, filter, range, after ? all : ranked_products_max + 1);
    if (!after && !found.empty()) {
      range.newest = found.front().row_number;
      if (found.size() > ranked_products_max) {
        found.pop_back();
        range.oldest = found.back().row_number;
      }
    }
    if (after) std::erase_if(found, [&](const auto& p) { return !ranks_before(*after, p); });
    const auto shown = std::min(filter.limit, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(shown),
                      found.end(), ranks_before);
    found.resize(shown);
  }
  if (found.size() < filter.limit && range.oldest > 0) {
    const ranked_range rest{0, (behind ? after->row_number : range.oldest) - 1};
    for (auto& p : ranked_in(c, filter, rest, filter.limit - found.size())) {
      p.key = unranked;
      found.push_back(std::move(p));
    }
  }
  for (auto& p : found) p.ranked = range;
  return found;
}

}  // namespace

std::vector<list_position> find_products(db::connection& c, const product_filter& asked) {
  product_filter filter = merged(asked);
  if (filter.sort == product_sort::relevance) return find_ranked(c, filter);
  auto shape = shape_of(filter);
  if (c.dialect() == "sqlite" && filter.sort != product_sort::position) {
    const auto start = start_of(c, filter, shape);
    shape.plan = start.plan;
    // The statement starts from the first facet.
    if (start.facet > 0) std::swap(filter.facets.front(), filter.facets[start.facet]);
  }
  std::vector<db::value> values;
  if (shape.words) values.emplace_back(match_text(c, filter.words));
  add_filters(filter, values);
  if (shape.bound) {
    values.push_back(filter.after->key);
    values.emplace_back(filter.after->product_id.value);
  }
  values.emplace_back(static_cast<std::int64_t>(filter.limit));
  std::vector<list_position> found;
  c.query({&list_statement(c.dialect(), shape), std::move(values)}, [&](db::row r) {
    found.push_back({std::move(r[1]), {std::get<uuid>(r[0])}});
  });
  return found;
}

list_shape add_filter(db::connection& c, const product_filter& asked,
                      std::vector<db::value>& values) {
  const auto filter = merged(asked);
  auto shape = shape_of(filter);
  shape.sort = product_sort::newest;  // The order does not matter.
  shape.bound = false;
  const bool is_selective = shape.words || shape.category || shape.facets > 0 ||
                            shape.collection_category || shape.members;
  // This index has all columns of the other filters and of facets; SQLite prefers a smaller one and
  // looks each product up.
  if (c.dialect() == "sqlite" && !is_selective) shape.plan = list_plan::prices;
  if (shape.words) values.emplace_back(match_text(c, filter.words));
  add_filters(filter, values);
  return shape;
}

std::int64_t count_products(db::connection& c, const product_filter& filter,
                            std::optional<timestamp> updated_since) {
  std::vector<db::value> values;
  auto shape = add_filter(c, filter, values);
  shape.bound = updated_since.has_value();
  if (updated_since) shape.plan = list_plan::planner;
  if (updated_since) db::write_column(*updated_since, values);
  std::int64_t total = 0;
  c.query({&count_statement(c.dialect(), shape), std::move(values)},
          [&](db::row r) { total = std::get<std::int64_t>(r[0]); });
  return total;
}

}  // namespace stoa::catalog
