// Collections, related products, suggestions and synonyms.

#include "actors/catalog/collection_messages.hpp"
#include "net/front/price_rules.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/product_expansion.hpp"
#include "net/routes/product_queries.hpp"
#include "net/routes/staff_about.hpp"

namespace stoa::front {

namespace {

using namespace stoa::catalog;
using response_task = task<http::response>;

const std::string collections_path = "/admin/v1/collections";
const std::string collection_path = collections_path + "/{collection_id}";
const std::string related_path = "/admin/v1/products/{product_id}/related";
const std::string synonyms_path = "/admin/v1/search/synonyms";
/// A list of a thousand ids in JSON, and a description.
constexpr std::size_t collection_body_bytes_max = 256 * 1024;
/// 500 groups of 20 phrases of 100 bytes, some of them escaped.
constexpr std::size_t synonyms_body_bytes_max = std::size_t{2} << 20;

constexpr json::rule collection_handle_rule{.field = "handle",
                                            .length_min = 1,
                                            .length_max = 255,
                                            .description =
                                                "The collection with this handle or, if none has "
                                                "it, the one that had it; its handle is then "
                                                "another."};

struct handle_query {
  std::optional<std::string> handle;
  static constexpr json::rule rules[] = {collection_handle_rule};
};
BOOST_DESCRIBE_STRUCT(handle_query, (), (handle))

struct collection_query : locale_query {
  std::optional<std::string> handle;
  static constexpr json::rule rules[] = {names_rule, collection_handle_rule};
};
BOOST_DESCRIBE_STRUCT(collection_query, (locale_query), (handle))

struct suggest_query : locale_query {
  std::string q;
  std::optional<std::int64_t> limit;
  static constexpr json::rule rules[] = {
      names_rule,
      {.field = "q",
       .length_min = 1,
       .length_max = 200,
       .description = "What the customer has typed; the last word may be incomplete."},
      {.field = "limit",
       .value_min = 1,
       .value_max = 10,
       .description = "The maximum length of each list.",
       .default_value = "5"}};
};
BOOST_DESCRIBE_STRUCT(suggest_query, (locale_query), (q, limit))

struct related_query : product_query {
  std::optional<std::int64_t> limit;
  static constexpr json::rule rules[] = {names_rule,
                                         product_currency_rule,
                                         {.field = "limit",
                                          .value_min = 1,
                                          .value_max = 50,
                                          .description = "The maximum number of products.",
                                          .default_value = "10"}};
};
BOOST_DESCRIBE_STRUCT(related_query, (product_query), (limit))

stoa::collection_id collection_of(const exchange& x) {
  return x.path_id<stoa::collection_id>("collection_id", "collection");
}
stoa::product_id related_product_of(const exchange& x) {
  return x.path_id<stoa::product_id>("product_id", "product");
}

std::vector<std::string> staff_collection_fields(const std::string& at) {
  return {at + "published", at + "rule", at + "product_ids"};
}

response_task collection_list(exchange& x, list_collections query) {
  auto page = co_await x.ask(std::move(query));
  if (x.shape.count) page.total = static_cast<std::int64_t>(page.data.size());
  co_return x.cacheable(page);
}

response_task one_collection(exchange& x, bool for_staff, std::optional<std::string> locale) {
  get_collection query{collection_of(x), for_staff, std::move(locale)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task create_new_collection(exchange& x, collection_terms terms) {
  create_collection command{std::move(terms)};
  auto view = co_await x.command(std::move(command));
  auto r = x.with_etag(x.json(201, view));
  r.headers.emplace_back("Location", collections_path + "/" + view.collection_id.str());
  co_return r;
}

response_task replace_one_collection(exchange& x, collection_terms terms) {
  replace_collection command{collection_of(x), std::move(terms), x.precondition()};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

response_task remove_collection(exchange& x, none) {
  delete_collection command{collection_of(x), x.precondition()};
  co_await x.command(std::move(command));
  co_return x.no_content();
}

response_task shown_related(exchange& x, related_query q) {
  if (q.currency) co_await check_currency(x, *q.currency);
  show_related query{related_product_of(x), q.limit.value_or(10), canonical_locale(q.locale)};
  auto list = co_await x.ask(std::move(query));
  if (x.shared->rules->may_have_price_lists(price_rules::clock::now())) {
    std::vector<product_view*> products;
    for (auto& one : list.data) products.push_back(&one.product);
    co_await show_prices(x, std::move(products), std::move(q.currency));
  }
  co_return x.cacheable(list);
}

response_task staff_related(exchange& x, none) {
  get_related query{related_product_of(x)};
  auto list = co_await x.ask(std::move(query));
  co_return x.cacheable(list);
}

response_task replace_related(exchange& x, related_refs refs) {
  set_related command{related_product_of(x), std::move(refs), x.precondition()};
  auto list = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, list));
}

response_task shown_suggestions(exchange& x, suggest_query q) {
  suggest query{std::move(q.q), q.limit.value_or(5), canonical_locale(q.locale)};
  auto list = co_await x.ask(std::move(query));
  co_return x.cacheable(list);
}

response_task staff_synonyms(exchange& x, none) {
  get_synonyms query;
  auto list = co_await x.ask(std::move(query));
  co_return x.cacheable(list);
}

response_task replace_synonyms(exchange& x, synonym_list list) {
  set_synonyms command{std::move(list), x.precondition()};
  auto set = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, set));
}

void add_collection_store_routes(routes& r) {
  r.get<collection_query, collection_page>(
      "/store/v1/collections",
      {.id = "list_collections",
       .tag = "catalog",
       .summary = "List collections of products, by name",
       .success = {200, 304},
       .shared_cache = true,
       .valid_with = "catalog",
       .hidden = staff_collection_fields("")},
      [](exchange& x, collection_query q) {
        list_collections query{false, std::move(q.handle), canonical_locale(q.locale)};
        return collection_list(x, std::move(query));
      });
  r.get<locale_query, collection_view>(
      "/store/v1/collections/{collection_id}",
      {.id = "get_collection",
       .tag = "catalog",
       .summary = "Get a collection",
       .description = "Its products are those of the list of products "
                      "with `collection_id`.",
       .success = {200, 304},
       .errors = {404},
       .shared_cache = true,
       .valid_with = "catalog",
       .hidden = staff_collection_fields("")},
      [](exchange& x, const locale_query& q) {
        return one_collection(x, false, canonical_locale(q.locale));
      });
  r.get<related_query, related_list>(
      "/store/v1/products/{product_id}/related",
      {.id = "list_related_products",
       .tag = "catalog",
       .summary = "List products that go with a product",
       .description = "Those that staff have chosen or, without any, others of "
                      "its category, newest first, with the kind `similar`.",
       .success = {200, 304},
       .errors = {404},
       .shared_cache = true,
       .valid_with = "catalog",
       .shows_prices = true,
       .hidden = staff_product_fields("product"),
       .limit = limit_class::search,
       .cost = list_cost},
      shown_related);
  r.get<suggest_query, suggestion_list>(
      "/store/v1/search/suggestions",
      {.id = "suggest_searches",
       .tag = "catalog",
       .summary = "Suggest searches, products and categories for a text being typed",
       .success = {200, 304},
       .shared_cache = true,
       .valid_with = "catalog",
       .limit = limit_class::search,
       .cost = list_cost},
      shown_suggestions);
}

about with_collection_body(std::size_t bytes_max, about info) {
  info.body_bytes_max = bytes_max;
  info.json_values_max = json_values_any;
  return info;
}

}  // namespace

