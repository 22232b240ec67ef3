#pragma once
// The Catalog service's hand-written queries. Loading and saving by key is generated from the
// records' descriptions (storage/db/records.hpp).

#include "storage/catalog/catalog.hpp"
#include "storage/catalog/search_words.hpp"
#include "storage/db/gathering.hpp"

#include <limits>
#include <map>

namespace stoa::catalog {

/// A product with its stock.
struct stocked_product {
  product_row product;
  stock_row stock;
};

/// A product with the data of its detail page.
struct product_parts {
  product_row product;
  stock_row stock;
  std::optional<std::string> category_name;
  std::optional<std::string> category_handle;
  std::vector<image_row> images;
  std::vector<stocked_product> variants;  ///< in creation order, without deleted ones
};

/// `with_removed`: includes the variants that are being removed from a sellable product.
std::optional<product_parts> read_product(db::connection& c, stoa::product_id id,
                                          bool with_removed = false);
/// The products in the order of the ids, in one round trip if possible; unknown ids are skipped.
std::vector<product_parts> read_products(db::connection& c,
                                         const std::vector<stoa::product_id>& ids,
                                         bool with_removed = false);

/// The data of a product for a cart.
struct price_row {
  stoa::product_id product_id;
  product_status status = product_status::Active;
  std::optional<std::string> sku;
  std::string name;
  money price;
  std::vector<option_value> options;
  std::int64_t inventory_count = 0;
  bool sellable = false;
  std::optional<std::int64_t> available_min;  ///< none: any quantity can be sold
  std::optional<std::int64_t> quantity_min;
  std::optional<std::int64_t> quantity_max;
  std::optional<std::int64_t> quantity_step;
  std::optional<std::int64_t> parent_quantity_min;
  std::optional<std::int64_t> parent_quantity_max;
  std::optional<std::int64_t> parent_quantity_step;

