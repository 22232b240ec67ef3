// Units of an order move to other locations: what is moved, what is rejected, and how later sales,
// cancellations and refunds find the units where they are.

#include "storage/base/json_read.hpp"
#include "tests/support/location_fixture.hpp"

#include <random>

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;

namespace {

struct moved_orders : test::location_fixture {
  const stoa::product_id cup = product("Cup", 500, 5);
  const stoa::location_id shop = location("Shop");
  const stoa::location_id depot = location("Depot", "", 9);

  static move_allocations moving(const order::order_summary& o,
                                 std::vector<allocation_move> moves) {
    return {o.order_id, {std::move(moves), "The shop is closed."}};
  }
  result<order_allocation_list> move_units(const order::order_summary& o, stoa::location_id from,
                                           stoa::location_id to, std::int64_t units) {
    return run(moving(o, {{cup, from, to, units}}), staff);
  }
  /// "code pointer" of the rejection.
  std::string refused(const move_allocations& m) {
    const auto done = run(m, staff);
    BOOST_REQUIRE(!done);
    const auto& p = done.error();
    return p.code + (p.errors.empty() ? "" : " " + p.errors.front().pointer);
  }
  /// "units:location ..." of the order's first product.
  std::string supplied(const order::order_summary& o) {
    std::string text;
    for (const auto& a : allocation_of(o).allocations) {
      text += (text.empty() ? "" : " ") + std::to_string(a.quantity) + ":" +
              (a.location_id == shop    ? "shop"
               : a.location_id == depot ? "depot"
                                        : "default");
    }
    return text;
  }
  void check_moved() {
    check_levels();
    BOOST_TEST(number("SELECT count(*) FROM stock_levels WHERE on_hand<0 OR reserved>on_hand") ==
               0);
  }
};

order::order_refunded refund_of(const order::order_summary& o, stoa::product_id id,
                                std::int64_t units) {
  order::order_refunded e{o, {100, "EUR"}};
  e.refund_id = stoa::refund_id{system_ids().next_v7()};
  refund_line line;
  line.product_id = id;
  line.quantity = units;
  e.lines = {line};
  e.restock = true;
  return e;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_allocations, moved_orders)

BOOST_AUTO_TEST_CASE(reserved_units_move_and_are_sold_where_they_are) {
  BOOST_REQUIRE(adjust(cup, shop, 3));
  BOOST_REQUIRE(adjust(cup, depot, 4));
  const auto o = order_of({{cup, 4}});
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(supplied(o) == "4:default");
  events.clear();
  const auto moved = move_units(o, default_location, depot, 3);
  BOOST_REQUIRE(moved);
  BOOST_TEST(supplied(o) == "3:depot 1:default");
  BOOST_TEST(at(cup, default_location) == "5/1");
  BOOST_TEST(at(cup, depot) == "4/3");
  BOOST_TEST(stock_of(cup) == "12/4/8");
  BOOST_REQUIRE(events.size() == 1u);
  const auto e = json::read_lenient<stock_reallocated>(events.front()->payload).value();
  BOOST_TEST((e.order_id == o.order_id));
  BOOST_REQUIRE(e.allocations.size() == 2u);
  BOOST_TEST((e.allocations[0].location_id == depot));
  BOOST_TEST(e.allocations[0].quantity == 3);
  BOOST_TEST(e.allocations[1].quantity == 1);
  const auto& counted = effects.back().as<count_allocation>();
  BOOST_TEST(counted.moved_units == 3);
  BOOST_TEST(counted.is_split);
  // The ledger has both sides, with the order, the reason and the staff user.
  const auto rows = ledger(cup);
  BOOST_TEST((rows[0].cause == stock_cause::reservation));
  BOOST_TEST((rows[1].cause == stock_cause::release));
  for (const auto& row : {rows[0], rows[1]}) {
    BOOST_TEST(row.reference.value() == o.order_id.str());
    BOOST_TEST(row.note.value() == "The shop is closed.");
    BOOST_TEST(row.actor == staff.str());
    BOOST_TEST(row.on_hand_change == 0);
  }
  check_moved();
  BOOST_REQUIRE(move_units(o, depot, shop, 2));
  BOOST_TEST(supplied(o) == "1:depot 2:shop 1:default");
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(at(cup, default_location) == "4/0");
  BOOST_TEST(at(cup, depot) == "3/0");
  BOOST_TEST(at(cup, shop) == "1/0");
  check_moved();
}

BOOST_AUTO_TEST_CASE(sold_units_return_and_others_are_taken) {
  BOOST_REQUIRE(adjust(cup, shop, 3));
  const auto o = order_of({{cup, 6}});
  BOOST_REQUIRE(!place(o));
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(stock_of(cup) == "2/0/2");
  const auto before = supplied(o);
  BOOST_TEST(before == "1:shop 5:default");
  BOOST_REQUIRE(adjust(cup, depot, 4));
  BOOST_REQUIRE(move_units(o, default_location, depot, 4));
  BOOST_TEST(supplied(o) == "1:shop 4:depot 1:default");
  BOOST_TEST(at(cup, default_location) == "4/0");
  BOOST_TEST(at(cup, depot) == "none");
  BOOST_TEST(at(cup, shop) == "2/0");
  BOOST_TEST(stock_of(cup) == "6/0/6");
  const auto rows = ledger(cup);
  BOOST_TEST((rows[0].cause == stock_cause::sale));
  BOOST_TEST((rows[1].cause == stock_cause::returned));
  check_moved();
  // Refunded units have returned, and cannot be moved; a cancellation returns the others.
  BOOST_REQUIRE(!apply(refund_of(o, cup, 2)));
  BOOST_TEST(at(cup, shop) == "3/0");
  BOOST_TEST(at(cup, depot) == "1/0");
  BOOST_TEST(refused(moving(o, {{cup, shop, depot, 1}})) ==
             "units_not_allocated /moves/0/quantity");
  BOOST_TEST(refused(moving(o, {{cup, depot, shop, 4}})) ==
             "units_not_allocated /moves/0/quantity");
  BOOST_REQUIRE(move_units(o, depot, shop, 3));
  BOOST_TEST(at(cup, depot) == "4/0");
  BOOST_TEST(at(cup, shop) == "none");
  check_moved();
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "staff", ""}));
  BOOST_TEST(at(cup, shop) == "3/0");
  BOOST_TEST(at(cup, default_location) == "5/0");
  BOOST_TEST(stock_of(cup) == "12/0/12");
  check_moved();
}

