#pragma once
// The Catalog service with stock in several locations.

#include "tests/support/stock_fixture.hpp"

namespace stoa::test {

struct location_fixture : stock_fixture {
  stoa::location_id location(std::string name, std::string country = "", std::int64_t priority = 1,
                             bool pickup = false) {
    catalog::new_location l;
    l.name = std::move(name);
    if (!country.empty()) l.address = catalog::location_address{country};
    l.priority = priority;
    l.pickup = pickup;
    return run(catalog::create_location{l}, staff).value().location_id;
  }
  result<catalog::stock_view> adjust(stoa::product_id id, stoa::location_id where,
                                     std::int64_t change) {
    return run(catalog::adjust_stock{id, {change, std::nullopt, std::nullopt, where}}, staff);
  }
  result<catalog::stock_view> move(stoa::product_id id, stoa::location_id from,
                                   stoa::location_id to, std::int64_t units) {
    return run(catalog::transfer_stock{id, {from, to, units, std::nullopt}}, staff);
  }
  /// "on hand/reserved" at the location.
  std::string at(stoa::product_id id, stoa::location_id where) {
    const auto stock = read(catalog::list_ledger{id, std::nullopt, 1}, staff).value().stock;
    for (const auto& l : stock.levels) {
      if (l.location_id == where)
        return std::to_string(l.on_hand) + "/" + std::to_string(l.reserved);
    }
    return "none";
  }
  kernel::applied place_to(const order::order_summary& o, std::string country,
                           std::optional<stoa::location_id> pickup = std::nullopt) {
    return apply(
        order::order_placed{o, instrument, order::delivery_place{std::move(country), {}, pickup}});
  }
  /// The total is that of the books, and the levels are those of their ledger and allocations.
  void check_levels() {
    check_books();
    BOOST_TEST(number("SELECT count(*) FROM stock_levels s WHERE on_hand<>(SELECT "
                      "coalesce(sum(on_hand_change),0) FROM stock_ledger l WHERE "
                      "l.product_id=s.product_id AND l.location_id=s.location_id)") == 0);
    BOOST_TEST(number("SELECT count(*) FROM stock_levels s WHERE reserved<>(SELECT "
                      "coalesce(sum(reserved_change),0) FROM stock_ledger l WHERE "
                      "l.product_id=s.product_id AND l.location_id=s.location_id)") == 0);
    BOOST_TEST(number("SELECT count(*) FROM inventory i WHERE located<>(CASE WHEN EXISTS(SELECT 1 "
                      "FROM stock_levels s WHERE s.product_id=i.product_id) THEN 1 ELSE 0 END)") ==
               0);
  }
  catalog::order_allocation allocation_of(const order::order_summary& o) {
    return read(catalog::get_order_allocations{o.order_id}, staff).value().data.front();
  }
};

}  // namespace stoa::test
