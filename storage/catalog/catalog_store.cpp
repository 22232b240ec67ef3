#include "storage/catalog/catalog_store.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

const std::string stock_of_product = " JOIN inventory s ON s.product_id=p.product_id";

const db::sql product_by_id{
    "read product", "SELECT " + db::column_list<product_row>("p.") + "," +
                        db::column_list<stock_row>("s.") + ",c.name,c.handle FROM products p" +
                        stock_of_product +
                        " LEFT JOIN categories c ON c.category_id=p.category_id"
                        " WHERE p.product_id=$1"};
const db::sql images_of{"read product images",
                        "SELECT " + db::column_list<image_row>() +
                            " FROM product_images WHERE product_id=$1 ORDER BY position, image_id"};
const db::sql variants_of{
    "read product variants",
    "SELECT " + db::column_list<product_row>("p.") + "," + db::column_list<stock_row>("s.") +
        " FROM products p" + stock_of_product +
        " WHERE p.parent_product_id=$1 AND p.status<>'Deleted' ORDER BY p.row_number"};
/// Shaped like a record's statement, so that several can be grouped.
const db::record_shape price{
    db::record_operation::select,
    "products p" + stock_of_product + " LEFT JOIN products q ON q.product_id=p.parent_product_id",
    {"p.product_id", "p.status", "p.sku", "p.name", "p.price", "p.price_currency", "p.options",
     "s.inventory_count", "s.sellable", "s.available_min", "p.quantity_min", "p.quantity_max",
     "p.quantity_step", "q.quantity_min", "q.quantity_max", "q.quantity_step"},
    0,
    false,
    "p.product_id"};
const db::sql price_by_id = [] {
  std::string columns;
  for (const auto& c : price.columns) columns += (columns.empty() ? "" : ",") + c;
  return db::sql{"read price",
                 "SELECT " + columns + " FROM " + price.table + " WHERE " + price.by + "=$1",
                 &price};
}();

const db::sql categories_of_product{
    "read categories of product",
    "WITH RECURSIVE up(product_id, parent_product_id, category_id, depth) AS ("
    " SELECT p.product_id, p.parent_product_id, coalesce(p.category_id, q.category_id), 0"
    " FROM products p LEFT JOIN products q ON q.product_id=p.parent_product_id"
    " WHERE p.product_id=$1"
    " UNION ALL SELECT u.product_id, u.parent_product_id, c.parent_category_id, u.depth+1"
    " FROM up u JOIN categories c ON c.category_id=u.category_id"
    " WHERE c.parent_category_id IS NOT NULL AND u.depth<100)"
    " SELECT product_id, parent_product_id, category_id FROM up"};
const db::sql attributes_of_product{
    "read attributes of product",
    "SELECT p.product_id, p.attributes, q.attributes FROM products p"
    " LEFT JOIN products q ON q.product_id=p.parent_product_id WHERE p.product_id=$1"};
const db::sql all_categories{"read categories",
                             "SELECT " + db::column_list<category_row>() + " FROM categories"};
const db::sql category_tree{
    "read category tree",
    "WITH RECURSIVE below(id, depth) AS (SELECT category_id, 0 FROM categories WHERE category_id=$1"
    " UNION ALL SELECT c.category_id, b.depth+1 FROM categories c"
    " JOIN below b ON c.parent_category_id=b.id WHERE b.depth<64)"
    " SELECT " +
        db::column_list<category_row>("c.") +
        " FROM below b JOIN categories c ON c.category_id=b.id"
        " ORDER BY b.depth"};

const db::sql category_path{
    "read category path",
    "WITH RECURSIVE up(parent, name, depth) AS (SELECT parent_category_id, name, 0 FROM categories"
    " WHERE category_id=$1 UNION ALL SELECT c.parent_category_id, c.name, u.depth+1"
    " FROM categories c JOIN up u ON c.category_id=u.parent WHERE u.depth<64)"
    " SELECT name FROM up ORDER BY depth DESC"};

const db::sql ledger_of{"read stock ledger",
                        "SELECT " + db::column_list<ledger_row>() +
                            " FROM stock_ledger WHERE product_id=$1 AND ledger_id<$2"
                            " ORDER BY ledger_id DESC LIMIT $3"};