BOOST_AUTO_TEST_CASE(cancelled_and_held_units_are_released_where_they_are) {
  BOOST_REQUIRE(adjust(cup, shop, 3));
  const stoa::cart_id mine{system_ids().next_v4()};
  const auto o = order_of_cart(mine, {{cup, 3}});
  BOOST_REQUIRE(!place(o));
  BOOST_REQUIRE(move_units(o, default_location, shop, 2));
  decline(o);
  BOOST_TEST(at(cup, shop) == "3/2");
  BOOST_TEST(refused(moving(o, {{cup, shop, depot, 1}})) == "order_released /moves/0/product_id");
  const auto next = order_of_cart(mine, {{cup, 3}});
  BOOST_REQUIRE(!place(next));
  check_moved();
  BOOST_REQUIRE(!apply(order::order_cancelled{next, "customer", ""}));
  BOOST_TEST(stock_of(cup) == "8/0/8");
  BOOST_TEST(refused(moving(next, {{cup, shop, depot, 1}})) ==
             "order_released /moves/0/product_id");
  check_moved();
}

BOOST_AUTO_TEST_CASE(what_cannot_be_moved_is_rejected_and_changes_nothing) {
  BOOST_REQUIRE(adjust(cup, shop, 2));
  const auto o = order_of({{cup, 4}});
  BOOST_REQUIRE(!place(o));
  const auto other = product("Pot", 500, 1);
  const auto closed = location("Closed");
  location_change off;
  off.active = false;
  BOOST_REQUIRE(run(change_location{closed, off}, staff));
  const stoa::location_id unknown{system_ids().next_v7()};
  BOOST_TEST(code_of(run(moving(order_of({{cup, 1}}), {{cup, default_location, shop, 1}}),
                         staff)) == "not_found");
  const std::pair<allocation_move, const char*> all[] = {
      {{other, default_location, shop, 1}, "validation_failed /moves/1/product_id"},
      {{cup, default_location, unknown, 1}, "validation_failed /moves/1/to_location_id"},
      {{cup, default_location, closed, 1}, "validation_failed /moves/1/to_location_id"},
      {{cup, unknown, shop, 1}, "validation_failed /moves/1/from_location_id"},
      {{cup, shop, shop, 1}, "validation_failed /moves/1/to_location_id"},
      {{cup, depot, shop, 1}, "units_not_allocated /moves/1/quantity"},
      {{cup, default_location, shop, 4}, "units_not_allocated /moves/1/quantity"},
      {{cup, default_location, shop, 2}, "insufficient_stock /moves/1/quantity"},
      {{cup, default_location, depot, 1}, "insufficient_stock /moves/1/quantity"}};
  events.clear();
  const auto rows = ledger(cup).size();
  for (const auto& [move, why] : all) {
    // The first move is possible, and is not made.
    BOOST_TEST(refused(moving(o, {{cup, default_location, shop, 1}, move})) == why);
    BOOST_TEST(supplied(o) == "4:default");
  }
  auto shipped = moving(o, {{cup, default_location, shop, 1}});
  shipped.has_shipped = true;
  BOOST_TEST(refused(shipped) == "order_shipped");
  auto collected = moving(o, {{cup, default_location, shop, 1}});
  collected.collected_at = default_location;
  BOOST_TEST(refused(collected) == "pickup_location /moves/0/from_location_id");
  BOOST_TEST(ledger(cup).size() == rows);
  BOOST_TEST(events.empty());
  check_moved();
  // Units may move to the place where the customer collects them.
  collected.collected_at = shop;
  BOOST_REQUIRE(run(collected, staff));
  BOOST_TEST(supplied(o) == "1:shop 3:default");
  // Several moves see each other's changes.
  BOOST_REQUIRE(
      run(moving(o, {{cup, shop, default_location, 1}, {cup, default_location, shop, 2}}), staff));
  BOOST_TEST(supplied(o) == "2:shop 2:default");
  check_moved();
}

