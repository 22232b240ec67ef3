// Reservations, sales, releases, adjustments: stock is never sold twice and never lost.

#include "storage/catalog/catalog_store.hpp"
#include "tests/support/stock_fixture.hpp"

#include <chrono>
#include <random>

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;
using stoa::test::status_of;

BOOST_FIXTURE_TEST_SUITE(catalog_stock, test::stock_fixture)

BOOST_AUTO_TEST_CASE(an_order_reserves_and_its_confirmation_sells) {
  auto cup = product("Cup", 500, 10);
  auto o = order_of({{cup, 3}});
  o.user_id = stoa::user_id{system_ids().next_v7()};
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(stock_of(cup) == "10/3/7");
  BOOST_REQUIRE(events.size() == 1u);
  BOOST_TEST(events[0]->type == "stock.reserved");
  BOOST_TEST((events[0]->aggregate_id == o.order_id.value));
  auto published = json::read_lenient<stock_reserved>(events[0]->payload).value();
  BOOST_TEST((published.user_id == o.user_id));
  BOOST_TEST((published.total == money{1000, "EUR"}));
  BOOST_TEST((published.instrument_id == instrument));

  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(stock_of(cup) == "7/0/7");
  auto rows = ledger(cup);
  BOOST_REQUIRE(rows.size() == 3u);
  BOOST_TEST((rows[0].cause == stock_cause::sale));
  BOOST_TEST(rows[0].on_hand_change == -3);
  BOOST_TEST(rows[0].reserved_change == -3);
  BOOST_TEST(rows[0].reference.value() == o.order_id.str());
  BOOST_TEST(rows[0].actor == "system");
  BOOST_TEST((rows[1].cause == stock_cause::reservation));
  BOOST_TEST((rows[2].cause == stock_cause::adjustment));
  BOOST_TEST(rows[2].actor == staff.user.str());
  check_books();
}

BOOST_AUTO_TEST_CASE(lines_of_one_product_add_up_and_all_or_none_is_reserved) {
  auto cup = product("Cup", 500, 5);
  auto pot = product("Pot", 900, 1);
  BOOST_REQUIRE(!place(order_of({{cup, 3}, {cup, 3}})));
  BOOST_TEST(emitted() == "stock.rejected");
  BOOST_REQUIRE(!place(order_of({{cup, 2}, {pot, 2}})));
  auto rejected = json::read_lenient<stock_rejected>(events[0]->payload).value();
  BOOST_TEST((rejected.product_id == pot));
  BOOST_TEST(rejected.reason == "Only 1 of 2 are available.");
  BOOST_TEST(emitted() == "stock.rejected");
  BOOST_TEST(stock_of(cup) == "5/0/5");
  BOOST_REQUIRE(!place(order_of({{cup, 3}, {pot, 1}, {cup, 2}})));
  BOOST_TEST(emitted() == "stock.reserved");
  BOOST_TEST(stock_of(cup) == "5/5/0");
  BOOST_TEST(stock_of(pot) == "1/1/0");
  check_books();
}

BOOST_AUTO_TEST_CASE(what_cannot_be_had_is_rejected) {
  auto shirt = product("Shirt", 500, 0);
  variant(shirt, "M", 500, 5);
  auto gone = product("Gone", 500, 5);
  BOOST_REQUIRE(run(delete_product{gone}, staff));
  BOOST_TEST(emitted() == "product.deleted");
  auto cup = product("Cup", 500, 5);
  for (auto& o : {order_of({{shirt, 1}}), order_of({{gone, 1}}), order_of({{cup, 0}}),
                  order_of({{cup, -1}}), order_of({{{system_ids().next_v7()}, 1}}),
                  order_of({{cup, 9'000'000'000'000'000'000}, {cup, 9'000'000'000'000'000'000}})}) {
    BOOST_REQUIRE(!place(o));
    BOOST_TEST(emitted() == "stock.rejected");
  }
  BOOST_TEST(number("SELECT count(*) FROM reservations") == 0);
  check_books();
}

