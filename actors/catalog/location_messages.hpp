#pragma once
// Locations, transfers between them, and allocations: messages of the Catalog service and their
// answers.

#include "actors/catalog/import_messages.hpp"
#include "actors/kernel/precondition.hpp"

namespace stoa::catalog {

inline constexpr std::size_t locations_max = 100;            ///< of the store
inline constexpr std::size_t location_countries_max = 300;   ///< of a location
inline constexpr std::int64_t location_priority_max = 1000;  ///< lower numbers come first

constexpr json::rule location_name_rule{.field = "name",
                                        .length_min = 1,
                                        .length_max = 100,
                                        .form = json::format::line,
                                        .example = R"("Warehouse Leipzig")"};
constexpr json::rule location_code_rule{
    .field = "code",
    .length_min = 1,
    .length_max = 64,
    .form = json::format::line,
    .description = "The name of the location in other systems; unique, whatever its case.",
    .example = R"("LEJ-1")"};
constexpr json::rule location_priority_rule{
    .field = "priority",
    .value_min = 0,
    .value_max = location_priority_max,
    .description = "Locations with lower numbers supply orders first, by the rule `priority`."};
constexpr json::rule location_countries_rule{
    .field = "countries",
    .length_max = location_countries_max,
    .form = json::format::country,
    .description =
        "The countries that it serves (ISO 3166-1 alpha-2); empty: all. It supplies "
        "orders to other countries only with what no other location has."};

struct location_view {
  static constexpr std::string_view schema_name = "location";
  stoa::location_id location_id;
  std::string name;
  std::optional<std::string> code;
  std::optional<location_address> address;
  std::int64_t priority = 0;
  std::vector<std::string> countries;
  bool active = true;
  bool pickup = false;
  bool is_default = false;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(location_view, (),
                      (location_id, name, code, address, priority, countries, active, pickup,
                       is_default, created_at, updated_at))

struct location_page {
  static constexpr std::string_view schema_name = "location_list";
  std::vector<location_view> data;
  std::optional<std::int64_t> total;
};
BOOST_DESCRIBE_STRUCT(location_page, (), (data, total))

struct new_location {
  static constexpr std::string_view schema_name = "new_location";
  std::string name;
  std::optional<std::string> code;
  std::optional<location_address> address;
  std::int64_t priority = 0;
  std::vector<std::string> countries;
  bool active = true;
  bool pickup = false;

  static constexpr json::rule rules[] = {location_name_rule, location_code_rule,
                                         location_priority_rule, location_countries_rule};
  static constexpr std::string_view defaults[] = {"priority", "countries", "active", "pickup"};
};
BOOST_DESCRIBE_STRUCT(new_location, (), (name, code, address, priority, countries, active, pickup))

/// conflict too_many_locations, location_code_taken.
struct create_location {
  static constexpr std::string_view name = "catalog.create_location";
  using reply = location_view;
  new_location location;
};
BOOST_DESCRIBE_STRUCT(create_location, (), (location))

/// Changes of a location: absent = unchanged, null = removed, where possible.
struct location_change {
  static constexpr std::string_view schema_name = "location_change";
  std::optional<std::string> name;
  patch<std::string> code;
  patch<location_address> address;
  std::optional<std::int64_t> priority;
  std::optional<std::vector<std::string>> countries;
  std::optional<bool> active;
  std::optional<bool> pickup;

  static constexpr json::rule rules[] = {location_name_rule, location_code_rule,
                                         location_priority_rule, location_countries_rule};
};
BOOST_DESCRIBE_STRUCT(location_change, (),
                      (name, code, address, priority, countries, active, pickup))

/// conflict location_code_taken; location_has_stock and default_location when it is deactivated.
struct change_location {
  static constexpr std::string_view name = "catalog.change_location";
  using reply = location_view;
  stoa::location_id location_id;
  location_change change;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(change_location, (), (location_id, change, precondition))

/// conflict location_has_stock, default_location.
struct delete_location {
  static constexpr std::string_view name = "catalog.delete_location";
  using reply = kernel::nothing;
  stoa::location_id location_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_location, (), (location_id, precondition))

struct get_location {
  static constexpr std::string_view name = "catalog.get_location";
  using reply = location_view;
  stoa::location_id location_id;
};
BOOST_DESCRIBE_STRUCT(get_location, (), (location_id))

/// All of them, by priority and name.
struct list_locations {
  static constexpr std::string_view name = "catalog.list_locations";
  using reply = location_page;
};
BOOST_DESCRIBE_STRUCT(list_locations, (), ())

// --- transfers -----------------------------------------------------------------------------------

struct stock_transfer {
  static constexpr std::string_view schema_name = "inventory_transfer";
  stoa::location_id from_location_id;
  stoa::location_id to_location_id;
  std::int64_t quantity = 0;
  std::optional<std::string> reason;

