#pragma once
// Statements of product lists. Internal to product_list.cpp.

#include "storage/catalog/catalog_store.hpp"

#include <cstdint>
#include <string_view>

namespace stoa::catalog {

/// What a list starts from.
enum class list_plan : std::uint8_t {
  planner,   ///< the database's planner decides; PostgreSQL knows how many products pass a filter
  order,     ///< the index of the order; each product is filtered
  words,     ///< the matches of the search, which are filtered and sorted
  category,  ///< likewise the products of the category
  prices,    ///< likewise those in the price range
  facet,     ///< likewise those with a value of the first facet
  members,   ///< likewise those of the collection
  stock,     ///< likewise those in stock, or those sold out
};

enum class stock_filter : std::uint8_t { any, in_stock, sold_out };

/// What determines the text of a list's statement.
struct list_shape {
  product_sort sort = product_sort::newest;
  list_plan plan = list_plan::planner;
  stock_filter stock = stock_filter::any;
  bool words = false;
  bool category = false;
  bool status = false;  ///< a given one; else all except Deleted
  bool prices = false;
  bool bound = false;  ///< a cursor; when counting, updated_since
  std::size_t facets = 0;
  bool collection_category = false;
  bool members = false;  ///< only those of a collection that is made by hand

  auto operator<=>(const list_shape&) const = default;
};

/// The parameters are, as far as the shape has them: words, status, lowest and highest price, each
/// facet with a JSON list of its values, category, category of the collection, collection, key and
/// id of the cursor, limit. With the sort `relevance` the newest and the oldest row number of the
/// range follow the words, and there is no cursor.
const db::sql& list_statement(std::string_view dialect, const list_shape& shape);
/// The total; its parameters are those of the list without the limit, and updated_since.
const db::sql& count_statement(std::string_view dialect, const list_shape& shape);
/// For SQLite: the number of products that pass the one filter which the plan starts from, counted
/// up to the limit. Parameters: those of the filter, limit.
const db::sql& plan_statement(list_plan plan, stock_filter stock);

enum class facet_kind : std::uint8_t { values, category, stock, price_range, price_bands };
/// Counts the products of the list. The parameters are those of count_statement(); of `values` also
/// a JSON list of facets, and 1 for those of options and of attributes; of `price_bands` before
/// them the width.
const db::sql& facet_statement(std::string_view dialect, const list_shape& shape, facet_kind kind);

/// Facets with one name, or all those of options or of attributes.
enum class facet_group : std::uint8_t { named, options, attributes };
/// For SQLite: the counts of the group's values among the products of the list, facet by facet. It
/// reads all rows of the group in their order, and looks each product up among those of the list:
/// a tenth of the cost of `values` for a list of most products. The parameters are the name, if the
/// group is `named`, and those of count_statement().
const db::sql& facet_group_statement(const list_shape& shape, facet_group group);

/// The shape for counting the products that pass the filter; adds its parameters to `values`.
list_shape add_filter(db::connection& c, const product_filter& filter,
                      std::vector<db::value>& values);

}  // namespace stoa::catalog