BOOST_AUTO_TEST_CASE(an_event_again_acts_once_and_so_does_another_of_the_same_order) {
  auto cup = product("Cup", 500, 10);
  auto o = order_of({{cup, 3}});
  stoa::event_id id{system_ids().next_v7()};
  order::order_placed placed{o, instrument};
  BOOST_REQUIRE(!apply(placed, id));
  BOOST_REQUIRE(!apply(placed, id));
  BOOST_REQUIRE(!apply(placed));
  BOOST_TEST(emitted() == "stock.reserved");
  BOOST_TEST(stock_of(cup) == "10/3/7");
  for (int i = 0; i < 2; ++i) BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(stock_of(cup) == "7/0/7");
  for (int i = 0; i < 2; ++i) BOOST_REQUIRE(!apply(order::order_cancelled{o, "customer", ""}));
  BOOST_TEST(stock_of(cup) == "10/0/10");
  BOOST_TEST((ledger(cup)[0].cause == stock_cause::returned));
  // A late confirmation does not sell released units.
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(stock_of(cup) == "10/0/10");
  check_books();
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_releases) {
  auto cup = product("Cup", 500, 10);
  auto o = order_of({{cup, 4}});
  BOOST_REQUIRE(!place(o));
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "payment_failed", ""}));
  BOOST_TEST(stock_of(cup) == "10/0/10");
  BOOST_TEST((ledger(cup)[0].cause == stock_cause::release));
  check_books();
}

BOOST_AUTO_TEST_CASE(a_placing_that_comes_after_its_cancellation_reserves_nothing) {
  auto cup = product("Cup", 500, 10);
  auto o = order_of({{cup, 4}});
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "customer", ""}));
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(emitted() == "");
  BOOST_TEST(stock_of(cup) == "10/0/10");
  // A rejected order leaves nothing behind: its placing was processed here.
  BOOST_REQUIRE(!apply(order::order_cancelled{order_of({{cup, 4}}), "stock_rejected", ""}));
  BOOST_TEST(number("SELECT count(*) FROM reservations") == 1);
}

BOOST_AUTO_TEST_CASE(a_reservation_past_its_deadline_is_asked_about_and_kept) {
  auto cup = product("Cup", 500, 10);
  auto o = order_of({{cup, 4}, {product("Pot", 1, 1), 1}});
  BOOST_REQUIRE(!place(o));
  emitted();
  time.advance(seconds{899});
  BOOST_TEST(sweep() == 0u);
  time.advance(seconds{1});
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(emitted() == "reservation.expired");
  BOOST_TEST(stock_of(cup) == "10/4/6");
  BOOST_TEST(sweep() == 0u);
  time.advance(seconds{900});
  BOOST_TEST(sweep() == 1u);
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "timeout", ""}));
  time.advance(seconds{900});
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(stock_of(cup) == "10/0/10");
}

BOOST_AUTO_TEST_CASE(a_reservation_of_a_clock_that_was_ahead_is_not_kept_for_longer) {
  auto cup = product("Cup", 500, 10);
  time.advance(std::chrono::hours{1});
  BOOST_REQUIRE(!place(order_of({{cup, 4}})));
  time.set(time.now() - std::chrono::hours{1});
  emitted();
  BOOST_TEST(sweep() == 1u);  // Its deadline starts now and has not passed.
  BOOST_TEST(emitted() == "");
  BOOST_TEST(sweep() == 0u);
  time.advance(seconds{900});
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(emitted() == "reservation.expired");
}

BOOST_AUTO_TEST_CASE(staff_adjust_but_never_below_what_orders_hold) {
  auto cup = product("Cup", 500, 10);
  BOOST_REQUIRE(!place(order_of({{cup, 4}})));
  auto change_by = [&](std::int64_t change) {
    return run(adjust_stock{cup, {change, std::nullopt, "delivery"}}, staff);
  };
  BOOST_TEST(change_by(5).value().on_hand == 15);
  BOOST_TEST(change_by(-11).value().inventory_count == 0);
  auto refused = change_by(-1);
  BOOST_TEST(status_of(refused) == 409);
  BOOST_TEST(code_of(refused) == "insufficient_stock");
  BOOST_TEST(run(adjust_stock{cup, {std::nullopt, 6, std::nullopt}}, staff).value().on_hand == 6);
  BOOST_TEST(code_of(run(adjust_stock{cup, {std::nullopt, 3, std::nullopt}}, staff)) ==
             "insufficient_stock");
  BOOST_TEST(status_of(change_by(stock_max)) == 422);
  BOOST_TEST(status_of(run(adjust_stock{cup, {1, 1, std::nullopt}}, staff)) == 422);
  BOOST_TEST(status_of(run(adjust_stock{cup, {}}, staff)) == 422);
  BOOST_TEST(status_of(run(adjust_stock{{system_ids().next_v7()}, {1, {}, {}}}, staff)) == 404);
  BOOST_TEST(ledger(cup)[1].note.value() == "delivery");
  auto shirt = product("Shirt", 500);
  variant(shirt, "M");
  BOOST_TEST(code_of(run(adjust_stock{shirt, {1, {}, {}}}, staff)) == "product_not_sellable");
  check_books();
}

