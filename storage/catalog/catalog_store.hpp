#pragma once
// The Catalog service's hand-written queries. Loading and saving by key comes from the records'
// descriptions (storage/db/records.hpp).

#include "storage/catalog/catalog.hpp"
#include "storage/catalog/search_words.hpp"
#include "storage/db/gathering.hpp"

#include <limits>

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

/// `with_removed`: also the variants that are being removed of a product that is sold itself.
std::optional<product_parts> read_product(db::connection& c, stoa::product_id id,
                                          bool with_removed = false);
/// The products in the order of the ids, in one round trip where the database can; unknown ids are
/// left out.
std::vector<product_parts> read_products(db::connection& c,
                                         const std::vector<stoa::product_id>& ids,
                                         bool with_removed = false);

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
std::int64_t count_ledger(db::connection& c, stoa::product_id id);

/// Orders with a reservation that is Active past its deadline, or whose deadline is after `latest`,
/// oldest first.
std::vector<stoa::order_id> overdue_reservations(db::connection& c, timestamp now, timestamp latest,
                                                 std::size_t limit);

/// Carts for which something is held past its time, those of the earliest first.
std::vector<stoa::cart_id> overdue_holds(db::connection& c, timestamp now, std::size_t limit);

/// Ids of all products that are not variants and not deleted, in order, behind `after`.
std::vector<stoa::product_id> product_ids_after(db::connection& c,
                                                std::optional<stoa::product_id> after,
                                                std::size_t limit);
/// The product with that name in URLs.
std::optional<stoa::product_id> product_id_of_handle(db::connection& c, const std::string& handle);
/// The product with that SKU, or with a variant that has it.
std::optional<stoa::product_id> product_id_of_sku(db::connection& c, const std::string& sku);

/// Brings list_price up to date; parameter: the id of a product that is no variant. Run in the
/// transaction that changes a price or the set of variants.
extern const db::sql refresh_list_price;

// --- the search index ----------------------------------------------------------------------------

/// Parameters: the id of a product that is no variant, and its words (search_words.hpp) in name,
/// keywords and description. Takes it out of the queue.
extern const db::sql put_product_words;
/// Queues all products that are no variants.
extern const db::sql queue_all_products;
/// Parameter: what makes the words and sort names from now on.
extern const db::sql set_search_maker;

/// Products whose words and sort names are out of date.
struct search_backlog {
  std::string made_by;  ///< what has made all others
  std::int64_t queued = 0;
  std::vector<stoa::product_id> next;
};
search_backlog read_search_backlog(db::connection& c, std::size_t limit);

// --- lists ---------------------------------------------------------------------------------------

enum class product_sort { relevance, newest, price_up, price_down, name, updated };

/// By relevance so many of the products found are ranked, the newest; the price of ranking them all
/// would grow with the store. The others follow, newest first.
inline constexpr std::size_t ranked_products_max = 1000;

/// The products that a search by relevance ranks, by their row numbers, which grow with time: the
/// first page decides, so that those made later change nothing on the pages behind it.
struct ranked_range {
  std::int64_t oldest = 0;
  std::int64_t newest = std::numeric_limits<std::int64_t>::max();
  bool operator==(const ranked_range&) const = default;
};
BOOST_DESCRIBE_STRUCT(ranked_range, (), (oldest, newest))

/// Where a list goes on: behind the product that had this sort key. By relevance the key is the
/// product's rank, `unranked` behind the ranked ones.
struct list_position {
  db::value key;
  stoa::product_id product_id;
  std::int64_t row_number = 0;  ///< by relevance only, as `ranked`
  ranked_range ranked{};
};
inline constexpr std::int64_t unranked = -1;

struct product_filter {
  std::vector<search_word> words;                ///< none: no search
  std::optional<stoa::category_id> category_id;  ///< and all categories below it
  std::optional<std::int64_t> min_price;         ///< minor units
  std::optional<std::int64_t> max_price;
  std::optional<bool> in_stock;
  std::optional<product_status> status;  ///< none: all but the deleted ones
  product_sort sort = product_sort::newest;
  std::optional<list_position> after;
  std::size_t limit = 20;
};

/// Products that are no variants. `relevance` needs `words`. A product that is in the list
/// throughout is on exactly one page, whatever others are made or deleted meanwhile.
std::vector<list_position> find_products(db::connection& c, const product_filter& filter);
/// How many there are in all, whatever `after` and `limit`; with `updated_since` those that have
/// changed then or later.
std::int64_t count_products(db::connection& c, const product_filter& filter,
                            std::optional<timestamp> updated_since);

}  // namespace stoa::catalog