  /// Its own limits or, of a variant without any, those of its product.
  quantity_limits limits() const {
    const quantity_limits own{quantity_min, quantity_max, quantity_step};
    if (own.any()) return own;
    return {parent_quantity_min, parent_quantity_max, parent_quantity_step};
  }
};
BOOST_DESCRIBE_STRUCT(price_row, (),
                      (product_id, status, sku, name, price, options, inventory_count, sellable,
                       available_min, quantity_min, quantity_max, quantity_step,
                       parent_quantity_min, parent_quantity_max, parent_quantity_step))
/// Adds queries for the prices of products; the returned function lists those that exist.
std::function<std::vector<price_row>()> ask_prices(db::gathering& all,
                                                   const std::vector<stoa::product_id>& ids);

/// A product and one of its categories: its own or one that contains it.
struct product_category_row {
  stoa::product_id product_id;
  std::optional<stoa::product_id> parent_product_id;
  std::optional<stoa::category_id> category_id;  ///< none: the product has no category
};
BOOST_DESCRIBE_STRUCT(product_category_row, (), (product_id, parent_product_id, category_id))
/// The attributes of a product and, of a variant, those of its product; JSON objects.
struct product_attributes_row {
  stoa::product_id product_id;
  std::string attributes;
  std::optional<std::string> parent_attributes;
};
BOOST_DESCRIBE_STRUCT(product_attributes_row, (), (product_id, attributes, parent_attributes))
/// Adds queries for the categories of products; the rows of each product follow one another.
std::function<std::vector<product_category_row>()> ask_product_categories(
    db::gathering& all, const std::vector<stoa::product_id>& ids);
/// Adds queries for the attributes of products; unknown ones are left out.
std::function<std::vector<product_attributes_row>()> ask_product_attributes(
    db::gathering& all, const std::vector<stoa::product_id>& ids);

std::vector<category_row> read_categories(db::connection& c);
/// The category and all below it, parents before their children.
std::vector<category_row> read_category_tree(db::connection& c, stoa::category_id root);

/// The names from the root of the products' categories.
std::map<stoa::category_id, std::vector<std::string>> read_category_paths(
    db::connection& c, const std::vector<product_parts>& products);

/// Newest first, starting after the row `before`.
std::vector<ledger_row> read_ledger(db::connection& c, stoa::product_id id,
                                    std::optional<stoa::ledger_id> before, std::size_t limit);
std::int64_t count_ledger(db::connection& c, stoa::product_id id);

/// Orders with an Active reservation whose deadline has passed or is after `latest`, oldest first.
std::vector<stoa::order_id> overdue_reservations(db::connection& c, timestamp now, timestamp latest,
                                                 std::size_t limit);

/// Products whose time of publication or archiving has come.
std::vector<stoa::product_id> scheduled_products(db::connection& c, timestamp now,
                                                 std::size_t limit);

/// Carts with expired holds, earliest deadline first.
std::vector<stoa::cart_id> overdue_holds(db::connection& c, timestamp now, std::size_t limit);

/// Products of an export, a page in the order of their ids.
struct product_scan {
  std::vector<stoa::product_id> ids;
  std::optional<stoa::product_id> next;  ///< where the next page begins; absent: there is none
};
/// At most `limit` products that have changed since the time, and have the status. A page reads a
/// bounded number of products, so it may have few or none although others follow.
product_scan scan_products(db::connection& c, std::optional<stoa::product_id> after,
                           std::size_t limit, std::optional<timestamp> updated_since,
                           std::optional<product_status> status);
/// Ids of all products that are not variants and not deleted, in order, starting after `after`.
std::vector<stoa::product_id> product_ids_after(db::connection& c,
                                                std::optional<stoa::product_id> after,
                                                std::size_t limit);
/// The product with the handle.
std::optional<stoa::product_id> product_id_of_handle(db::connection& c, const std::string& handle);
/// The product that had the handle.
std::optional<stoa::product_id> product_id_of_redirect(db::connection& c,
                                                       const std::string& handle);
/// The category or collection (a resource_redirect_row::kind) with the handle, or the one that had
/// it.
std::optional<uuid> resource_id_of_handle(db::connection& c, const std::string& kind,
                                          const std::string& handle);

/// Products, categories and collections without a handle.
struct unnamed_resources {
  std::vector<stoa::product_id> product_ids;
  std::vector<stoa::category_id> category_ids;
  std::vector<stoa::collection_id> collection_ids;
};
unnamed_resources read_unnamed(db::connection& c, std::size_t limit);

/// The product that has the SKU or a variant with it.
std::optional<stoa::product_id> product_id_of_sku(db::connection& c, const std::string& sku);

/// The products' handles; of those without one: empty. Unknown products are left out.
struct product_handle_row {
  stoa::product_id product_id;
  std::optional<std::string> handle;
};
BOOST_DESCRIBE_STRUCT(product_handle_row, (), (product_id, handle))
std::vector<product_handle_row> read_handles(db::connection& c,
                                             const std::vector<stoa::product_id>& ids);
/// The earlier handles of the products, in order.
std::vector<redirect_row> read_redirects(db::connection& c,
                                         const std::vector<stoa::product_id>& ids);
/// The earlier handles of a category or collection.
std::vector<resource_redirect_row> read_resource_redirects(db::connection& c, const uuid& id);

/// Updates list_price; parameter: the id of a product that is not a variant. Run in the transaction
/// that changes a price or the set of variants.
extern const db::sql refresh_list_price;

// --- the search index ----------------------------------------------------------------------------

/// Stores a product's words and removes it from the queue. Parameters: the id of a product that is
/// not a variant, and its words (search_words.hpp) in name, keywords and description.
extern const db::sql put_product_words;
/// Queues all products that are not variants.
extern const db::sql queue_all_products;
/// Parameter: the new identifier of the rules for words and sort names.
extern const db::sql set_search_maker;

/// Products whose words and sort names are outdated.
struct search_backlog {
  std::string made_by;  ///< identifier of the rules used for all other products
  std::int64_t queued = 0;
  std::vector<stoa::product_id> next;
};
search_backlog read_search_backlog(db::connection& c, std::size_t limit);

// --- lists ---------------------------------------------------------------------------------------

/// `position`: in a collection that is made by hand.
enum class product_sort { relevance, newest, price_up, price_down, name, updated, position };

/// Maximum products ranked by relevance: the newest matches. Ranking all matches would cost more as
/// the store grows. The others follow, newest first.
inline constexpr std::size_t ranked_products_max = 1000;

/// The range of row numbers that a search by relevance ranks. Fixed by the first page, so that
/// products created later do not change the following pages.
struct ranked_range {
  std::int64_t oldest = 0;
  std::int64_t newest = std::numeric_limits<std::int64_t>::max();
  bool operator==(const ranked_range&) const = default;
};
BOOST_DESCRIBE_STRUCT(ranked_range, (), (oldest, newest))

/// The cursor of a list: it continues after the product with this sort key. By relevance the key is
/// the product's rank, `unranked` after the ranked products.
struct list_position {
  db::value key;
  stoa::product_id product_id;
  std::int64_t row_number = 0;  ///< only by relevance, like `ranked`
  ranked_range ranked{};
};
inline constexpr std::int64_t unranked = -1;

/// Products with any of the values of a facet; both are folded (facets.hpp).
struct facet_filter {
  std::string facet;
  std::vector<std::string> values;
  bool operator==(const facet_filter&) const = default;
};
inline constexpr std::size_t facet_filters_max = 10;  ///< of a list

/// The products of a collection: those that satisfy all of its rule, or its members.
struct collection_filter {
  std::optional<stoa::category_id> category_id;
  std::optional<std::int64_t> min_price;
  std::optional<std::int64_t> max_price;
  std::optional<bool> in_stock;
  std::vector<facet_filter> facets;
  std::optional<stoa::collection_id> members;
};

struct product_filter {
  std::vector<search_word> words;                ///< none: no search
  std::optional<stoa::category_id> category_id;  ///< including its subcategories
  std::optional<std::int64_t> min_price;         ///< minor units
  std::optional<std::int64_t> max_price;
  std::optional<bool> in_stock;
  std::vector<facet_filter> facets;  ///< all must be passed
  std::optional<collection_filter> within;
  std::optional<product_status> status;  ///< none: all except deleted products
  product_sort sort = product_sort::newest;
  std::optional<list_position> after;
  std::size_t limit = 20;
};

/// Products that are not variants. `relevance` needs `words`. A product that stays in the list is
/// on exactly one page, even if others are created or deleted meanwhile.
std::vector<list_position> find_products(db::connection& c, const product_filter& filter);
/// The total number, ignoring `after` and `limit`; with `updated_since` only those changed since
/// then.
std::int64_t count_products(db::connection& c, const product_filter& filter,
                            std::optional<timestamp> updated_since);

}  // namespace stoa::catalog
