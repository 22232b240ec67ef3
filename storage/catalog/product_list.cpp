// The statement behind a product list: one for each database and each combination of sort order and
// of the filters that change the way through the indexes. The other filters are conditions on
// nullable parameters, compared first and asked for NULL second: PostgreSQL learns their types in
// that order.
//
// What a search costs must not grow with how common its words are. Ranked are the newest
// ranked_products_max of the products that match and pass the filters: a search with fewer is
// ranked in full. In all other orders SQLite, whose planner does not know how many products match,
// is told whether they are many: then it follows the order's index and looks each product up among
// those that match; else it sorts those.

#include "storage/catalog/catalog_store.hpp"

#include <array>

namespace stoa::catalog {

namespace {

constexpr std::size_t sort_count = 5;
constexpr std::size_t searches = 1;
constexpr std::size_t in_category = 2;
constexpr std::size_t goes_on = 4;
constexpr std::size_t finds_many = 8;
constexpr std::size_t shape_count = 16;

/// With more matches it is cheaper to follow an index than to sort them.
constexpr std::int64_t many_matches = 2000;

/// How a database searches texts. `?` stands for the parameter with the search, `#` for the
/// filters.
struct search_dialect {
  const char* ranked_from;   ///< the products to rank
  const char* rank;          ///< less is better; names count most, then keywords
  const char* matches;       ///< condition on `p`
  const char* matches_many;  ///< the same when many match
};
constexpr search_dialect sqlite_search{
    "products_fts JOIN products p ON p.row_number=products_fts.rowid"
    " WHERE products_fts MATCH ? AND products_fts.rowid>=(SELECT min(newest.row_number) FROM"
    " (SELECT p.row_number FROM products_fts JOIN products p ON p.row_number=products_fts.rowid"
    " WHERE products_fts MATCH ?# ORDER BY products_fts.rowid DESC LIMIT ~) AS newest)#",
    "bm25(products_fts,10.0,4.0,1.0)",
    "p.row_number IN (SELECT rowid FROM products_fts WHERE products_fts MATCH ?)",
    "+p.row_number IN (SELECT rowid FROM products_fts WHERE products_fts MATCH ?)"};
// The query is made once, as a table: as an expression it would be made again for each row.
constexpr const char* postgres_matches =
    "p.product_id IN (SELECT f.product_id FROM search_query(?) AS asked(query)"
    " JOIN product_search f ON f.words @@ asked.query)";
constexpr search_dialect postgres_search{
    "(SELECT p.product_id,f.words,asked.query FROM search_query(?) AS asked(query)"
    " JOIN product_search f ON f.words @@ asked.query"
    " JOIN products p ON p.product_id=f.product_id"
    " WHERE 1=1# ORDER BY p.row_number DESC LIMIT ~) AS p WHERE 1=1",
    "(-ts_rank('{0.1,0.1,0.4,1.0}',p.words,p.query,1))::float8", postgres_matches,
    postgres_matches};

const db::sql sqlite_many{
    "matches of a search",
    "SELECT count(*) FROM (SELECT 1 FROM products_fts WHERE products_fts MATCH $1 LIMIT $2)"};

struct order_of_list {
  const char* key;
  const char* compare;  ///< how a row behind the cursor compares
  const char* direction;
};
constexpr std::array<order_of_list, sort_count> orders{{
    {nullptr, ">", "ASC"},  // the rank of the search
    {"p.created_at", "<", "DESC"},
    {"p.list_price", ">", "ASC"},
    {"p.list_price", "<", "DESC"},
    {"p.sort_name", ">", "ASC"},
}};

// A product is in stock when it, or one of its variants, is.
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
/// Replaces each ? by the parameter of that number.
std::string with_parameter(std::string text, std::size_t number) {
  return replaced(std::move(text), '?', "$" + std::to_string(number));
}

/// $1 limit, $2 status, $3 and $4 price range, $5 in stock; then, as far as the shape has them, the
/// search, the category and the cursor's two: a statement has no parameter that it does not use.
std::string list_text(const search_dialect& dialect, std::size_t sort, std::size_t shape) {
  const auto& order = orders[sort];
  bool ranked = sort == static_cast<std::size_t>(product_sort::relevance);
  std::size_t next = 6;
  std::size_t search = ranked || (shape & searches) != 0 ? next++ : 0;
  const std::string key = ranked ? dialect.rank : order.key;
  std::string filters =
      " AND p.parent_product_id IS NULL"
      " AND (p.status=$2 OR ($2 IS NULL AND p.status<>'Deleted'))"
      " AND (p.list_price>=$3 OR $3 IS NULL) AND (p.list_price<=$4 OR $4 IS NULL)";
  filters.append(" AND (").append(in_stock).append("=$5 OR $5 IS NULL)");
  if (search != 0 && !ranked) {
    const bool many = (shape & finds_many) != 0;
    filters += " AND " + with_parameter(many ? dialect.matches_many : dialect.matches, search);
  }
  if ((shape & in_category) != 0) {
    filters += " AND p.category_id IN (" + with_parameter(subtree, next++) + ")";
  }
  std::string text = "SELECT p.product_id," + key + " AS sort_key FROM ";
  if (ranked) {
    auto from = replaced(dialect.ranked_from, '~', std::to_string(ranked_products_max));
    text += replaced(with_parameter(std::move(from), search), '#', filters);
  } else {
    text += "products p WHERE 1=1" + filters;
  }
  if ((shape & goes_on) != 0) {
    text += " AND (" + key + ",p.product_id)" + order.compare + "($" + std::to_string(next) + ",$" +
            std::to_string(next + 1) + ")";
  }
  return text + " ORDER BY " + (ranked ? "sort_key" : order.key) + " " + order.direction +
         ",p.product_id " + order.direction + " LIMIT $1";
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

bool are_many(db::connection& c, const std::string& match) {
  std::int64_t found = 0;
  c.query({&sqlite_many, db::params(match, many_matches + 1)},
          [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
  return found > many_matches;
}

}  // namespace

std::vector<list_position> find_products(db::connection& c, const product_filter& filter) {
  std::size_t shape = (filter.match ? searches : 0) | (filter.category_id ? in_category : 0) |
                      (filter.after ? goes_on : 0);
  const bool ranked = filter.sort == product_sort::relevance;
  if (filter.match && !ranked && c.dialect() == "sqlite" && are_many(c, *filter.match)) {
    shape |= finds_many;
  }
  std::optional<std::int64_t> stock;
  if (filter.in_stock) stock = *filter.in_stock ? 1 : 0;
  auto values = db::params(static_cast<std::int64_t>(filter.limit), filter.status, filter.min_price,
                           filter.max_price, stock);
  if (filter.match) db::write_column(filter.match, values);
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

}  // namespace stoa::catalog