const db::sql ledger_size{"count stock ledger",
                          "SELECT count(*) FROM stock_ledger WHERE product_id=$1"};
const db::sql overdue{"overdue reservations",
                      "SELECT order_id FROM reservations WHERE status='Active'"
                      " AND (deadline<=$1 OR deadline>$2) ORDER BY deadline, order_id LIMIT $3"};
const db::sql holds_overdue{"overdue holds",
                            "SELECT cart_id FROM stock_holds WHERE deadline<=$1"
                            " ORDER BY deadline, cart_id LIMIT $2"};
const db::sql ids_after{"products in order",
                        "SELECT product_id FROM products WHERE product_id>$1"
                        " AND parent_product_id IS NULL AND status<>'Deleted'"
                        " ORDER BY product_id LIMIT $2"};
/// What the filters of an export look at.
struct scanned_row {
  stoa::product_id product_id;
  timestamp updated_at;
  product_status status = product_status::Draft;
};
BOOST_DESCRIBE_STRUCT(scanned_row, (), (product_id, updated_at, status))
/// Rows that an export with filters reads for a page.
constexpr std::size_t scanned_at_once = 1000;
const db::sql scanned_products{"products of an export",
                               "SELECT " + db::column_list<scanned_row>() +
                                   " FROM products WHERE product_id>$1"
                                   " AND parent_product_id IS NULL AND status<>'Deleted'"
                                   " ORDER BY product_id LIMIT $2"};
// Without an order, and with duplicates: for both, SQLite would read the whole table.
const db::sql scheduled{"scheduled products",
                        "SELECT product_id FROM products WHERE publish_at<=$1"
                        " AND status<>'Deleted' UNION ALL SELECT product_id FROM products"
                        " WHERE archive_at<=$1 AND status<>'Deleted' LIMIT $2"};
const db::sql id_by_redirect{"product by earlier handle",
                             "SELECT product_id FROM product_redirects WHERE handle=$1"};
const db::sql id_by_handle{"product by handle", "SELECT product_id FROM products WHERE handle=$1"};
const db::sql users_of_handle{"users of handle",
                              "SELECT kind,resource_id FROM handle_use WHERE handle=$1"};
/// `index` is the one of products without a handle. SQLite prefers that of all handles, by which it
/// finds every variant.
db::sql unnamed_in(const std::string& index) {
  return {"resources without handle",
          "SELECT * FROM (SELECT 0 AS kind, product_id AS id FROM products " + index +
              " WHERE handle IS NULL AND parent_product_id IS NULL AND status<>'Deleted'"
              " UNION ALL SELECT 1, category_id FROM categories WHERE handle IS NULL"
              " UNION ALL SELECT 2, collection_id FROM collections WHERE handle IS NULL) AS u"
              " LIMIT $1"};
}
const db::sql unnamed = unnamed_in("");
const db::sql unnamed_sqlite = unnamed_in("INDEXED BY products_without_handle");

const db::sql handle_of{"handle of product",
                        "SELECT product_id, handle FROM products WHERE product_id=$1"};
const db::sql redirects_of{"earlier handles of product",
                           "SELECT " + db::column_list<redirect_row>() +
                               " FROM product_redirects WHERE product_id=$1 ORDER BY handle"};

const db::sql resource_redirects_of{"earlier handles of resource",
                                    "SELECT " + db::column_list<resource_redirect_row>() +
                                        " FROM resource_redirects WHERE resource_id=$1"
                                        " ORDER BY handle"};

const db::sql search_maker{"search maker", "SELECT made_by FROM search_state"};
const db::sql queued_products{"queued products",
                              "SELECT product_id FROM search_queue ORDER BY product_id LIMIT $1"};
const db::sql queue_length{"queue length", "SELECT count(*) FROM search_queue"};

const db::sql id_by_sku{"product by sku",
                        "SELECT coalesce(parent_product_id,product_id) FROM products WHERE sku=$1"};