BOOST_AUTO_TEST_CASE(ledger_pages_go_back_in_time) {
  auto cup = product("Cup", 500);
  for (int i = 1; i <= 25; ++i) {
    BOOST_REQUIRE(run(adjust_stock{cup, {i, std::nullopt, std::nullopt}}, staff));
  }
  auto first = read(list_ledger{cup, std::nullopt, 20}, staff).value();
  BOOST_TEST(first.data.size() == 20u);
  BOOST_TEST(first.data.front().on_hand_change == 25);
  BOOST_TEST(first.stock.on_hand == 325);
  BOOST_REQUIRE(first.next_cursor.value.has_value());
  auto second =
      read(list_ledger{cup, stoa::ledger_id::parse(*first.next_cursor.value), 20}, staff).value();
  BOOST_TEST(second.data.size() == 5u);
  BOOST_TEST(second.data.back().on_hand_change == 1);
  BOOST_TEST(!second.next_cursor.value.has_value());
}

BOOST_AUTO_TEST_CASE(the_ledger_is_append_only) {
  product("Cup", 500, 3);
  BOOST_CHECK_THROW(database->run_script("UPDATE stock_ledger SET on_hand_change=1"), db::error);
  BOOST_CHECK_THROW(database->run_script("DELETE FROM stock_ledger"), db::error);
}

BOOST_AUTO_TEST_CASE(ten_thousand_buyers_get_a_hundred_units) {
  auto cup = product("Cup", 500, 100);
  std::vector<order::order_summary> orders;
  for (int i = 0; i < 10'000; ++i) orders.push_back(order_of({{cup, 1}}));
  auto started = std::chrono::steady_clock::now();
  std::int64_t seq = 0;
  for (const auto& o : orders) {
    auto e = std::make_shared<kernel::event>();
    e->seq = ++seq;
    e->event_id = {system_ids().next_v7()};
    e->source = "order";
    e->type = order::order_placed::name;
    e->aggregate_id = o.order_id.value;
    e->payload = json::write(order::order_placed{o, instrument});
    kernel::job j;
    j.kind = kernel::job_kind::event;
    j.event = e;
    writer->add(std::move(j));
  }
  flush();
  auto us = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - started);
  BOOST_TEST_MESSAGE("10,000 placings: " << us.count() / 10'000.0 << " us each");
  auto reserved = std::count_if(events.begin(), events.end(),
                                [](const auto& e) { return e->type == "stock.reserved"; });
  BOOST_TEST(reserved == 100);
  BOOST_TEST(events.size() == 10'000u);
  BOOST_TEST(stock_of(cup) == "100/100/0");
  check_books();
}

BOOST_AUTO_TEST_CASE(random_orders_keep_the_books) {
  std::mt19937_64 random(20'261'122);
  std::vector<stoa::product_id> products;
  for (int i = 0; i < 5; ++i) products.push_back(product("P" + std::to_string(i), 100, 20));
  std::vector<order::order_summary> orders;
  for (int step = 0; step < 2000; ++step) {
    auto pick = random() % 10;
    if (orders.empty() || pick < 4) {
      orders.push_back(order_of(
          {{products[random() % 5], static_cast<int>(random() % 4)}, {products[random() % 5], 1}}));
      BOOST_REQUIRE(!place(orders.back()));
    } else if (pick < 6) {
      BOOST_REQUIRE(!apply(order::order_confirmed{orders[random() % orders.size()]}));
    } else if (pick < 8) {
      BOOST_REQUIRE(
          !apply(order::order_cancelled{orders[random() % orders.size()], "customer", ""}));
    } else if (pick < 9) {
      run(adjust_stock{products[random() % 5],
                       {static_cast<std::int64_t>(random() % 7) - 3, std::nullopt, std::nullopt}},
          staff);
    } else {
      time.advance(seconds{random() % 400});
      sweep();
    }
  }
  check_books();
  BOOST_TEST(number("SELECT count(*) FROM inventory WHERE reserved>on_hand OR reserved<0") == 0);
}

BOOST_AUTO_TEST_CASE(a_refund_restocks_once_and_a_cancellation_only_the_rest) {
  auto cup = product("Cup", 500, 10);
  auto o = order_of({{cup, 3}});
  BOOST_REQUIRE(!place(o));
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(stock_of(cup) == "7/0/7");
  order::order_refunded e{o, {500, "EUR"}, stoa::refund_id{system_ids().next_v7()}};
  e.lines.emplace().push_back({{}, cup, "Cup", 1, {500, "EUR"}, 3, {1500, "EUR"}});
  BOOST_REQUIRE(!apply(e));
  BOOST_TEST(stock_of(cup) == "7/0/7");  // Not requested.
  e.restock = true;
  BOOST_REQUIRE(!apply(e));
  BOOST_REQUIRE(!apply(e));  // The same refund in another event, after a repair.
  BOOST_TEST(stock_of(cup) == "8/0/8");
  BOOST_TEST((ledger(cup)[0].cause == stock_cause::returned));
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "staff", ""}));
  BOOST_TEST(stock_of(cup) == "10/0/10");
  e.refund_id = stoa::refund_id{system_ids().next_v7()};
  BOOST_REQUIRE(!apply(e));  // The cancellation has returned all.
  BOOST_TEST(stock_of(cup) == "10/0/10");
  check_books();
}

