#include "storage/catalog/location_store.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

const db::sql all_locations{"list locations", "SELECT " + db::column_list<location_row>() +
                                                  " FROM locations WHERE list=0"
                                                  " ORDER BY priority, name, location_id"};
const db::sql levels_of_product{"read stock levels", "SELECT " + db::column_list<level_row>() +
                                                         " FROM stock_levels WHERE product_id=$1"
                                                         " ORDER BY location_id"};
const db::sql reservations_of_order{"read reservations",
                                    "SELECT " + db::column_list<reservation_row>() +
                                        " FROM reservations WHERE order_id=$1 ORDER BY product_id"};

}  // namespace

std::vector<location_row> read_locations(db::connection& c) {
  return db::select<location_row>(c, all_locations, {});
}

std::optional<location_row> read_location(db::connection& c, stoa::location_id id) {
  auto found =
      db::select<location_row>(c, db::select_by<&location_row::location_id>(), db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<level_row> read_levels(db::connection& c, stoa::product_id id) {
  return db::select<level_row>(c, levels_of_product, db::params(id));
}

std::vector<reservation_row> read_reservations(db::connection& c, stoa::order_id id) {
  return db::select<reservation_row>(c, reservations_of_order, db::params(id));
}

}  // namespace stoa::catalog
