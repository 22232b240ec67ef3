// The statement behind a product list: one for each combination of sort order and of the filters
// that change the way through the indexes. The other filters are conditions on nullable parameters.

#include "storage/catalog/catalog_store.hpp"

#include <array>

namespace stoa::catalog {

namespace {

constexpr std::size_t sort_count = 5;
constexpr std::size_t searches = 1;
constexpr std::size_t in_category = 2;
constexpr std::size_t goes_on = 4;
constexpr std::size_t shape_count = 8;

struct order_of_list {
  const char* key;
  const char* compare;  ///< how a row behind the cursor compares
  const char* direction;
};
constexpr std::array<order_of_list, sort_count> orders{{
    {"bm25(products_fts,10.0,4.0,1.0)", ">", "ASC"},
    {"p.created_at", "<", "DESC"},
    {"p.list_price", ">", "ASC"},
    {"p.list_price", "<", "DESC"},
    {"p.sort_name", ">", "ASC"},
}};

// A product is in stock when it, or one of its variants, is.
constexpr const char* in_stock =
    "CASE WHEN EXISTS(SELECT 1 FROM inventory s WHERE s.product_id=p.product_id AND s.sellable=1"
    " AND s.inventory_count>0) OR EXISTS(SELECT 1 FROM products v"
    " JOIN inventory s ON s.product_id=v.product_id WHERE v.parent_product_id=p.product_id"
    " AND s.sellable=1 AND s.inventory_count>0) THEN 1 ELSE 0 END";

constexpr const char* subtree =
    "WITH RECURSIVE below(id, depth) AS (SELECT category_id, 0 FROM categories WHERE category_id=$9"
    " UNION ALL SELECT c.category_id, b.depth+1 FROM categories c"
    " JOIN below b ON c.parent_category_id=b.id WHERE b.depth<64) SELECT id FROM below";

/// $1 limit, $2 status, $3 and $4 price range, $5 in stock, $6 and $7 cursor, $8 search, $9
/// category.
std::string list_text(std::size_t sort, std::size_t shape) {
  const auto& order = orders[sort];
  bool ranked = sort == static_cast<std::size_t>(product_sort::relevance);
  std::string text = std::string("SELECT p.product_id,") + order.key + " AS sort_key FROM ";
  text += ranked ? "products_fts JOIN products p ON p.row_number=products_fts.rowid"
                   " WHERE products_fts MATCH $8"
                 : "products p WHERE 1=1";
  text +=
      " AND p.parent_product_id IS NULL"
      " AND (p.status=$2 OR ($2 IS NULL AND p.status<>'Deleted'))"
      " AND ($3 IS NULL OR p.list_price>=$3) AND ($4 IS NULL OR p.list_price<=$4)";
  text += std::string(" AND ($5 IS NULL OR ") + in_stock + "=$5)";
  if ((shape & searches) != 0 && !ranked) {
    text += " AND p.row_number IN (SELECT rowid FROM products_fts WHERE products_fts MATCH $8)";
  }
  if ((shape & in_category) != 0) text += std::string(" AND p.category_id IN (") + subtree + ")";
  if ((shape & goes_on) != 0) {
    text += std::string(" AND (") + order.key + ",p.product_id)" + order.compare + "($6,$7)";
  }
  return text + " ORDER BY " + (ranked ? "sort_key" : order.key) + " " + order.direction +
         ",p.product_id " + order.direction + " LIMIT $1";
}

const db::sql& list_sql(product_sort sort, std::size_t shape) {
  static const auto all = [] {
    std::array<std::array<db::sql, shape_count>, sort_count> made;
    for (std::size_t s = 0; s < sort_count; ++s) {
      for (std::size_t i = 0; i < shape_count; ++i) made[s][i] = {"list products", list_text(s, i)};
    }
    return made;
  }();
  return all[static_cast<std::size_t>(sort)][shape];
}

}  // namespace

std::vector<list_position> find_products(db::connection& c, const product_filter& filter) {
  std::size_t shape = (filter.match ? searches : 0) | (filter.category_id ? in_category : 0) |
                      (filter.after ? goes_on : 0);
  std::optional<std::int64_t> stock;
  if (filter.in_stock) stock = *filter.in_stock ? 1 : 0;
  auto values = db::params(static_cast<std::int64_t>(filter.limit), filter.status, filter.min_price,
                           filter.max_price, stock);
  // The driver binds by number: parameters that the statement does not have must not be given.
  if (filter.after || filter.match || filter.category_id) {
    values.push_back(filter.after ? filter.after->key : db::value{});
    values.push_back(filter.after ? db::value{filter.after->product_id.value} : db::value{});
  }
  if (filter.match || filter.category_id) db::write_column(filter.match, values);
  if (filter.category_id) db::write_column(filter.category_id, values);
  std::vector<list_position> found;
  c.query({&list_sql(filter.sort, shape), std::move(values)}, [&](db::row r) {
    found.push_back({std::move(r[1]), {std::get<uuid>(r[0])}});
  });
  return found;
}

}  // namespace stoa::catalog
