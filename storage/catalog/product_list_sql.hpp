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

  auto operator<=>(const list_shape&) const = default;
};

/// The parameters are, as far as the shape has them: words, status, lowest and highest price,
/// category, key and id of the cursor, limit. With the sort `relevance` the newest and the oldest
/// row number of the range follow the words, and there is no cursor.
const db::sql& list_statement(std::string_view dialect, const list_shape& shape);
/// The total; its parameters are those of the list without the limit, and updated_since.
const db::sql& count_statement(std::string_view dialect, const list_shape& shape);
/// For SQLite: the number of products that pass the one filter which the plan starts from, counted
/// up to the limit. Parameters: those of the filter, limit.
const db::sql& plan_statement(list_plan plan, stock_filter stock);

}  // namespace stoa::catalog
