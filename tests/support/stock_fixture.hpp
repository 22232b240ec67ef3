#pragma once
// The Catalog service and orders of its products.

#include "tests/support/catalog_fixture.hpp"

namespace stoa::test {

struct stock_fixture : catalog_fixture {
  const stoa::instrument_id instrument{system_ids().next_v7()};

  kernel::applied place(const order::order_summary& o) {
    return apply(order::order_placed{o, instrument});
  }
  std::string stock_of(stoa::product_id id) {
    auto v = detail(id);
    return std::to_string(*v.on_hand) + "/" + std::to_string(*v.reserved) + "/" +
           std::to_string(v.inventory_count);
  }
  /// An order of that cart.
  order::order_summary order_of_cart(stoa::cart_id cart,
                                     std::vector<std::pair<stoa::product_id, std::int64_t>> lines) {
    auto o = order_of(std::move(lines));
    o.cart_id = cart;
    return o;
  }
  /// Its payment is declined: the units it reserved are held for the cart.
  void decline(const order::order_summary& o, seconds held_for = seconds{600}) {
    BOOST_REQUIRE(
        !apply(order::order_cancelled{o, "payment_failed", "declined", time.now() + held_for}));
  }
  std::int64_t count_for(stoa::product_id id, std::optional<stoa::cart_id> cart) {
    return read(catalog::price_items{{id}, cart}).value().data.at(0).inventory_count;
  }
  std::vector<catalog::ledger_view> ledger(stoa::product_id id) {
    return read(catalog::list_ledger{id, std::nullopt, 100}, staff).value().data;
  }
  /// On hand and reserved match the ledger, and reserved matches the reservations.
  void check_books() {
    BOOST_TEST(number("SELECT count(*) FROM inventory i WHERE on_hand<>(SELECT "
                      "coalesce(sum(on_hand_change),0) FROM stock_ledger l WHERE "
                      "l.product_id=i.product_id)") == 0);
    BOOST_TEST(number("SELECT count(*) FROM inventory i WHERE reserved<>(SELECT "
                      "coalesce(sum(reserved_change),0) FROM stock_ledger l WHERE "
                      "l.product_id=i.product_id)") == 0);
    BOOST_TEST(number("SELECT count(*) FROM inventory i WHERE reserved<>(SELECT "
                      "coalesce(sum(quantity),0) FROM reservations r WHERE "
                      "r.product_id=i.product_id AND r.status='Active')+(SELECT "
                      "coalesce(sum(quantity),0) FROM stock_holds h WHERE "
                      "h.product_id=i.product_id)") == 0);
  }
};

}  // namespace stoa::test
