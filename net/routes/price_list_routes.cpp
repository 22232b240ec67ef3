// Price lists and their prices, for staff.

#include "actors/catalog/catalog_messages.hpp"
#include "actors/pricing/price_list_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/current_rules.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/staff_about.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using namespace stoa::pricing;
using response_task = task<http::response>;

const std::string price_lists_path = "/admin/v1/price-lists";
const std::string price_list_path = price_lists_path + "/{price_list_id}";
const std::string prices_path = price_list_path + "/prices";

struct price_list_query {
  std::optional<std::string> currency;
  std::optional<price_list_kind> kind;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {{.field = "currency",
                                          .form = json::format::currency,
                                          .description = "Price lists in this currency."},
                                         {.field = "kind", .description = "Those of this kind."},
                                         limit_rule,
                                         cursor_rule};
};
BOOST_DESCRIBE_STRUCT(price_list_query, (), (currency, kind, limit, cursor))

struct prices_body {
  static constexpr std::string_view schema_name = "price_changes";
  static constexpr std::string_view example =
      R"({"set":[{"product_id":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90",)"
      R"("price":{"amount":1990,"currency":"EUR"},)"
      R"("tiers":[{"min_quantity":10,"price":{"amount":1790,"currency":"EUR"}}]}]})";
  std::vector<price_entry_terms> set;
  std::vector<stoa::product_id> remove;
  static constexpr std::string_view defaults[] = {"set", "remove"};
  static constexpr json::rule rules[] = {
      {.field = "set",
       .length_max = price_entries_at_once_max,
       .description = "The prices to add or to replace."},
      {.field = "remove",
       .length_max = price_entries_at_once_max,
       .description = "The products whose prices are deleted; others are ignored."}};
};
BOOST_DESCRIBE_STRUCT(prices_body, (), (set, remove))

stoa::price_list_id path_price_list(const exchange& x) {
  return x.path_id<stoa::price_list_id>("price_list_id", "price list");
}

response_task make_price_list(exchange& x, price_list_terms terms) {
  create_price_list command{{system_ids().next_v7()}, std::move(terms)};
  auto view = co_await x.command(std::move(command));
  co_await learn_rules(x);
  auto r = x.with_etag(x.json(201, view));
  r.headers.emplace_back("Location", price_lists_path + "/" + view.price_list_id.str());
  co_return r;
}

response_task price_lists_of(exchange& x, price_list_query q) {
  list_price_lists query;
  query.currency = std::move(q.currency);
  query.kind = q.kind;
  query.before = cursor_id<stoa::price_list_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  query.count = x.shape.count;
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_price_list(exchange& x, none) {
  get_price_list query{path_price_list(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task put_price_list(exchange& x, price_list_terms terms) {
  replace_price_list command{path_price_list(x), std::move(terms), x.precondition()};
  auto view = co_await x.command(std::move(command));
  co_await learn_rules(x);
  co_return x.with_etag(x.json(200, view));
}

response_task remove_price_list(exchange& x, none) {
  delete_price_list command{path_price_list(x), x.precondition()};
  co_await x.command(std::move(command));
  co_await learn_rules(x);
  co_return x.no_content();
}

/// Rejects prices of products that do not exist, or are sold only as variants.
task<none> check_products(exchange& x, const std::vector<price_entry_terms>& prices) {
  catalog::price_items query;
  for (const auto& p : prices) query.product_ids.push_back(p.product_id);
  if (query.product_ids.empty()) co_return none{};
  const auto found = co_await x.ask(std::move(query));
  std::vector<field_error> errors;
  for (std::size_t i = 0; i < prices.size(); ++i) {
    const auto at = "/set/" + std::to_string(i) + "/product_id";
    const auto item =
        std::ranges::find(found.data, prices[i].product_id, &catalog::price_item::product_id);
    if (item == found.data.end()) {
      errors.push_back({at, "not_found", "The product does not exist."});
    } else if (item->has_variants) {
      errors.push_back({at, "value", "The product has variants. Set their prices."});
    }
  }
  if (!errors.empty()) fail(invalid(std::move(errors)));
  co_return none{};
}

response_task change_list_prices(exchange& x, prices_body body) {
  const auto id = path_price_list(x);
  co_await check_products(x, body.set);
  change_prices command{id, std::move(body.set), std::move(body.remove)};
  auto counts = co_await x.command(std::move(command));
  co_await learn_rules(x);
  co_return x.json(200, counts);
}

response_task price_page_of(exchange& x, page_query q) {
  list_price_entries query{path_price_list(x), cursor_id<stoa::product_id>(q.cursor),
                           q.limit.value_or(page_limit_default)};
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task product_prices_of(exchange& x, none) {
  get_product_prices query{x.path_id<stoa::product_id>("product_id", "product")};
  auto prices = co_await x.ask(std::move(query));
  co_return x.json(200, prices);
}

constexpr std::size_t prices_body_bytes_max = std::size_t{1} << 20;

void add_price_routes(routes& r) {
  auto change = for_staff("admin_change_prices", "Set or delete prices of a price list", {200},
                          {404, 409, 422});
  change.description =
      "All changes are made, or none: at most 500 prices in a request. They apply at once, on "
      "other nodes within a second. Orders that have been placed keep their prices.";
  change.body_bytes_max = prices_body_bytes_max;
  change.json_values_max = json_values_any;
  r.post<prices_body, price_entry_counts>(prices_path, std::move(change), change_list_prices);
  auto listing =
      for_staff("admin_list_prices", "List the prices of a price list, by product", {200}, {404});
  listing.cost = list_cost;
  r.get<page_query, price_entry_page>(prices_path, std::move(listing), price_page_of);
  r.get<none, product_price_list>(
      "/admin/v1/products/{product_id}/prices",
      for_staff("admin_get_product_prices", "Get the prices of a product in all price lists", {200},
                {404}),
      product_prices_of);
}

}  // namespace

void add_price_list_routes(routes& r) {
  auto creation = for_staff("admin_create_price_list", "Create a price list", {201}, {409, 422});
  creation.description =
      "A list in another currency makes its products sellable in that currency. A list in the "
      "currency of the store replaces the prices of products: at times, for groups of customers, "
      "or as a sale. A store has at most 100 price lists.";
  creation.answer_fields = {"ETag", "Location"};
  r.post<price_list_terms, price_list_view>(price_lists_path, std::move(creation), make_price_list);
  auto listing = for_staff("admin_list_price_lists", "List price lists, newest first", {200}, {});
  listing.cost = list_cost;
  r.get<price_list_query, price_list_page>(price_lists_path, std::move(listing), price_lists_of);
  r.get<none, price_list_view>(price_list_path,
                               for_staff("admin_get_price_list", "Get a price list", {200, 304}),
                               read_price_list);
  auto update = for_staff_if_match("admin_replace_price_list", "Replace a price list's definition",
                                   {200}, {404, 409, 412, 422});
  update.description = "Its prices stay.";
  r.put<price_list_terms, price_list_view>(price_list_path, std::move(update), put_price_list);
  auto removal =
      for_staff_if_match("admin_delete_price_list", "Delete a price list", {204}, {404, 412});
  removal.description = "With its prices. Orders that have been placed keep theirs.";
  r.del<none, none>(price_list_path, std::move(removal), remove_price_list);
  add_price_routes(r);
}

}  // namespace stoa::front