BOOST_AUTO_TEST_CASE(owed_and_uncounted_units) {
  product_change policy;
  policy.allow_backorder = true;
  BOOST_REQUIRE(change(cup, policy));
  const auto o = order_of({{cup, 8}});
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(at(cup, default_location) == "5/8");
  BOOST_REQUIRE(adjust(cup, shop, 2));
  // Other locations owe nothing, and the default one takes over only what it has.
  BOOST_TEST(refused(moving(o, {{cup, default_location, shop, 3}})) ==
             "insufficient_stock /moves/0/quantity");
  BOOST_REQUIRE(move_units(o, default_location, shop, 2));
  BOOST_TEST(at(cup, default_location) == "5/6");
  BOOST_TEST(refused(moving(o, {{cup, shop, default_location, 1}})) ==
             "insufficient_stock /moves/0/quantity");
  check_moved();
  policy = {};
  policy.track_inventory = false;
  BOOST_REQUIRE(change(cup, policy));
  BOOST_TEST(refused(moving(o, {{cup, shop, default_location, 1}})) ==
             "inventory_not_tracked /moves/0/product_id");
}

BOOST_AUTO_TEST_CASE(units_sold_from_a_location_that_is_gone_return_to_the_default_one) {
  BOOST_REQUIRE(adjust(cup, shop, 2));
  BOOST_REQUIRE(adjust(cup, default_location, -4));
  const auto o = order_of({{cup, 2}});
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(supplied(o) == "2:shop");
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_REQUIRE(run(delete_location{shop}, staff));
  BOOST_REQUIRE(adjust(cup, depot, 2));
  BOOST_REQUIRE(move_units(o, shop, depot, 2));
  BOOST_TEST(at(cup, default_location) == "3/0");
  BOOST_TEST(at(cup, depot) == "none");
  BOOST_TEST(supplied(o) == "2:depot");
  check_moved();
}

