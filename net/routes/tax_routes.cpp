// Tax rates and shipping zones, for staff.

#include "actors/catalog/location_messages.hpp"
#include "actors/pricing/tax_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/current_rules.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/staff_about.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using namespace stoa::pricing;
using response_task = task<http::response>;

const std::string tax_rates_path = "/admin/v1/tax-rates";
const std::string tax_rate_path = tax_rates_path + "/{tax_rate_id}";
const std::string zones_path = "/admin/v1/shipping-zones";
const std::string zone_path = zones_path + "/{shipping_zone_id}";

struct tax_list_query {
  std::optional<std::string> country;
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {{.field = "country",
                                          .form = json::format::country,
                                          .description = "Rates of areas in this country."},
                                         limit_rule,
                                         cursor_rule};
};
BOOST_DESCRIBE_STRUCT(tax_list_query, (), (country, limit, cursor))

stoa::tax_rate_id tax_rate_of(const exchange& x) {
  return x.path_id<stoa::tax_rate_id>("tax_rate_id", "tax rate");
}
stoa::shipping_zone_id zone_of(const exchange& x) {
  return x.path_id<stoa::shipping_zone_id>("shipping_zone_id", "shipping zone");
}

response_task create_rate(exchange& x, tax_terms terms) {
  create_tax_rate command{{system_ids().next_v7()}, std::move(terms)};
  auto view = co_await x.command(std::move(command));
  co_await learn_rules(x);
  auto r = x.with_etag(x.json(201, view));
  r.headers.emplace_back("Location", tax_rates_path + "/" + view.tax_rate_id.str());
  co_return r;
}

response_task list_rates(exchange& x, tax_list_query q) {
  list_tax_rates query;
  query.country = std::move(q.country);
  query.before = cursor_id<stoa::tax_rate_id>(q.cursor);
  query.limit = q.limit.value_or(page_limit_default);
  query.count = x.shape.count;
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_rate(exchange& x, none) {
  get_tax_rate query{tax_rate_of(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task replace_rate(exchange& x, tax_terms terms) {
  replace_tax_rate command{tax_rate_of(x), std::move(terms), x.precondition()};
  auto view = co_await x.command(std::move(command));
  co_await learn_rules(x);
  co_return x.with_etag(x.json(200, view));
}

response_task remove_rate(exchange& x, none) {
  delete_tax_rate command{tax_rate_of(x), x.precondition()};
  co_await x.command(std::move(command));
  co_await learn_rules(x);
  co_return x.no_content();
}

/// Rejects pick-ups at locations that do not exist, or at which customers cannot collect orders.
task<none> check_pickups(exchange& x, const shipping_terms& terms) {
  const auto has_location = [](const shipping_method& m) { return m.location_id.has_value(); };
  if (std::ranges::none_of(terms.methods, has_location)) co_return none{};
  catalog::list_locations query;
  const auto known = co_await x.ask(std::move(query));
  std::vector<field_error> errors;
  for (std::size_t i = 0; i < terms.methods.size(); ++i) {
    const auto& wanted = terms.methods[i].location_id;
    if (!wanted) continue;
    const auto at = "/methods/" + std::to_string(i) + "/location_id";
    const auto found = std::ranges::find(known.data, *wanted, &catalog::location_view::location_id);
    if (found == known.data.end()) {
      errors.push_back({at, "not_found", "The location does not exist."});
    } else if (!found->active || !found->pickup) {
      errors.push_back({at, "value", "Customers cannot collect orders at this location."});
    }
  }
  if (!errors.empty()) fail(invalid(std::move(errors)));
  co_return none{};
}

response_task create_zone(exchange& x, shipping_terms terms) {
  co_await check_pickups(x, terms);
  create_shipping_zone command{{system_ids().next_v7()}, std::move(terms)};
  auto view = co_await x.command(std::move(command));
  co_await learn_rules(x);
  auto r = x.with_etag(x.json(201, view));
  r.headers.emplace_back("Location", zones_path + "/" + view.shipping_zone_id.str());
  co_return r;
}

response_task list_zones(exchange& x, none) {
  list_shipping_zones query;
  auto all = co_await x.ask(std::move(query));
  co_return x.json(200, all);
}

response_task read_zone(exchange& x, none) {
  get_shipping_zone query{zone_of(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task replace_zone(exchange& x, shipping_terms terms) {
  co_await check_pickups(x, terms);
  replace_shipping_zone command{zone_of(x), std::move(terms), x.precondition()};
  auto view = co_await x.command(std::move(command));
  co_await learn_rules(x);
  co_return x.with_etag(x.json(200, view));
}

response_task remove_zone(exchange& x, none) {
  delete_shipping_zone command{zone_of(x), x.precondition()};
  co_await x.command(std::move(command));
  co_await learn_rules(x);
  co_return x.no_content();
}

}  // namespace

void add_tax_routes(routes& r) {
  auto creation = for_staff("admin_create_tax_rate", "Create a tax rate", {201}, {409, 422});
  creation.description =
      "Taxes are charged by the shipping address. Products have the class that their attribute "
      "`tax_class` names, `standard` by default, and `exempt` if their attribute `taxable` is "
      "false. The setting pricing.prices_include_tax says whether prices include taxes.";
  creation.answer_fields = {"ETag", "Location"};
  r.post<tax_terms, tax_rate_view>(tax_rates_path, std::move(creation), create_rate);
  auto listing = for_staff("admin_list_tax_rates", "List tax rates, newest first", {200}, {});
  listing.cost = list_cost;
  r.get<tax_list_query, tax_rate_page>(tax_rates_path, std::move(listing), list_rates);
  r.get<none, tax_rate_view>(
      tax_rate_path, for_staff("admin_get_tax_rate", "Get a tax rate", {200, 304}), read_rate);
  auto update = for_staff_if_match("admin_replace_tax_rate", "Replace a tax rate");
  update.description = "Orders keep the taxes that they were placed with.";
  r.put<tax_terms, tax_rate_view>(tax_rate_path, std::move(update), replace_rate);
  r.del<none, none>(
      tax_rate_path,
      for_staff_if_match("admin_delete_tax_rate", "Delete a tax rate", {204}, {404, 412}),
      remove_rate);
}

void add_shipping_routes(routes& r) {
  auto creation =
      for_staff("admin_create_shipping_zone", "Create a shipping zone", {201}, {409, 422});
  creation.description =
      "Once a store has a zone, each checkout must choose one of the methods of the zone to which "
      "its address belongs. The weight of a product is its attribute `weight_grams`.";
  creation.answer_fields = {"ETag", "Location"};
  r.post<shipping_terms, shipping_zone_view>(zones_path, std::move(creation), create_zone);
  auto listing =
      for_staff("admin_list_shipping_zones", "List shipping zones, oldest first", {200}, {});
  listing.cost = list_cost;
  r.get<none, shipping_zone_list>(zones_path, std::move(listing), list_zones);
  r.get<none, shipping_zone_view>(
      zone_path, for_staff("admin_get_shipping_zone", "Get a shipping zone", {200, 304}),
      read_zone);
  auto update = for_staff_if_match("admin_replace_shipping_zone", "Replace a shipping zone");
  update.description =
      "A method with the id of an existing one stays that method; one without an id is new.";
  r.put<shipping_terms, shipping_zone_view>(zone_path, std::move(update), replace_zone);
  r.del<none, none>(
      zone_path,
      for_staff_if_match("admin_delete_shipping_zone", "Delete a shipping zone", {204}, {404, 412}),
      remove_zone);
}

}  // namespace stoa::front
