// Statements of product lists: one for each database and combination of sort order and filters that
// affect the choice of index. The other filters are conditions on nullable parameters, compared
// before they are tested for NULL, because PostgreSQL infers their types in that order.
//
// The cost of a search must not grow with the frequency of its words. By relevance the newest
// ranked_products_max matches that pass the filters are ranked, here instead of in the database
// (search_match.hpp); the others follow by row number. SQLite's planner does not know the number of
// matches, so the other orders have two statements: with many matches one follows the order's index
// and looks up each product among the matches; with few matches the other sorts them.

#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/search_match.hpp"

#include <algorithm>
#include <array>

namespace stoa::catalog {

namespace {

constexpr std::size_t sort_count = 6;
/// Characters of a product's keywords that count in its rank.
constexpr const char* ranked_keywords = "1024";
constexpr std::size_t searches = 1;
constexpr std::size_t in_category = 2;
constexpr std::size_t has_bound = 4;  // a cursor, or updated_since when counting
constexpr std::size_t finds_many = 8;
constexpr std::size_t shape_count = 16;

/// With more matches, following an index is cheaper than sorting.
constexpr std::int64_t many_matches = 2000;

/// Search expressions of a database. `?` is the search parameter.
struct search_dialect {
  const char* ranked_from;   ///< the products to rank, newest first
  const char* row_number;    ///< column for the range of these products
  const char* matches;       ///< condition on `p`
  const char* matches_many;  ///< the same when many match
};
constexpr search_dialect sqlite_search{
    "products_fts JOIN products p ON p.row_number=products_fts.rowid"
    " JOIN product_search s ON s.row_number=products_fts.rowid WHERE products_fts MATCH ?",
    "products_fts.rowid",
    "p.row_number IN (SELECT rowid FROM products_fts WHERE products_fts MATCH ?)",
    "+p.row_number IN (SELECT rowid FROM products_fts WHERE products_fts MATCH ?)"};
// The planner assumes that each word is frequent and would scan in list order until enough products
// match; for a rare word it would scan all. "OFFSET 0" prevents merging the search into the outer
// query and "+0" prevents use of the order's index, so that the plan starts with the words.
constexpr const char* postgres_matches =
    "p.product_id IN (SELECT s.product_id FROM (SELECT CAST(? AS tsquery) AS query OFFSET 0) AS"
    " asked JOIN product_search s ON s.words @@ asked.query)";
constexpr search_dialect postgres_search{
    "(SELECT CAST(? AS tsquery) AS query OFFSET 0) AS asked"
    " JOIN product_search s ON s.words @@ asked.query"
    " JOIN products p ON p.product_id=s.product_id WHERE 1=1",
    "(p.row_number+0)", postgres_matches, postgres_matches};

const db::sql sqlite_many{
    "matches of a search",
    "SELECT count(*) FROM (SELECT 1 FROM products_fts WHERE products_fts MATCH $1 LIMIT $2)"};

struct order_of_list {
  const char* key;
  const char* compare;  ///< comparison of rows after the cursor
  const char* direction;
};
constexpr std::array<order_of_list, sort_count> orders{{
    {nullptr, ">", "ASC"},  // the rank of the search
    {"p.created_at", "<", "DESC"},
    {"p.list_price", ">", "ASC"},
    {"p.list_price", "<", "DESC"},
    {"p.sort_name", ">", "ASC"},
    {"p.updated_at", ">", "ASC"},
}};

// A product is in stock if it, or one of its variants, is.
constexpr const char* in_stock =
    "CASE WHEN EXISTS(SELECT 1 FROM inventory s WHERE s.product_id=p.product_id AND s.sellable=1"
    " AND (s.inventory_count>0 OR s.available_min IS NULL)) OR EXISTS(SELECT 1 FROM products v"
    " JOIN inventory s ON s.product_id=v.product_id WHERE v.parent_product_id=p.product_id"
    " AND s.sellable=1 AND (s.inventory_count>0 OR s.available_min IS NULL)) THEN 1 ELSE 0 END";

constexpr const char* subtree =
    "WITH RECURSIVE below(id, depth) AS (SELECT category_id, 0 FROM categories WHERE category_id=?"
    " UNION ALL SELECT c.category_id, b.depth+1 FROM categories c"
    " JOIN below b ON c.parent_category_id=b.id WHERE b.depth<64) SELECT id FROM below";

std::string replaced(std::string text, char mark, const std::string& by) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size())) {
    text.replace(at, 1, by);
  }
  return text;
}
/// Replaces each ? by the parameter number.
std::string with_parameter(std::string text, std::size_t number) {
  return replaced(std::move(text), '?', "$" + std::to_string(number));
}