/// The number of columns of a record in column_list.
template <class R>
constexpr std::size_t width_of() {
  std::size_t width = 0;
  boost::mp11::mp_for_each<members_of<R>>([&](auto d) {
    width += db::column_count<std::remove_cvref_t<decltype(std::declval<R>().*d.pointer)>>;
  });
  return width;
}
constexpr std::size_t product_columns = width_of<product_row>();
constexpr std::size_t stock_columns = width_of<stock_row>();

stocked_product read_stocked(db::row r) {
  return {db::read_record<product_row>(r), db::read_record<stock_row>(r, product_columns)};
}

}  // namespace

const db::sql refresh_list_price{
    "refresh list price",
    "UPDATE products SET list_price=coalesce((SELECT min(v.price) FROM products v"
    " JOIN inventory s ON s.product_id=v.product_id"
    " WHERE v.parent_product_id=products.product_id AND s.sellable=1), price)"
    " WHERE product_id=$1"};

const db::sql put_product_words{
    "put product words",
    "INSERT INTO product_words(product_id,name,keywords,body) VALUES($1,$2,"
    // The words of the translated options and tags are found, too.
    "$3 || coalesce((SELECT ' ' || words FROM product_label_words WHERE product_id=$1), ''),$4)"};
const db::sql queue_all_products{
    "queue all products",
    "INSERT INTO search_queue(product_id) SELECT product_id FROM"
    " products WHERE parent_product_id IS NULL ON CONFLICT DO NOTHING"};
const db::sql set_search_maker{"set search maker",
                               "INSERT INTO search_state(id,made_by) VALUES(1,$1)"
                               " ON CONFLICT(id) DO UPDATE SET made_by=excluded.made_by"};

