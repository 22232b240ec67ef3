#include "actors/catalog/catalog_messages.hpp"
#include "net/front/price_rules.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/product_expansion.hpp"
#include "net/routes/product_queries.hpp"
#include "net/routes/product_search.hpp"
#include "net/routes/staff_about.hpp"

namespace stoa::front {

namespace {

using namespace stoa::catalog;
using response_task = task<http::response>;

stoa::product_id product_of(const exchange& x) {
  return x.path_id<stoa::product_id>("product_id", "product");
}
stoa::category_id category_of(const exchange& x) {
  return x.path_id<stoa::category_id>("category_id", "category");
}
stoa::image_id image_of(const exchange& x) {
  return x.path_id<stoa::image_id>("image_id", "image");
}

list_products list_of(product_list_query&& q) {
  list_products list;
  list.q = std::move(q.q);
  list.category_id = q.category_id;
  list.min_price = q.min_price;
  list.max_price = q.max_price;
  list.in_stock = q.in_stock;
  list.sort = std::move(q.sort);
  list.limit = q.limit.value_or(page_limit_default);
  list.cursor = std::move(q.cursor);
  list.ids = std::move(q.ids);
  list.handle = std::move(q.handle);
  list.sku = std::move(q.sku);
  list.filter = std::move(q.filter);
  list.facets = std::move(q.facets);
  list.collection_id = q.collection_id;
  list.highlight = q.highlight.value_or(false);
  list.locale = canonical_locale(q.locale);
  return list;
}

/// Customers see the prices of price lists, staff the products' own.
response_task product_page_of(exchange& x, list_products list,
                              std::optional<std::string> currency = {}) {
  list.count = x.shape.count;
  const bool is_public = !list.for_staff;
  if (currency) co_await check_currency(x, *currency);
  auto found = co_await engine_page(x, list);
  catalog::product_page page;
  if (found) {
    page = std::move(*found);
  } else {
    auto listed = co_await x.ask(std::move(list));
    page = std::move(listed);
  }
  if (is_public && x.shared->rules->may_have_price_lists(price_rules::clock::now())) {
    std::vector<product_view*> products;
    for (auto& p : page.data) products.push_back(&p);
    co_await show_prices(x, std::move(products), std::move(currency));
  }
  product_resource_page shown{{}, std::move(page.next_cursor), page.total, std::move(page.facets)};
  auto products = co_await expanded(x, std::move(page.data));
  shown.data = std::move(products);
  co_return x.with_etag(x.page(std::move(shown)));
}

response_task product_list(exchange& x, store_product_query q) {
  auto currency = std::move(q.currency);
  return product_page_of(x, list_of(std::move(q)), std::move(currency));
}

response_task staff_product_list(exchange& x, staff_product_query q) {
  auto status = q.status;
  auto since = q.updated_since;
  auto list = list_of(std::move(q));
  list.for_staff = true;
  list.status = status;
  list.updated_since = since;
  return product_page_of(x, std::move(list));
}

response_task one_product(exchange& x, bool for_staff, product_query q = {}) {
  if (q.currency) co_await check_currency(x, *q.currency);
  get_product query{product_of(x), for_staff, canonical_locale(q.locale)};
  auto product = co_await x.ask(std::move(query));
  if (!for_staff && x.shared->rules->may_have_price_lists(price_rules::clock::now())) {
    std::vector<product_view*> products{&product};
    co_await show_prices(x, std::move(products), std::move(q.currency));
  }
  std::vector<product_view> one;
  one.push_back(std::move(product));
  auto shown = co_await expanded(x, std::move(one));
  co_return x.cacheable(shown.front());
}

/// The complete tree: `total` counts the categories on all levels.
struct category_listing {
  static constexpr std::string_view schema_name = "category_list";
  std::vector<category_view> data;
  std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(category_listing, (), (data, total))

std::int64_t count_of(const std::vector<category_view>& categories) {
  auto count = static_cast<std::int64_t>(categories.size());
  for (const auto& c : categories) count += count_of(c.children);
  return count;
}

response_task all_categories(exchange& x, std::optional<std::string> locale,
                             std::optional<std::string> handle) {
  category_tree query{std::move(locale), std::move(handle)};
  auto tree = co_await x.ask(std::move(query));
  category_listing list{std::move(tree.data), {}};
  if (x.shape.count) list.total = count_of(list.data);
  co_return x.cacheable(list);
}

response_task one_category(exchange& x, std::optional<std::string> locale) {
  get_category query{category_of(x), std::move(locale)};
  auto category = co_await x.ask(std::move(query));
  co_return x.cacheable(category);
}

/// A command that returns the created resource.
template <class Command>
response_task make(exchange& x, Command c, std::string place) {
  auto made = co_await x.command(std::move(c));
  auto r = x.with_etag(x.json(201, made));
  if constexpr (requires { made.image_id; }) {
    place += made.image_id.str();
  } else if constexpr (requires { made.product_id; }) {
    place += made.product_id.str();
  } else {
    place += made.category_id.str();
  }
  r.headers.emplace_back("Location", std::move(place));
  co_return r;
}

template <class Command>
response_task change_entry(exchange& x, Command c) {
  c.precondition = x.precondition();
  auto changed = co_await x.command(std::move(c));
  co_return x.with_etag(x.json(200, changed));
}

/// Stock changes with each order, so the operation has no precondition.
response_task book_stock(exchange& x, adjust_stock c) {
  auto changed = co_await x.command(std::move(c));
  co_return x.json(200, changed);
}

template <class Command>
response_task remove(exchange& x, Command c) {
  c.precondition = x.precondition();
  co_await x.command(std::move(c));
  co_return x.no_content();
}

response_task ledger(exchange& x, page_query q) {
  list_ledger query{product_of(x), cursor_id<stoa::ledger_id>(q.cursor),
                    q.limit.value_or(page_limit_default), x.shape.count};
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

void add_store_routes(routes& r) {
  r.get<store_product_query, product_resource_page>("/store/v1/products",
                                                    {.id = "list_products",
                                                     .tag = "catalog",
                                                     .summary = "List or search products",
                                                     .success = {200, 304},
                                                     .shared_cache = true,
                                                     .valid_with = "catalog",
                                                     .shows_prices = true,
                                                     .expand = {category_expansion()},
                                                     .hidden = staff_product_fields(),
                                                     .limit = limit_class::search,
                                                     .cost = list_cost},
                                                    product_list);
  r.get<product_query, product_resource>(
      "/store/v1/products/{product_id}",
      {.id = "get_product",
       .tag = "catalog",
       .summary = "Get a product with its images and variants",
       .success = {200, 304},
       .errors = {404},
       .shared_cache = true,
       .valid_with = "catalog",
       .shows_prices = true,
       .expand = {category_expansion()},
       .hidden = staff_product_fields()},
      [](exchange& x, product_query q) { return one_product(x, false, std::move(q)); });
  r.get<category_query, category_listing>("/store/v1/categories",
                                          {.id = "list_categories",
                                           .tag = "catalog",
                                           .summary = "Get the category tree",
                                           .success = {200, 304},
                                           .shared_cache = true,
                                           .valid_with = "catalog"},
                                          [](exchange& x, category_query q) {
                                            return all_categories(x, canonical_locale(q.locale),
                                                                  std::move(q.handle));
                                          });
  r.get<locale_query, category_view>("/store/v1/categories/{category_id}",
                                     {.id = "get_category",
                                      .tag = "catalog",
                                      .summary = "Get a category with its descendants",
                                      .success = {200, 304},
                                      .errors = {404},
                                      .shared_cache = true,
                                      .valid_with = "catalog"},
                                     [](exchange& x, const locale_query& q) {
                                       return one_category(x, canonical_locale(q.locale));
                                     });
}

/// The same for bodies with a description, which exceed the usual limit.
about with_body_of(std::size_t bytes_max, about info) {
  info.body_bytes_max = bytes_max;
  return info;
}
/// Maximum length of a code point in JSON: two escapes (\ud83d\ude00). Any value that the field
/// rules allow fits into the body, however it is escaped.
constexpr std::size_t escaped_bytes_max = 12;
constexpr std::size_t product_body_bytes_max =
    escaped_bytes_max * description_length_max + 6 * attributes_bytes_max + 128 * 1024;
constexpr std::size_t category_body_bytes_max =
    escaped_bytes_max * category_description_length_max + 8 * 1024;

/// Attributes may be any JSON: a product has more values than other bodies.
about with_product(about info) {
  info.json_values_max = json_values_any;
  return with_body_of(product_body_bytes_max, std::move(info));
}

void add_product_routes(routes& r) {
  auto list = for_staff("admin_list_products", "List products, including drafts", {200, 304}, {});
  list.cost = list_cost;
  list.expand = {category_expansion()};
  r.get<staff_product_query, product_resource_page>("/admin/v1/products", std::move(list),
                                                    staff_product_list);
  r.post<new_product, product_view>(
      "/admin/v1/products",
      with_product(
          for_staff("admin_create_product", "Create a product or variant", {201}, {409, 422})),
      [](exchange& x, new_product b) {
        return make(x, create_product{std::move(b)}, "/admin/v1/products/");
      });
  auto read = for_staff("admin_get_product", "Get a product with all fields", {200, 304});
  read.expand = {category_expansion()};
  r.get<none, product_resource>("/admin/v1/products/{product_id}", std::move(read),
                                [](exchange& x, none) { return one_product(x, true); });
  r.patch<product_change, product_view>(
      "/admin/v1/products/{product_id}",
      with_product(for_staff_if_match("admin_change_product", "Change a product; null removes",
                                      {200}, {404, 409, 412, 422})),
      [](exchange& x, product_change b) {
        return change_entry(x, change_product{product_of(x), std::move(b)});
      });
  r.del<none, none>("/admin/v1/products/{product_id}",
                    for_staff_if_match("admin_delete_product", "Delete a product with its variants",
                                       {204}, {404, 409, 412}),
                    [](exchange& x, none) { return remove(x, delete_product{product_of(x)}); });
  r.get<page_query, ledger_page>(
      "/admin/v1/products/{product_id}/inventory",
      for_staff("admin_get_inventory", "Get the stock of a product and its changes, newest first"),
      ledger);
  r.post<stock_change, stock_view>(
      "/admin/v1/products/{product_id}/inventory",
      for_staff("admin_adjust_inventory", "Adjust the stock of a product", {200}, {404, 409, 422}),
      [](exchange& x, stock_change b) {
        return book_stock(x, {product_of(x), std::move(b)});
      });
}

void add_image_routes(routes& r) {
  r.post<new_image, image_view>(
      "/admin/v1/products/{product_id}/images",
      for_staff("admin_add_image", "Add an image to a product", {201}, {404, 409, 422}),
      [](exchange& x, new_image b) {
        auto id = product_of(x);
        return make(x, add_image{id, std::move(b)}, "/admin/v1/products/" + id.str() + "/images/");
      });
  r.get<none, image_view>("/admin/v1/products/{product_id}/images/{image_id}",
                          for_staff("admin_get_image", "Get an image of a product", {200, 304}),
                          [](exchange& x, none) -> response_task {
                            auto id = image_of(x);
                            get_product query{product_of(x), true};
                            auto product = co_await x.ask(std::move(query));
                            for (const auto& i : product.images) {
                              if (i.image_id == id) co_return x.cacheable(i);
                            }
                            fail(not_found("image"));
                          });
  r.patch<image_change, image_view>(
      "/admin/v1/products/{product_id}/images/{image_id}",
      for_staff_if_match("admin_change_image", "Change an image"), [](exchange& x, image_change b) {
        return change_entry(x, change_image{product_of(x), image_of(x), std::move(b)});
      });
  r.del<none, none>("/admin/v1/products/{product_id}/images/{image_id}",
                    for_staff_if_match("admin_remove_image", "Remove an image", {204}, {404, 412}),
                    [](exchange& x, none) {
                      return remove(x, remove_image{product_of(x), image_of(x)});
                    });
}

void add_category_routes(routes& r) {
  r.get<staff_category_query, category_listing>(
      "/admin/v1/categories",
      for_staff("admin_list_categories", "Get the category tree", {200, 304}, {}),
      [](exchange& x, staff_category_query q) {
        return all_categories(x, {}, std::move(q.handle));
      });
  r.post<new_category, category_view>(
      "/admin/v1/categories",
      with_body_of(category_body_bytes_max,
                   for_staff("admin_create_category", "Create a category", {201}, {409, 422})),
      [](exchange& x, new_category b) {
        return make(x, create_category{std::move(b)}, "/admin/v1/categories/");
      });
  r.get<none, category_view>(
      "/admin/v1/categories/{category_id}",
      for_staff("admin_get_category", "Get a category with its descendants", {200, 304}),
      [](exchange& x, none) { return one_category(x, {}); });
  r.patch<category_change, category_view>(
      "/admin/v1/categories/{category_id}",
      with_body_of(
          category_body_bytes_max,
          for_staff_if_match("admin_change_category", "Rename or move a category; null removes",
                             {200}, {404, 409, 412, 422})),
      [](exchange& x, category_change b) {
        return change_entry(x, change_category{category_of(x), std::move(b)});
      });
  r.del<none, none>("/admin/v1/categories/{category_id}",
                    for_staff_if_match("admin_delete_category", "Delete an empty category", {204},
                                       {404, 409, 412}),
                    [](exchange& x, none) { return remove(x, delete_category{category_of(x)}); });
}

}  // namespace

void add_catalog_routes(routes& r) {
  add_store_routes(r);
  add_product_routes(r);
  add_image_routes(r);
  add_category_routes(r);
}

}  // namespace stoa::front
