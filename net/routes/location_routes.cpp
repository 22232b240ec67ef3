// Locations, transfers of stock between them, allocations of orders, and pick-up.

#include "actors/catalog/location_messages.hpp"
#include "actors/order/order_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/staff_about.hpp"

namespace stoa::front {

namespace {

using namespace stoa::catalog;
using response_task = task<http::response>;

const std::string locations_path = "/admin/v1/locations";
const std::string location_path = locations_path + "/{location_id}";
/// 100 moves, each with three ids.
constexpr std::size_t moves_bytes_max = std::size_t{64} << 10;

stoa::location_id location_of(const exchange& x) {
  return x.path_id<stoa::location_id>("location_id", "location");
}
stoa::product_id stocked_product_of(const exchange& x) {
  return x.path_id<stoa::product_id>("product_id", "product");
}

response_task location_list(exchange& x, none) {
  list_locations query;
  auto page = co_await x.ask(std::move(query));
  if (x.shape.count) page.total = static_cast<std::int64_t>(page.data.size());
  co_return x.cacheable(page);
}

response_task one_location(exchange& x, none) {
  get_location query{location_of(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task create_new_location(exchange& x, new_location body) {
  create_location command{std::move(body)};
  auto view = co_await x.command(std::move(command));
  auto r = x.with_etag(x.json(201, view));
  r.headers.emplace_back("Location", locations_path + "/" + view.location_id.str());
  co_return r;
}

response_task change_one_location(exchange& x, location_change change) {
  change_location command{location_of(x), std::move(change), x.precondition()};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

response_task remove_location(exchange& x, none) {
  delete_location command{location_of(x), x.precondition()};
  co_await x.command(std::move(command));
  co_return x.no_content();
}

/// Stock changes with each order, so the operation has no precondition.
response_task move_stock(exchange& x, stock_transfer transfer) {
  transfer_stock command{stocked_product_of(x), std::move(transfer)};
  auto view = co_await x.command(std::move(command));
  co_return x.json(200, view);
}

response_task allocations_of_order(exchange& x, none) {
  get_order_allocations query{x.path_id<stoa::order_id>("order_id", "order")};
  auto list = co_await x.ask(std::move(query));
  co_return x.cacheable(list);
}

/// What depends on the order is decided with the move, so that a repeat gets the first answer even
/// after the order was shipped.
response_task move_order_allocations(exchange& x, allocation_moves body) {
  move_allocations command;
  command.order_id = x.path_id<stoa::order_id>("order_id", "order");
  command.change = std::move(body);
  command.precondition = x.precondition();
  order::get_order query{command.order_id, false};
  const auto found = co_await x.ask(std::move(query));
  using enum order::order_status;
  command.has_shipped = found.status == Shipped || found.status == Delivered;
  if (found.shipping_method) command.collected_at = found.shipping_method->location_id;
  auto list = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, list));
}

response_task pickup_places(exchange& x, none) {
  list_pickup query{stocked_product_of(x)};
  auto list = co_await x.ask(std::move(query));
  co_return x.cacheable(list);
}

void add_stock_routes(routes& r) {
  auto move = for_staff("admin_transfer_inventory", "Move stock of a product to another location",
                        {200}, {404, 409, 422});
  move.description =
      "Moves units that no order has reserved; the stock of the product as a whole stays. The "
      "stock changes list both sides.";
  r.post<stock_transfer, stock_view>("/admin/v1/products/{product_id}/inventory/transfer",
                                     std::move(move), move_stock);
  auto allocations = for_staff("admin_get_order_allocations",
                               "Get the locations from which an order is supplied", {200, 304});
  allocations.description =
      "An order has allocations once its stock is reserved, seconds after the checkout at most.";
  r.get<none, order_allocation_list>("/admin/v1/orders/{order_id}/allocations",
                                     std::move(allocations), allocations_of_order);
  auto move_units =
      for_staff_if_match("admin_move_order_allocations",
                         "Move units of an order to other locations", {200}, {404, 409, 412, 422});
  move_units.description =
      "For an order that has not been shipped. All moves are made, or none. The units must be "
      "available at the new location; the stock of the product as a whole stays. The stock "
      "changes list both sides: as release and reservation or, once the order is confirmed, as "
      "returned and sale.";
  move_units.reject_cards = true;
  move_units.body_bytes_max = moves_bytes_max;
  r.post<allocation_moves, order_allocation_list>("/admin/v1/orders/{order_id}/allocations/move",
                                                  std::move(move_units), move_order_allocations);
  r.get<none, pickup_list>("/store/v1/products/{product_id}/pickup",
                           {.id = "list_pickup_locations",
                            .tag = "catalog",
                            .summary = "List where customers may collect a product",
                            .success = {200, 304},
                            .errors = {404},
                            .shared_cache = true,
                            .valid_with = "catalog"},
                           pickup_places);
}

}  // namespace

void add_location_routes(routes& r) {
  r.get<none, location_page>(
      locations_path,
      for_staff("admin_list_locations", "List the locations that have stock", {200, 304}, {}),
      location_list);
  r.post<new_location, location_view>(
      locations_path, for_staff("admin_create_location", "Create a location", {201}, {409, 422}),
      create_new_location);
  r.get<none, location_view>(
      location_path, for_staff("admin_get_location", "Get a location", {200, 304}), one_location);
  r.patch<location_change, location_view>(
      location_path,
      for_staff_if_match("admin_change_location", "Change a location; null removes", {200},
                         {404, 409, 412, 422}),
      change_one_location);
  r.del<none, none>(location_path,
                    for_staff_if_match("admin_delete_location", "Delete a location without stock",
                                       {204}, {404, 409, 412}),
                    remove_location);
  add_stock_routes(r);
}

}  // namespace stoa::front