  static constexpr json::rule rules[] = {
      {.field = "from_location_id", .example = R"("01900000-0000-7000-8000-000000000001")"},
      {.field = "quantity",
       .value_min = 1,
       .value_max = stock_max,
       .description = "Units that no order has reserved."},
      {.field = "reason", .length_min = 1, .length_max = 500, .form = json::format::text}};
};
BOOST_DESCRIBE_STRUCT(stock_transfer, (), (from_location_id, to_location_id, quantity, reason))

/// Moves units of a product to another location. conflict insufficient_stock when fewer are free;
/// validation product_not_sellable for a product with variants.
struct transfer_stock {
  static constexpr std::string_view name = "catalog.transfer_stock";
  using reply = stock_view;
  stoa::product_id product_id;
  stock_transfer transfer;
};
BOOST_DESCRIBE_STRUCT(transfer_stock, (), (product_id, transfer))

// --- allocations of orders -----------------------------------------------------------------------

/// Where the units of one product of an order are reserved, or were sold.
struct order_allocation {
  static constexpr std::string_view schema_name = "order_allocation";
  stoa::product_id product_id;
  std::int64_t quantity = 0;
  reservation_status status = reservation_status::Active;
  std::vector<allocation> allocations;  ///< they add up to the quantity
  std::int64_t restocked = 0;           ///< units that refunds have returned to the stock
};
BOOST_DESCRIBE_STRUCT(order_allocation, (), (product_id, quantity, status, allocations, restocked))

struct order_allocation_list {
  static constexpr std::string_view schema_name = "order_allocation_list";
  std::vector<order_allocation> data;
};
BOOST_DESCRIBE_STRUCT(order_allocation_list, (), (data))

/// not_found for an order without reservations.
struct get_order_allocations {
  static constexpr std::string_view name = "catalog.get_order_allocations";
  using reply = order_allocation_list;
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(get_order_allocations, (), (order_id))

inline constexpr std::size_t allocation_moves_max = 100;  ///< of one request

/// Units of an order's product that another location is to supply.
struct allocation_move {
  static constexpr std::string_view schema_name = "allocation_move";
  stoa::product_id product_id;
  stoa::location_id from_location_id;
  stoa::location_id to_location_id;
  std::int64_t quantity = 0;

  static constexpr json::rule rules[] = {
      {.field = "from_location_id", .example = R"("01900000-0000-7000-8000-000000000001")"},
      {.field = "quantity", .value_min = 1, .value_max = stock_max}};
};
BOOST_DESCRIBE_STRUCT(allocation_move, (), (product_id, from_location_id, to_location_id, quantity))

struct allocation_moves {
  static constexpr std::string_view schema_name = "order_allocation_moves";
  std::vector<allocation_move> moves;
  std::optional<std::string> reason;

  static constexpr json::rule rules[] = {
      {.field = "moves", .length_min = 1, .length_max = allocation_moves_max},
      {.field = "reason", .length_min = 1, .length_max = 500, .form = json::format::text}};
};
BOOST_DESCRIBE_STRUCT(allocation_moves, (), (moves, reason))

/// Moves units of an order to other locations: one after the other, all or none. not_found for an
/// order without reservations; conflict order_shipped, order_released, pickup_location,
/// inventory_not_tracked, units_not_allocated, insufficient_stock.
struct move_allocations {
  static constexpr std::string_view name = "catalog.move_allocations";
  using reply = order_allocation_list;
  stoa::order_id order_id;
  allocation_moves change;
  // What the Order service says of the order.
  bool has_shipped = false;
  std::optional<stoa::location_id> collected_at = std::nullopt;  ///< by the customer
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(move_allocations, (),
                      (order_id, change, has_shipped, collected_at, precondition))

/// The effect, for metrics and log: locations that supply an order were chosen or changed.
struct count_allocation {
  static constexpr std::string_view name = "catalog.count_allocation";
  stoa::order_id order_id;
  bool is_split = false;         ///< a product is supplied from several locations
  std::int64_t moved_units = 0;  ///< by staff; 0: the order was placed
  std::string moved_by = {};     ///< the id of the staff user
};
BOOST_DESCRIBE_STRUCT(count_allocation, (), (order_id, is_split, moved_units, moved_by))

// --- pick-up -------------------------------------------------------------------------------------

/// A location where customers may collect orders.
struct pickup_place {
  static constexpr std::string_view schema_name = "pickup_location";
  stoa::location_id location_id;
  std::string name;
  std::optional<location_address> address;
  bool available = false;  ///< the product, or one of its variants, is in stock there
};
BOOST_DESCRIBE_STRUCT(pickup_place, (), (location_id, name, address, available))

struct pickup_list {
  static constexpr std::string_view schema_name = "pickup_location_list";
  std::vector<pickup_place> data;
};
BOOST_DESCRIBE_STRUCT(pickup_list, (), (data))

/// The active ones, by priority and name. not_found for a product that customers do not see.
struct list_pickup {
  static constexpr std::string_view name = "catalog.list_pickup";
  using reply = pickup_list;
  stoa::product_id product_id;
};
BOOST_DESCRIBE_STRUCT(list_pickup, (), (product_id))

}  // namespace stoa::catalog