BOOST_AUTO_TEST_CASE(a_repeat_and_an_outdated_tag_move_nothing) {
  BOOST_REQUIRE(adjust(cup, shop, 3));
  const auto o = order_of({{cup, 4}});
  BOOST_REQUIRE(!place(o));
  auto move = moving(o, {{cup, default_location, shop, 1}});
  move.precondition =
      kernel::precondition{.match = std::vector<std::string>{"other"}, .differ = {}};
  BOOST_TEST(code_of(run(move, staff)) == "precondition_failed");
  move.precondition.reset();
  auto context = context_of(staff);
  context.idempotency_scope = "once";
  const auto first = run(move, context);
  BOOST_REQUIRE(first);
  // Even if the order has been shipped in the meantime.
  move.has_shipped = true;
  const auto again = run(move, context);
  BOOST_REQUIRE(again);
  BOOST_TEST(last_replayed);
  BOOST_TEST(json::write(*again) == json::write(*first));
  BOOST_TEST(supplied(o) == "1:shop 3:default");
  BOOST_TEST(json::write(*first) == json::write(read(get_order_allocations{o.order_id}).value()));
}

BOOST_AUTO_TEST_CASE(a_split_order_is_counted_once) {
  BOOST_REQUIRE(adjust(cup, shop, 2));
  effects.clear();
  BOOST_REQUIRE(!place(order_of({{cup, 1}})));
  BOOST_TEST(effects.empty());
  const auto o = order_of({{cup, 5}});
  BOOST_REQUIRE(!place(o));
  BOOST_REQUIRE(effects.size() == 1u);
  BOOST_TEST(effects.front().as<count_allocation>().is_split);
  BOOST_TEST(effects.front().as<count_allocation>().moved_units == 0);
}

BOOST_AUTO_TEST_CASE(random_moves_sales_cancellations_and_refunds_keep_the_books) {
  std::mt19937_64 random(20261130);
  const auto below = [&](std::size_t n) { return std::size_t{random() % n}; };
  const std::vector<stoa::location_id> places{default_location, shop, depot};
  BOOST_REQUIRE(adjust(cup, shop, 6));
  BOOST_REQUIRE(adjust(cup, depot, 6));
  std::vector<order::order_summary> orders;
  std::size_t moved = 0;
  for (int i = 0; i < 400; ++i) {
    const auto o = orders.empty() ? order_of({{cup, 1}}) : orders[below(orders.size())];
    switch (below(8)) {
      case 0:
        orders.push_back(order_of({{cup, 1 + static_cast<std::int64_t>(below(4))}}));
        BOOST_REQUIRE(!place(orders.back()));
        break;
      case 1:
        BOOST_REQUIRE(!apply(order::order_confirmed{o}));
        break;
      case 2:
        if (below(3) == 0) BOOST_REQUIRE(!apply(order::order_cancelled{o, "staff", ""}));
        break;
      case 3:
        BOOST_REQUIRE(!apply(refund_of(o, cup, 1)));
        break;
      case 4:
        BOOST_REQUIRE(adjust(cup, places[below(3)], 2));
        break;
      default: {
        const auto list = read(get_order_allocations{o.order_id});
        if (!list) break;  // It was sold out.
        const auto& supply = list->data.front().allocations;
        const auto done = move_units(o, supply[below(supply.size())].location_id, places[below(3)],
                                     1 + static_cast<std::int64_t>(below(3)));
        moved += done ? 1 : 0;
        if (!done) BOOST_TEST(code_of(done) != "internal_error");
      }
    }
    check_moved();
  }
  BOOST_TEST(moved > 20u);
}

BOOST_AUTO_TEST_SUITE_END()
