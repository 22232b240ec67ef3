#pragma once
// The messages about tax rates and shipping zones, handled by the Pricing service.

#include "actors/kernel/message.hpp"
#include "actors/kernel/precondition.hpp"
#include "storage/pricing/pricing.hpp"

namespace stoa::pricing {

inline constexpr std::size_t tax_rates_max = 5000;      ///< of a store
inline constexpr std::size_t shipping_zones_max = 100;  ///< of a store

struct tax_rate_view {
  static constexpr std::string_view schema_name = "tax_rate";
  stoa::tax_rate_id tax_rate_id;
  std::string name;
  pricing::area area;
  std::string tax_class;
  std::int64_t parts_per_million = 0;
  std::int64_t priority = 0;
  std::optional<timestamp> valid_from;
  std::optional<timestamp> valid_until;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(tax_rate_view, (),
                      (tax_rate_id, name, area, tax_class, parts_per_million, priority, valid_from,
                       valid_until, created_at, updated_at))

struct tax_rate_page {
  static constexpr std::string_view schema_name = "tax_rate_list";
  std::vector<tax_rate_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(tax_rate_page, (), (data, next_cursor, total))

struct shipping_zone_view {
  static constexpr std::string_view schema_name = "shipping_zone";
  stoa::shipping_zone_id shipping_zone_id;
  std::string name;
  std::vector<area> areas;
  std::vector<shipping_method> methods;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(shipping_zone_view, (),
                      (shipping_zone_id, name, areas, methods, created_at, updated_at))

struct shipping_zone_list {
  static constexpr std::string_view schema_name = "shipping_zone_list";
  std::vector<shipping_zone_view> data;
};
BOOST_DESCRIBE_STRUCT(shipping_zone_list, (), (data))

/// 409 too_many_tax_rates.
struct create_tax_rate {
  static constexpr std::string_view name = "pricing.create_tax_rate";
  using reply = tax_rate_view;
  stoa::tax_rate_id tax_rate_id;
  tax_terms terms;
};
BOOST_DESCRIBE_STRUCT(create_tax_rate, (), (tax_rate_id, terms))

struct replace_tax_rate {
  static constexpr std::string_view name = "pricing.replace_tax_rate";
  using reply = tax_rate_view;
  stoa::tax_rate_id tax_rate_id;
  tax_terms terms;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(replace_tax_rate, (), (tax_rate_id, terms, precondition))

/// Orders keep their taxes.
struct delete_tax_rate {
  static constexpr std::string_view name = "pricing.delete_tax_rate";
  using reply = kernel::nothing;
  stoa::tax_rate_id tax_rate_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_tax_rate, (), (tax_rate_id, precondition))

/// Methods without an id get one. 409 too_many_shipping_zones.
struct create_shipping_zone {
  static constexpr std::string_view name = "pricing.create_shipping_zone";
  using reply = shipping_zone_view;
  stoa::shipping_zone_id shipping_zone_id;
  shipping_terms terms;
};
BOOST_DESCRIBE_STRUCT(create_shipping_zone, (), (shipping_zone_id, terms))

/// 422 when a method has an id that the zone does not have.
struct replace_shipping_zone {
  static constexpr std::string_view name = "pricing.replace_shipping_zone";
  using reply = shipping_zone_view;
  stoa::shipping_zone_id shipping_zone_id;
  shipping_terms terms;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(replace_shipping_zone, (), (shipping_zone_id, terms, precondition))

struct delete_shipping_zone {
  static constexpr std::string_view name = "pricing.delete_shipping_zone";
  using reply = kernel::nothing;
  stoa::shipping_zone_id shipping_zone_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_shipping_zone, (), (shipping_zone_id, precondition))

struct get_tax_rate {
  static constexpr std::string_view name = "pricing.get_tax_rate";
  using reply = tax_rate_view;
  stoa::tax_rate_id tax_rate_id;
};
BOOST_DESCRIBE_STRUCT(get_tax_rate, (), (tax_rate_id))

/// Newest first.
struct list_tax_rates {
  static constexpr std::string_view name = "pricing.list_tax_rates";
  using reply = tax_rate_page;
  std::optional<std::string> country;
  std::optional<stoa::tax_rate_id> before;
  std::int64_t limit = 20;
  bool count = false;
};
BOOST_DESCRIBE_STRUCT(list_tax_rates, (), (country, before, limit, count))

struct get_shipping_zone {
  static constexpr std::string_view name = "pricing.get_shipping_zone";
  using reply = shipping_zone_view;
  stoa::shipping_zone_id shipping_zone_id;
};
BOOST_DESCRIBE_STRUCT(get_shipping_zone, (), (shipping_zone_id))

/// All, oldest first.
struct list_shipping_zones {
  static constexpr std::string_view name = "pricing.list_shipping_zones";
  using reply = shipping_zone_list;
};
BOOST_DESCRIBE_STRUCT(list_shipping_zones, (), ())

}  // namespace stoa::pricing