void add_collection_routes(routes& r) {
  add_collection_store_routes(r);
  r.get<handle_query, collection_page>(
      collections_path, for_staff("admin_list_collections", "List collections", {200, 304}, {}),
      [](exchange& x, handle_query q) {
        return collection_list(x, list_collections{true, std::move(q.handle)});
      });
  r.post<collection_terms, collection_view>(
      collections_path,
      with_collection_body(
          collection_body_bytes_max,
          for_staff("admin_create_collection", "Create a collection", {201}, {409, 422})),
      create_new_collection);
  r.get<none, collection_view>(
      collection_path,
      for_staff("admin_get_collection", "Get a collection with its rule or products", {200, 304}),
      [](exchange& x, none) { return one_collection(x, true, {}); });
  r.put<collection_terms, collection_view>(
      collection_path,
      with_collection_body(collection_body_bytes_max,
                           for_staff_if_match("admin_replace_collection", "Replace a collection",
                                              {200}, {404, 409, 412, 422})),
      replace_one_collection);
  r.del<none, none>(
      collection_path,
      for_staff_if_match("admin_delete_collection", "Delete a collection", {204}, {404, 412}),
      remove_collection);
  r.get<none, related_refs>(
      related_path,
      for_staff("admin_get_related_products", "Get the related products of a product", {200, 304}),
      staff_related);
  r.put<related_refs, related_refs>(related_path,
                                    for_staff_if_match("admin_replace_related_products",
                                                       "Replace the related products of a product"),
                                    replace_related);
  r.get<none, synonym_list>(
      synonyms_path,
      for_staff("admin_get_search_synonyms", "Get the synonyms of searches", {200, 304}, {}),
      staff_synonyms);
  r.put<synonym_list, synonym_list>(
      synonyms_path,
      with_collection_body(
          synonyms_body_bytes_max,
          for_staff_if_match("admin_replace_search_synonyms",
                             "Replace the synonyms of searches, which apply at once", {200},
                             {412, 422})),
      replace_synonyms);
}

}  // namespace stoa::front