/// The conditions on `p` of all lists: $2 status, $3 and $4 price range, $5 in stock.
std::string filter_text() {
  std::string filters =
      " AND p.parent_product_id IS NULL"
      " AND (p.status=$2 OR ($2 IS NULL AND p.status<>'Deleted'))"
      " AND (p.list_price>=$3 OR $3 IS NULL) AND (p.list_price<=$4 OR $4 IS NULL)";
  return filters.append(" AND (").append(in_stock).append("=$5 OR $5 IS NULL)");
}

std::string category_text(std::size_t parameter) {
  return " AND p.category_id IN (" + with_parameter(subtree, parameter) + ")";
}

/// Parameters: $1 limit, $2 to $5 of the filters, the search, the range's newest and oldest, the
/// category.
std::string ranked_text(const search_dialect& dialect, std::size_t shape) {
  std::string text = "SELECT p.product_id,p.row_number,s.name,substr(s.keywords,1,";
  text.append(ranked_keywords).append(") FROM ").append(with_parameter(dialect.ranked_from, 6));
  text.append(" AND ").append(dialect.row_number).append("<=$7 AND ");
  text.append(dialect.row_number).append(">=$8").append(filter_text());
  if ((shape & in_category) != 0) text += category_text(9);
  return text.append(" ORDER BY ").append(dialect.row_number).append(" DESC LIMIT $1");
}

/// The products that pass the filters ($2 to $5) and, if the shape has them, the search and the
/// category, which are the next parameters.
std::string from_text(const search_dialect& dialect, std::size_t shape, std::size_t& next) {
  std::string text = " FROM products p WHERE 1=1" + filter_text();
  next = 6;
  if ((shape & searches) != 0) {
    const bool many = (shape & finds_many) != 0;
    text += " AND " + with_parameter(many ? dialect.matches_many : dialect.matches, next++);
  }
  if ((shape & in_category) != 0) text += category_text(next++);
  return text;
}

/// The same parameters; has_bound: the last one is updated_since.
std::string count_text(const search_dialect& dialect, std::size_t shape) {
  std::size_t next = 0;
  auto text = "SELECT count(*)" + from_text(dialect, shape, next);
  if ((shape & has_bound) != 0) text += " AND p.updated_at>=$" + std::to_string(next);
  return text + " LIMIT $1";
}

/// Parameters: $1 limit, those of from_text, and with has_bound the two of the cursor.
std::string list_text(const search_dialect& dialect, std::size_t sort, std::size_t shape) {
  if (sort == static_cast<std::size_t>(product_sort::relevance)) return ranked_text(dialect, shape);
  const auto& order = orders[sort];
  std::size_t next = 0;
  std::string text =
      std::string("SELECT p.product_id,") + order.key + from_text(dialect, shape, next);
  if ((shape & has_bound) != 0) {
    text += std::string(" AND (") + order.key + ",p.product_id)" + order.compare + "($" +
            std::to_string(next) + ",$" + std::to_string(next + 1) + ")";
  }
  return text + " ORDER BY " + order.key + " " + order.direction + ",p.product_id " +
         order.direction + " LIMIT $1";
}

using statements = std::array<std::array<db::sql, shape_count>, sort_count>;

statements statements_of(const search_dialect& dialect) {
  statements made;
  for (std::size_t s = 0; s < sort_count; ++s) {
    for (std::size_t i = 0; i < shape_count; ++i) {
      made[s][i] = {"list products", list_text(dialect, s, i)};
    }
  }
  return made;
}