BOOST_AUTO_TEST_CASE(stock_that_is_not_tracked_never_ends) {
  auto p = product_of("Download", 500, 0);
  p.track_inventory = false;
  auto file = create(p).value().product_id;
  BOOST_TEST(detail(file).available);
  BOOST_TEST(*detail(file).track_inventory == false);
  auto o = order_of({{file, 7}});
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(emitted() == "stock.reserved");
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(stock_of(file) == "0/0/0");
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "customer", "no"}));
  BOOST_TEST(stock_of(file) == "0/0/0");
  check_books();
  // Tracked from now on: open orders count when they are settled.
  auto open = order_of({{file, 2}});
  BOOST_REQUIRE(!place(open));
  product_change c;
  c.track_inventory = true;
  BOOST_REQUIRE(change(file, c));
  BOOST_TEST(!detail(file).available);
  BOOST_REQUIRE(!place(order_of({{file, 1}})));
  BOOST_TEST(emitted() == "stock.reserved stock.rejected");
  BOOST_REQUIRE(!apply(order::order_confirmed{open}));
  BOOST_TEST(stock_of(file) == "-2/0/0");
  check_books();
}

BOOST_AUTO_TEST_CASE(back_orders_take_the_stock_below_zero) {
  auto p = product_of("Chair", 500, 2);
  p.allow_backorder = true;
  auto chair = create(p).value().product_id;
  auto o = order_of({{chair, 5}});
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(emitted() == "stock.reserved");
  BOOST_TEST(stock_of(chair) == "2/5/0");
  BOOST_TEST(detail(chair).available);
  BOOST_TEST(read(price_items{{chair}}).value().data.at(0).unlimited);
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(stock_of(chair) == "-3/0/0");
  check_books();
  // Back-orders are disabled: owed units stay owed and are served first from new stock.
  product_change c;
  c.allow_backorder = false;
  BOOST_REQUIRE(change(chair, c));
  BOOST_TEST(!detail(chair).available);
  BOOST_REQUIRE(!place(order_of({{chair, 1}})));
  BOOST_TEST(emitted() == "stock.rejected");
  BOOST_TEST(code_of(run(adjust_stock{chair, {-1, std::nullopt, std::nullopt}}, staff)) ==
             "insufficient_stock");
  BOOST_TEST(run(adjust_stock{chair, {2, std::nullopt, std::nullopt}}, staff).value().on_hand ==
             -1);
  BOOST_REQUIRE(!place(order_of({{chair, 1}})));
  BOOST_TEST(emitted() == "stock.rejected");
  BOOST_TEST(run(adjust_stock{chair, {3, std::nullopt, std::nullopt}}, staff).value().on_hand == 2);
  BOOST_REQUIRE(!place(order_of({{chair, 2}})));
  BOOST_TEST(emitted() == "stock.reserved");
  BOOST_TEST(stock_of(chair) == "2/2/0");
  check_books();
}

BOOST_AUTO_TEST_CASE(a_policy_is_of_what_is_sold) {
  auto shirt = product("Shirt", 500, 0);
  auto m = variant(shirt, "M", 500, 0);
  BOOST_TEST(!detail(shirt).available);
  product_change c;
  c.allow_backorder = true;
  auto refused = change(shirt, c);
  BOOST_TEST(status_of(refused) == 422);
  BOOST_TEST(refused.error().errors.at(0).pointer == "/allow_backorder");
  BOOST_REQUIRE(change(m, c));
  BOOST_TEST(detail(shirt).available);
  BOOST_TEST(!detail(shirt).track_inventory.has_value());
  list_products in_stock;
  in_stock.in_stock = true;
  BOOST_TEST(names(in_stock) == std::vector<std::string>{"Shirt"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
