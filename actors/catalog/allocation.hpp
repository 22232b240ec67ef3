#pragma once
// From which locations the units of an order are taken. Pure.

#include "storage/base/location_id.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::catalog {

/// An order of preference among locations; catalog.allocation lists those that are applied.
enum class allocation_rule {
  destination,       ///< in the state or country of the address, then those that serve the country
  fewest_shipments,  ///< those that have the most units of what is left of the order
  priority,          ///< those with the lowest priority number
  most_stock,        ///< those with the most stock of the products that are left
};

/// The rule with this name.
std::optional<allocation_rule> allocation_rule_of(std::string_view name);

/// A location that may supply units.
struct supply_place {
  stoa::location_id location_id;
  std::string country;  ///< of its address; empty: unknown
  std::string state;
  std::vector<std::string> countries;  ///< that it serves; empty: all
  std::int64_t priority = 0;
};

/// Units of one product.
struct supply_line {
  std::int64_t quantity = 0;
  /// Those that are not reserved, at each of the places; negative: units owed.
  std::vector<std::int64_t> available;
};

struct supply_request {
  std::vector<supply_place> places;
  std::vector<supply_line> lines;
  std::string country;  ///< of the destination; empty: unknown
  std::string state;
  std::optional<stoa::location_id> first;  ///< before all rules, such as the place of a pick-up
  std::vector<allocation_rule> rules;      ///< the most important one first
};

/// The units of each line at each place. One place after the other is chosen, the best by the rules
/// for what is left of the order, and supplies all that it has; so the cost is bounded by lines x
/// places x places. Equal places are chosen by their ids. A line gets fewer units than its quantity
/// only if all places together have fewer.
std::vector<std::vector<std::int64_t>> allocate(const supply_request& r);

}  // namespace stoa::catalog