const db::sql& list_sql(std::string_view dialect, product_sort sort, std::size_t shape) {
  static const statements sqlite = statements_of(sqlite_search);
  static const statements postgres = statements_of(postgres_search);
  return (dialect == "postgres" ? postgres : sqlite)[static_cast<std::size_t>(sort)][shape];
}

const db::sql& count_sql(std::string_view dialect, std::size_t shape) {
  using counts = std::array<db::sql, shape_count>;
  const auto made_for = [](const search_dialect& d) {
    counts made;
    for (std::size_t i = 0; i < shape_count; ++i) made[i] = {"count products", count_text(d, i)};
    return made;
  };
  static const counts sqlite = made_for(sqlite_search);
  static const counts postgres = made_for(postgres_search);
  return (dialect == "postgres" ? postgres : sqlite)[shape];
}

std::string match_text(db::connection& c, const std::vector<search_word>& words) {
  return c.dialect() == "postgres" ? tsquery_text(words) : fts5_expression(words);
}

bool are_many(db::connection& c, const std::string& match) {
  std::int64_t found = 0;
  c.query({&sqlite_many, db::params(match, many_matches + 1)},
          [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
  return found > many_matches;
}

std::vector<db::value> filter_values(const product_filter& filter, std::int64_t limit) {
  std::optional<std::int64_t> stock;
  if (filter.in_stock) stock = *filter.in_stock ? 1 : 0;
  return db::params(limit, filter.status, filter.min_price, filter.max_price, stock);
}

/// The matching products of the range, newest first, with their ranks.
std::vector<list_position> ranked_in(db::connection& c, const product_filter& filter,
                                     ranked_range range, std::size_t limit) {
  auto values = filter_values(filter, static_cast<std::int64_t>(limit));
  values.emplace_back(match_text(c, filter.words));
  values.emplace_back(range.newest);
  values.emplace_back(range.oldest);
  if (filter.category_id) db::write_column(filter.category_id, values);
  const std::size_t shape = filter.category_id ? in_category : 0;
  std::vector<list_position> found;
  c.query({&list_sql(c.dialect(), product_sort::relevance, shape), std::move(values)},
          [&](db::row r) {
            const auto rank =
                search_rank(filter.words, std::get<std::string>(r[2]), std::get<std::string>(r[3]));
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

std::vector<list_position> find_products(db::connection& c, const product_filter& filter) {
  if (filter.sort == product_sort::relevance) return find_ranked(c, filter);
  std::size_t shape = (filter.words.empty() ? 0 : searches) |
                      (filter.category_id ? in_category : 0) | (filter.after ? has_bound : 0);
  auto values = filter_values(filter, static_cast<std::int64_t>(filter.limit));
  if (!filter.words.empty()) {
    values.emplace_back(match_text(c, filter.words));
    if (c.dialect() == "sqlite" && are_many(c, std::get<std::string>(values.back()))) {
      shape |= finds_many;
    }
  }
  if (filter.category_id) db::write_column(filter.category_id, values);
  if (filter.after) {
    values.push_back(filter.after->key);
    values.emplace_back(filter.after->product_id.value);
  }
  std::vector<list_position> found;
  c.query({&list_sql(c.dialect(), filter.sort, shape), std::move(values)}, [&](db::row r) {
    found.push_back({std::move(r[1]), {std::get<uuid>(r[0])}});
  });
  return found;
}

std::int64_t count_products(db::connection& c, const product_filter& filter,
                            std::optional<timestamp> updated_since) {
  const std::size_t shape = (filter.words.empty() ? 0 : searches) |
                            (filter.category_id ? in_category : 0) |
                            (updated_since ? has_bound : 0);
  auto values = filter_values(filter, 1);
  if (!filter.words.empty()) values.emplace_back(match_text(c, filter.words));
  if (filter.category_id) db::write_column(filter.category_id, values);
  if (updated_since) db::write_column(*updated_since, values);
  std::int64_t total = 0;
  c.query({&count_sql(c.dialect(), shape), std::move(values)},
          [&](db::row r) { total = std::get<std::int64_t>(r[0]); });
  return total;
}

}  // namespace stoa::catalog
