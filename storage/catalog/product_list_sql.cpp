#include "storage/catalog/product_list_sql.hpp"

#include "storage/catalog/facets.hpp"

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace stoa::catalog {

namespace {

/// Expressions of a database. `?` is the search parameter.
struct search_dialect {
  const char* ranked_from;   ///< the products to rank, newest first
  const char* row_number;    ///< column for the range of these products
  const char* matches;       ///< condition on `p`
  const char* matches_many;  ///< the same, not to be used to find the products
  const char* listed;        ///< the texts of a JSON list
  const char* keywords;      ///< at least those that count in the rank
};
constexpr search_dialect sqlite_search{
    "products_fts JOIN products p ON p.row_number=products_fts.rowid"
    " JOIN product_search s ON s.row_number=products_fts.rowid WHERE products_fts MATCH ?",
    "products_fts.rowid",
    "p.row_number IN (SELECT rowid FROM products_fts WHERE products_fts MATCH ?)",
    "+p.row_number IN (SELECT rowid FROM products_fts WHERE products_fts MATCH ?)",
    "(SELECT value FROM json_each(?))",
    "s.keywords"};
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
    "(p.row_number+0)",
    postgres_matches,
    postgres_matches,
    "(SELECT jsonb_array_elements_text(CAST(? AS jsonb)))",
    "substr(s.keywords,1,1024)"};

const search_dialect& search_of(std::string_view dialect) {
  return dialect == "postgres" ? postgres_search : sqlite_search;
}

struct order_of_list {
  const char* key;
  const char* compare;  ///< comparison of rows after the cursor
  const char* direction;
  const char* index;
};
constexpr std::array<order_of_list, 7> orders{{
    {nullptr, ">", "ASC", nullptr},  // the rank of the search
    {"p.created_at", "<", "DESC", "products_newest"},
    {"p.list_price", ">", "ASC", "products_price"},
    {"p.list_price", "<", "DESC", "products_price"},
    {"p.sort_name", ">", "ASC", "products_name"},
    {"p.updated_at", ">", "ASC", "products_updated"},
    {"cp.position", ">", "ASC", nullptr},
}};

constexpr const char* in_category =
    "p.category_id IN (WITH RECURSIVE below(id, depth) AS (SELECT category_id, 0 FROM categories"
    " WHERE category_id=? UNION ALL SELECT c.category_id, b.depth+1 FROM categories c"
    " JOIN below b ON c.parent_category_id=b.id WHERE b.depth<64) SELECT id FROM below)";
constexpr const char* in_collection =
    "p.product_id IN (SELECT cp.product_id FROM collection_products cp WHERE cp.collection_id=?)";
constexpr const char* in_prices = "p.list_price>=? AND p.list_price<=?";

const char* stock_text(stock_filter stock) {
  return stock == stock_filter::in_stock ? "p.in_stock=1" : "p.in_stock=0";
}

/// Numbers the parameters in the order of their appearance.
std::string numbered(std::string_view text) {
  std::string made;
  int next = 1;
  for (const char c : text) {
    if (c == '?') {
      made.append("$").append(std::to_string(next++));
    } else {
      made += c;
    }
  }
  return made;
}

/// The first facet is what SQLite's plan starts from; for the others each product is looked up.
std::string facets_text(const search_dialect& dialect, const list_shape& shape) {
  std::string text;
  for (std::size_t i = 0; i < shape.facets; ++i) {
    const bool starts =
        i == 0 && (shape.plan == list_plan::facet || shape.plan == list_plan::planner);
    text +=
        starts ? " AND p.product_id IN (SELECT f.product_id FROM product_facets f WHERE "
               : " AND EXISTS (SELECT 1 FROM product_facets f WHERE f.product_id=p.product_id AND ";
    text.append("f.facet=? AND f.value IN ").append(dialect.listed).append(")");
  }
  return text;
}

/// Conditions on columns that are never null.
std::string columns_text(const list_shape& shape) {
  std::string text = shape.status ? "p.status=?" : "p.status<>'Deleted'";
  if (shape.prices) text.append(" AND ").append(in_prices);
  if (shape.stock != stock_filter::any) text.append(" AND ").append(stock_text(shape.stock));
  return text;
}

std::string filter_text(const search_dialect& dialect, const list_shape& shape) {
  return " AND p.parent_product_id IS NULL AND " + columns_text(shape) +
         facets_text(dialect, shape);
}

/// The conditions after those of filter_text().
std::string group_text(const list_shape& shape) {
  std::string text;
  if (shape.category) text.append(" AND ").append(in_category);
  if (shape.collection_category) text.append(" AND ").append(in_category);
  if (shape.members && shape.sort == product_sort::position) {
    text.append(" AND cp.collection_id=?");
  } else if (shape.members) {
    text.append(" AND ").append(in_collection);
  }
  return text;
}

std::string ranked_text(const search_dialect& dialect, const list_shape& shape) {
  std::string text = "SELECT p.product_id,p.row_number,s.name,";
  text.append(dialect.keywords).append(" FROM ").append(dialect.ranked_from);
  text.append(" AND ").append(dialect.row_number).append("<=? AND ");
  text.append(dialect.row_number).append(">=?").append(filter_text(dialect, shape));
  text += group_text(shape);
  return text.append(" ORDER BY ").append(dialect.row_number).append(" DESC LIMIT ?");
}

/// Where SQLite finds the products of the plan.
std::string source_text(const list_shape& shape) {
  if (shape.sort == product_sort::position) {
    return "collection_products cp JOIN products p ON p.product_id=cp.product_id";
  }
  switch (shape.plan) {
    case list_plan::planner:
    case list_plan::facet:  // by product_id
    case list_plan::members:
      break;
    case list_plan::order:
      return std::string("products p INDEXED BY ") +
             orders[static_cast<std::size_t>(shape.sort)].index;
    case list_plan::words:  // by row number
      return "products p NOT INDEXED";
    case list_plan::category:
      return "products p INDEXED BY products_category";
    case list_plan::prices:
      return "products p INDEXED BY products_price";
    case list_plan::stock:
      return "products p INDEXED BY products_stock";
  }
  return "products p";
}

/// The products that pass the filters and, if the shape has them, the words and the category.
std::string from_text(const search_dialect& dialect, const list_shape& shape) {
  std::string text = " FROM " + source_text(shape) + " WHERE 1=1";
  if (shape.words) {
    const bool start = shape.plan == list_plan::words || shape.plan == list_plan::planner;
    text.append(" AND ").append(start ? dialect.matches : dialect.matches_many);
  }
  return text + filter_text(dialect, shape) + group_text(shape);
}

std::string count_text(const search_dialect& dialect, const list_shape& shape) {
  auto text = "SELECT count(*)" + from_text(dialect, shape);
  if (shape.bound) text += " AND p.updated_at>=?";
  return text;
}

std::string list_text(const search_dialect& dialect, const list_shape& shape) {
  if (shape.sort == product_sort::relevance) return ranked_text(dialect, shape);
  const auto& order = orders[static_cast<std::size_t>(shape.sort)];
  const std::string key = order.key;
  std::string text = "SELECT p.product_id," + key + from_text(dialect, shape);
  if (shape.bound) {
    text.append(" AND (")
        .append(key)
        .append(",p.product_id)")
        .append(order.compare)
        .append("(?,?)");
  }
  text.append(" ORDER BY ").append(key).append(" ").append(order.direction);
  return text.append(",p.product_id ").append(order.direction).append(" LIMIT ?");
}

/// The most frequent values of each facet come first.
std::string facet_values_text(const search_dialect& dialect, const list_shape& shape) {
  std::string text =
      "SELECT facet,value,name,label,products FROM (SELECT f.facet AS facet,f.value AS value,"
      "min(f.name) AS name,min(f.label) AS label,count(*) AS products,row_number() OVER"
      " (PARTITION BY f.facet ORDER BY count(*) DESC,f.value) AS place"
      " FROM (SELECT p.product_id AS id" +
      from_text(dialect, shape) +
      ") AS m JOIN product_facets f ON f.product_id=m.id WHERE (f.facet IN ";
  text.append(dialect.listed)
      .append(
          " OR (CAST(? AS BIGINT)=1 AND f.facet>='option.' AND f.facet<'option/')"
          " OR (CAST(? AS BIGINT)=1 AND f.facet>='attribute.' AND f.facet<'attribute/'))"
          " GROUP BY f.facet,f.value) AS counted WHERE place<=");
  return text.append(std::to_string(facet_values_max + 1)).append(" ORDER BY facet,place");
}

/// The condition for f.product_id. If the list has most products, the others are looked up.
std::string products_of_facets(const list_shape& shape) {
  if (shape.plan != list_plan::prices) {
    return "IN (SELECT p.product_id" + from_text(sqlite_search, shape) + ")";
  }
  return "NOT IN (SELECT p.product_id FROM " + source_text(shape) +
         " WHERE p.parent_product_id IS NULL AND NOT (" + columns_text(shape) + "))";
}

std::string facet_group_text(const list_shape& shape, facet_group group) {
  std::string text =
      "SELECT f.facet,f.value,min(f.name),min(f.label),count(*) FROM product_facets f WHERE ";
  switch (group) {
    case facet_group::named:
      text += "f.facet=?";
      break;
    case facet_group::options:
      text += "f.facet>='option.' AND f.facet<'option/'";
      break;
    case facet_group::attributes:
      text += "f.facet>='attribute.' AND f.facet<'attribute/'";
      break;
  }
  // "+": the rows are read in the order of the facets, not by product.
  return text + " AND +f.product_id " + products_of_facets(shape) + " GROUP BY f.facet,f.value";
}

std::string facet_text(const search_dialect& dialect, const list_shape& shape, facet_kind kind) {
  const auto from = from_text(dialect, shape);
  switch (kind) {
    case facet_kind::values:
      return facet_values_text(dialect, shape);
    case facet_kind::category:
      return "SELECT p.category_id,count(*)" + from +
             " AND p.category_id IS NOT NULL GROUP BY p.category_id";
    case facet_kind::stock:
      return "SELECT p.in_stock,count(*)" + from + " GROUP BY p.in_stock";
    case facet_kind::price_range:
      return "SELECT min(p.list_price),max(p.list_price)" + from;
    case facet_kind::price_bands:
      return "SELECT p.list_price/CAST(? AS BIGINT),count(*)" + from + " GROUP BY 1 ORDER BY 1";
  }
  return {};
}

/// Statements are made when they are first needed. The number of shapes bounds them.
template <class Key>
class statement_book {
 public:
  template <class Make>
  const db::sql& of(const Key& key, const char* name, const Make& make) {
    std::scoped_lock lock(mutex_);
    const auto known = all_.find(key);
    if (known != all_.end()) return known->second;
    return all_.emplace(key, db::sql{name, numbered(make())}).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<Key, db::sql> all_;
};

using dialect_shape = std::pair<bool, list_shape>;

}  // namespace

const db::sql& list_statement(std::string_view dialect, const list_shape& shape) {
  static statement_book<dialect_shape> book;
  return book.of({dialect == "postgres", shape}, "list products",
                 [&] { return list_text(search_of(dialect), shape); });
}

const db::sql& count_statement(std::string_view dialect, const list_shape& shape) {
  static statement_book<dialect_shape> book;
  return book.of({dialect == "postgres", shape}, "count products",
                 [&] { return count_text(search_of(dialect), shape); });
}

const db::sql& facet_statement(std::string_view dialect, const list_shape& shape, facet_kind kind) {
  static statement_book<std::pair<dialect_shape, facet_kind>> book;
  return book.of({{dialect == "postgres", shape}, kind}, "count facets",
                 [&] { return facet_text(search_of(dialect), shape, kind); });
}

const db::sql& facet_group_statement(const list_shape& shape, facet_group group) {
  static statement_book<std::pair<list_shape, facet_group>> book;
  return book.of({shape, group}, "count facets in order",
                 [&] { return facet_group_text(shape, group); });
}

const db::sql& plan_statement(list_plan plan, stock_filter stock) {
  static statement_book<std::pair<list_plan, stock_filter>> book;
  return book.of({plan, stock}, "products of a filter", [&] {
    const std::string products = source_text({.plan = plan}) + " WHERE ";
    std::string text = "SELECT count(*) FROM (SELECT 1 FROM ";
    if (plan == list_plan::words) {
      text += "products_fts WHERE products_fts MATCH ?";
    } else if (plan == list_plan::facet) {
      text += "product_facets f WHERE f.facet=? AND f.value IN ";
      text += sqlite_search.listed;
    } else if (plan == list_plan::members) {
      text += "collection_products cp WHERE cp.collection_id=?";
    } else if (plan == list_plan::category) {
      text += products + in_category;
    } else {
      text += products + "p.parent_product_id IS NULL AND " +
              (plan == list_plan::prices ? in_prices : stock_text(stock));
    }
    return text + " LIMIT ?)";
  });
}

}  // namespace stoa::catalog