search_backlog read_search_backlog(db::connection& c, std::size_t limit) {
  search_backlog found;
  c.query({&search_maker, {}},
          [&](db::row r) { found.made_by = std::move(std::get<std::string>(r[0])); });
  c.query({&queued_products, db::params(static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.next.push_back({std::get<uuid>(r[0])}); });
  if (found.next.empty()) return found;
  c.query({&queue_length, {}}, [&](db::row r) { found.queued = std::get<std::int64_t>(r[0]); });
  return found;
}

std::vector<product_parts> read_products(db::connection& c,
                                         const std::vector<stoa::product_id>& ids,
                                         bool with_removed) {
  std::vector<db::statement> ask;
  for (auto id : ids) {
    ask.push_back({&product_by_id, db::params(id)});
    ask.push_back({&images_of, db::params(id)});
  }
  std::vector<product_parts> list(ids.size());
  c.query(ask, [&](std::size_t i, db::row r) {
    auto& parts = list[i / 2];
    if (i % 2 == 1) {
      parts.images.push_back(db::read_record<image_row>(r));
      return;
    }
    auto found = read_stocked(r);
    parts.product = std::move(found.product);
    parts.stock = found.stock;
    if (auto* name = std::get_if<std::string>(&r[product_columns + stock_columns])) {
      parts.category_name = std::move(*name);
    }
    if (auto* handle = std::get_if<std::string>(&r[product_columns + stock_columns + 1])) {
      parts.category_handle = std::move(*handle);
    }
  });
  std::erase_if(list, [](const product_parts& p) { return p.product.product_id.is_nil(); });
  // Only a product that is not sellable can have variants, except those being removed.
  ask.clear();
  std::vector<product_parts*> parents;
  for (auto& parts : list) {
    if (parts.stock.sellable && !with_removed) continue;
    ask.push_back({&variants_of, db::params(parts.product.product_id)});
    parents.push_back(&parts);
  }
  if (ask.empty()) return list;
  c.query(ask, [&](std::size_t i, db::row r) { parents[i]->variants.push_back(read_stocked(r)); });
  return list;
}

std::optional<product_parts> read_product(db::connection& c, stoa::product_id id,
                                          bool with_removed) {
  auto found = read_products(c, {id}, with_removed);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::function<std::vector<price_row>()> ask_prices(db::gathering& all,
                                                   const std::vector<stoa::product_id>& ids) {
  std::vector<db::gathering::found<price_row>> found;
  found.reserve(ids.size());
  for (auto id : ids) found.push_back(all.ask<price_row>(price_by_id, db::params(id)));
  return [found] {
    std::vector<price_row> list;
    for (const auto& rows : found) {
      for (auto& r : *rows) {
        if (r.status != product_status::Deleted) list.push_back(std::move(r));
      }
    }
    return list;
  };
}

namespace {

/// Adds the query for each product; the returned function joins the results.
template <class R>
std::function<std::vector<R>()> ask_each(db::gathering& all, const db::sql& what,
                                         const std::vector<stoa::product_id>& ids) {
  std::vector<db::gathering::found<R>> found;
  found.reserve(ids.size());
  for (auto id : ids) found.push_back(all.ask<R>(what, db::params(id)));
  return [found] {
    std::vector<R> list;
    for (const auto& rows : found) list.insert(list.end(), rows->begin(), rows->end());
    return list;
  };
}

}  // namespace

std::function<std::vector<product_category_row>()> ask_product_categories(
    db::gathering& all, const std::vector<stoa::product_id>& ids) {
  return ask_each<product_category_row>(all, categories_of_product, ids);
}

std::function<std::vector<product_attributes_row>()> ask_product_attributes(
    db::gathering& all, const std::vector<stoa::product_id>& ids) {
  return ask_each<product_attributes_row>(all, attributes_of_product, ids);
}

std::vector<category_row> read_categories(db::connection& c) {
  return db::select<category_row>(c, all_categories, {});
}

std::vector<category_row> read_category_tree(db::connection& c, stoa::category_id root) {
  return db::select<category_row>(c, category_tree, db::params(root));
}

std::map<stoa::category_id, std::vector<std::string>> read_category_paths(
    db::connection& c, const std::vector<product_parts>& products) {
  std::map<stoa::category_id, std::vector<std::string>> paths;
  for (const auto& p : products) {
    if (p.product.category_id) paths[*p.product.category_id];
  }
  std::vector<db::statement> ask;
  ask.reserve(paths.size());
  std::vector<std::vector<std::string>*> into;
  into.reserve(paths.size());
  for (auto& [id, names] : paths) {
    ask.push_back({&category_path, db::params(id)});
    into.push_back(&names);
  }
  c.query(ask, [&](std::size_t i, db::row r) {
    into[i]->push_back(std::move(std::get<std::string>(r[0])));
  });
  return paths;
}

std::vector<ledger_row> read_ledger(db::connection& c, stoa::product_id id,
                                    std::optional<stoa::ledger_id> before, std::size_t limit) {
  stoa::ledger_id last{};
  last.value.bytes.fill(0xFF);
  return db::select<ledger_row>(
      c, ledger_of, db::params(id, before.value_or(last), static_cast<std::int64_t>(limit)));
}

std::int64_t count_ledger(db::connection& c, stoa::product_id id) {
  std::int64_t total = 0;
  c.query({&ledger_size, db::params(id)}, [&](db::row r) { total = std::get<std::int64_t>(r[0]); });
  return total;
}

std::vector<stoa::order_id> overdue_reservations(db::connection& c, timestamp now, timestamp latest,
                                                 std::size_t limit) {
  std::vector<stoa::order_id> found;
  c.query({&overdue, db::params(now, latest, static_cast<std::int64_t>(limit))}, [&](db::row r) {
    stoa::order_id id{std::get<uuid>(r[0])};
    if (std::find(found.begin(), found.end(), id) == found.end()) found.push_back(id);
  });
  return found;
}

std::vector<stoa::cart_id> overdue_holds(db::connection& c, timestamp now, std::size_t limit) {
  std::vector<stoa::cart_id> found;
  c.query({&holds_overdue, db::params(now, static_cast<std::int64_t>(limit))}, [&](db::row r) {
    stoa::cart_id id{std::get<uuid>(r[0])};
    if (std::find(found.begin(), found.end(), id) == found.end()) found.push_back(id);
  });
  return found;
}

std::vector<stoa::product_id> scheduled_products(db::connection& c, timestamp now,
                                                 std::size_t limit) {
  std::vector<stoa::product_id> found;
  c.query({&scheduled, db::params(now, static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

product_scan scan_products(db::connection& c, std::optional<stoa::product_id> after,
                           std::size_t limit, std::optional<timestamp> updated_since,
                           std::optional<product_status> status) {
  const auto count = updated_since || status ? scanned_at_once : limit;
  const auto rows = db::select<scanned_row>(
      c, scanned_products,
      db::params(after.value_or(stoa::product_id{}), static_cast<std::int64_t>(count)));
  product_scan found;
  for (const auto& r : rows) {
    if (found.ids.size() == limit) {
      found.next = found.ids.back();
      return found;
    }
    if (updated_since && r.updated_at < *updated_since) continue;
    if (!status || r.status == *status) found.ids.push_back(r.product_id);
  }
  if (rows.size() == count) found.next = rows.back().product_id;
  return found;
}

std::vector<stoa::product_id> product_ids_after(db::connection& c,
                                                std::optional<stoa::product_id> after,
                                                std::size_t limit) {
  std::vector<stoa::product_id> found;
  c.query({&ids_after,
           db::params(after.value_or(stoa::product_id{}), static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

namespace {

/// The rows of the query of each product, in order.
template <class R>
std::vector<R> select_each(db::connection& c, const db::sql& what,
                           const std::vector<stoa::product_id>& ids) {
  db::gathering all;
  std::vector<db::gathering::found<R>> asked;
  asked.reserve(ids.size());
  for (auto id : ids) asked.push_back(all.ask<R>(what, db::params(id)));
  all.run(c);
  std::vector<R> found;
  for (const auto& rows : asked) found.insert(found.end(), rows->begin(), rows->end());
  return found;
}

}  // namespace

std::vector<product_handle_row> read_handles(db::connection& c,
                                             const std::vector<stoa::product_id>& ids) {
  return select_each<product_handle_row>(c, handle_of, ids);
}

std::vector<redirect_row> read_redirects(db::connection& c,
                                         const std::vector<stoa::product_id>& ids) {
  return select_each<redirect_row>(c, redirects_of, ids);
}

std::vector<resource_redirect_row> read_resource_redirects(db::connection& c, const uuid& id) {
  return db::select<resource_redirect_row>(c, resource_redirects_of, db::params(id));
}

namespace {

std::optional<stoa::product_id> id_by(db::connection& c, const db::sql& what,
                                      const std::string& value) {
  std::optional<stoa::product_id> found;
  c.query({&what, db::params(value)},
          [&](db::row r) { found = stoa::product_id{std::get<uuid>(r[0])}; });
  return found;
}

}  // namespace

std::optional<stoa::product_id> product_id_of_handle(db::connection& c, const std::string& handle) {
  return id_by(c, id_by_handle, handle);
}

std::optional<stoa::product_id> product_id_of_redirect(db::connection& c,
                                                       const std::string& handle) {
  return id_by(c, id_by_redirect, handle);
}

std::optional<uuid> resource_id_of_handle(db::connection& c, const std::string& kind,
                                          const std::string& handle) {
  std::optional<uuid> now;
  std::optional<uuid> earlier;
  c.query({&users_of_handle, db::params(handle)}, [&](db::row r) {
    const auto& used_as = std::get<std::string>(r[0]);
    if (used_as == kind) now = std::get<uuid>(r[1]);
    if (used_as == kind + "_earlier") earlier = std::get<uuid>(r[1]);
  });
  return now ? now : earlier;
}

unnamed_resources read_unnamed(db::connection& c, std::size_t limit) {
  unnamed_resources found;
  const auto& what = c.dialect() == "sqlite" ? unnamed_sqlite : unnamed;
  c.query({&what, db::params(static_cast<std::int64_t>(limit))}, [&](db::row r) {
    const auto kind = std::get<std::int64_t>(r[0]);
    const auto id = std::get<uuid>(r[1]);
    if (kind == 0) found.product_ids.push_back({id});
    if (kind == 1) found.category_ids.push_back({id});
    if (kind == 2) found.collection_ids.push_back({id});
  });
  return found;
}

std::optional<stoa::product_id> product_id_of_sku(db::connection& c, const std::string& sku) {
  return id_by(c, id_by_sku, sku);
}

}  // namespace stoa::catalog
