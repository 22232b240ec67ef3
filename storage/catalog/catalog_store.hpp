#pragma once
// The Catalog service's hand-written queries. Loading and saving by key comes from the records'
// descriptions (storage/db/records.hpp).

#include "storage/catalog/catalog.hpp"
#include "storage/db/gathering.hpp"

namespace stoa::catalog {

/// A product with its stock.
struct stocked_product {
  product_row product;
  stock_row stock;
};

/// A product with all that its detail shows.
struct product_parts {
  product_row product;
  stock_row stock;
  std::optional<std::string> category_name;
  std::vector<image_row> images;
  std::vector<stocked_product> variants;  ///< in the order they were made, without deleted ones
};

std::optional<product_parts> read_product(db::connection& c, stoa::product_id id);
/// The products in the order of the ids, in one round trip where the database can; unknown ids are
/// left out.
std::vector<product_parts> read_products(db::connection& c,
                                         const std::vector<stoa::product_id>& ids);

/// What a cart needs to know of a product.
struct price_row {
  stoa::product_id product_id;
  product_status status = product_status::Active;
  std::optional<std::string> sku;
  std::string name;
  money price;
  std::vector<option_value> options;
  std::int64_t inventory_count = 0;
  bool sellable = false;
  std::optional<std::int64_t> available_min;  ///< none: any quantity can be bought
};
BOOST_DESCRIBE_STRUCT(price_row, (),
                      (product_id, status, sku, name, price, options, inventory_count, sellable,
                       available_min))
/// Asks for the prices of products; what is returned makes a list of those that were found.
std::function<std::vector<price_row>()> ask_prices(db::gathering& all,
                                                   const std::vector<stoa::product_id>& ids);

std::vector<category_row> read_categories(db::connection& c);
/// The category and all below it, parents before their children.
std::vector<category_row> read_category_tree(db::connection& c, stoa::category_id root);

/// Newest first, behind the row `before`.
std::vector<ledger_row> read_ledger(db::connection& c, stoa::product_id id,
                                    std::optional<stoa::ledger_id> before, std::size_t limit);

/// Orders with a reservation that is Active past its deadline, oldest first.
std::vector<stoa::order_id> overdue_reservations(db::connection& c, timestamp now,
                                                 std::size_t limit);

/// Carts for which something is held past its time, those of the earliest first.
std::vector<stoa::cart_id> overdue_holds(db::connection& c, timestamp now, std::size_t limit);

/// Ids of all products that are not variants and not deleted, in order, behind `after`.
std::vector<stoa::product_id> product_ids_after(db::connection& c,
                                                std::optional<stoa::product_id> after,
                                                std::size_t limit);
/// The product with that name in URLs.
std::optional<stoa::product_id> product_id_of_handle(db::connection& c, const std::string& handle);

/// Brings list_price up to date; parameter: the id of a product that is no variant. Run in the
/// transaction that changes a price or the set of variants.
extern const db::sql refresh_list_price;

// --- lists ---------------------------------------------------------------------------------------

enum class product_sort { relevance, newest, price_up, price_down, name };

/// Where a list goes on: behind the product that had this sort key.
struct list_position {
  db::value key;
  stoa::product_id product_id;
};

struct product_filter {
  std::optional<std::string> match;              ///< an FTS5 expression
  std::optional<stoa::category_id> category_id;  ///< and all categories below it
  std::optional<std::int64_t> min_price;         ///< minor units
  std::optional<std::int64_t> max_price;
  std::optional<bool> in_stock;
  std::optional<product_status> status;  ///< none: all but the deleted ones
  product_sort sort = product_sort::newest;
  std::optional<list_position> after;
  std::size_t limit = 20;
};

/// By relevance so many of the products found are listed, the newest; the price of ranking them all
/// would grow with the store.
inline constexpr std::size_t ranked_products_max = 1000;

/// Products that are no variants. `relevance` needs `match`.
std::vector<list_position> find_products(db::connection& c, const product_filter& filter);

}  // namespace stoa::catalog
