#pragma once
// Locations and the stock at each: records of the Catalog service.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/location_id.hpp"
#include "storage/base/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::catalog {

/// The location that the migration creates. It has all units that are not at another location.
inline constexpr stoa::location_id default_location{
    uuid{{0x01, 0x90, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x01}}};

struct location_address {
  static constexpr std::string_view schema_name = "location_address";
  std::string country;
  std::optional<std::string> address_line1 = std::nullopt;
  std::optional<std::string> address_line2 = std::nullopt;
  std::optional<std::string> city = std::nullopt;
  std::optional<std::string> state = std::nullopt;
  std::optional<std::string> postal_code = std::nullopt;
  std::optional<std::string> phone = std::nullopt;

  static constexpr json::rule rules[] = {
      {.field = "country",
       .form = json::format::country,
       .description = "The ISO 3166-1 alpha-2 code."},
      {.field = "address_line1", .length_min = 1, .length_max = 200, .form = json::format::line},
      {.field = "address_line2", .length_min = 1, .length_max = 200, .form = json::format::line},
      {.field = "city", .length_min = 1, .length_max = 100, .form = json::format::line},
      {.field = "state",
       .length_min = 1,
       .length_max = 100,
       .form = json::format::line,
       .description = "The state or province."},
      {.field = "postal_code", .length_min = 1, .length_max = 20, .form = json::format::line},
      {.field = "phone", .form = json::format::phone},
  };
  bool operator==(const location_address&) const = default;
};
BOOST_DESCRIBE_STRUCT(location_address, (),
                      (country, address_line1, address_line2, city, state, postal_code, phone))

struct location_row {
  static constexpr const char* table = "locations";
  static constexpr std::size_t key_columns = 1;
  static constexpr bool kept = true;
  stoa::location_id location_id;
  std::int64_t list = 0;  ///< the same in every row, to load and count all
  std::string name;
  std::optional<std::string> code;
  std::optional<location_address> address;
  std::int64_t priority = 0;           ///< lower first
  std::vector<std::string> countries;  ///< that it serves; empty: all
  bool active = true;
  bool pickup = false;  ///< customers may collect orders there
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;

  bool is_default() const { return location_id == default_location; }
  bool operator==(const location_row&) const = default;
};
BOOST_DESCRIBE_STRUCT(location_row, (),
                      (location_id, list, name, code, address, priority, countries, active, pickup,
                       created_at, updated_at, version))

/// A database view: whether units are at the location. Read-only.
struct location_use_row {
  static constexpr const char* table = "location_use";
  static constexpr std::size_t key_columns = 1;
  stoa::location_id location_id;
  bool has_stock = false;
};
BOOST_DESCRIBE_STRUCT(location_use_row, (), (location_id, has_stock))

/// The units of a product at a location other than the default one; without a row there are none.
/// They are included in stock_row.
struct level_row {
  static constexpr const char* table = "stock_levels";
  static constexpr std::size_t key_columns = 2;
  static constexpr bool kept = true;
  stoa::product_id product_id;
  stoa::location_id location_id;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(level_row, (), (product_id, location_id, on_hand, reserved, version))

/// Units that are taken from a location.
struct allocation {
  static constexpr std::string_view schema_name = "allocation";
  stoa::location_id location_id;
  std::int64_t quantity = 0;
  bool operator==(const allocation&) const = default;
};
BOOST_DESCRIBE_STRUCT(allocation, (), (location_id, quantity))

/// Units at locations other than the default one; those that are not listed are at the default one.
using allocations = std::vector<allocation>;

}  // namespace stoa::catalog
