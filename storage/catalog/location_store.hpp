#pragma once
// Queries of the Catalog service about locations and the stock at each.

#include "storage/catalog/catalog.hpp"

namespace stoa::catalog {

/// All locations, by priority and name.
std::vector<location_row> read_locations(db::connection& c);
std::optional<location_row> read_location(db::connection& c, stoa::location_id id);

/// The units of the product at locations other than the default one, by location.
std::vector<level_row> read_levels(db::connection& c, stoa::product_id id);

/// The order's reservations, by product.
std::vector<reservation_row> read_reservations(db::connection& c, stoa::order_id id);

}  // namespace stoa::catalog
