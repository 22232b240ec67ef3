// Stock in several locations: which one supplies an order, where units are released and returned,
// transfers, and what staff may do with a location.

#include "tests/support/location_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;
using stoa::test::status_of;

BOOST_FIXTURE_TEST_SUITE(catalog_locations, test::location_fixture)

BOOST_AUTO_TEST_CASE(an_order_is_supplied_by_its_destination_and_settles_there) {
  const auto cup = product("Cup", 500, 3);
  const auto berlin = location("Berlin", "DE");
  const auto paris = location("Paris", "FR");
  BOOST_REQUIRE(adjust(cup, berlin, 4));
  BOOST_REQUIRE(adjust(cup, paris, 5));
  BOOST_TEST(stock_of(cup) == "12/0/12");
  const auto to_france = order_of({{cup, 2}});
  BOOST_REQUIRE(!place_to(to_france, "FR"));
  BOOST_TEST(at(cup, paris) == "5/2");
  const auto to_germany = order_of({{cup, 4}});
  BOOST_REQUIRE(!place_to(to_germany, "DE"));
  BOOST_TEST(at(cup, berlin) == "4/4");
  check_levels();
  // The rest of Paris first, and then the default location.
  const auto split = order_of({{cup, 5}});
  BOOST_REQUIRE(!place_to(split, "FR"));
  BOOST_TEST(at(cup, paris) == "5/5");
  BOOST_TEST(at(cup, default_location) == "3/2");
  const auto parts = allocation_of(split).allocations;
  BOOST_REQUIRE(parts.size() == 2u);
  BOOST_TEST((parts[0] == allocation{paris, 3}));
  BOOST_TEST((parts[1] == allocation{default_location, 2}));
  BOOST_TEST(stock_of(cup) == "12/11/1");
  // More than the total is rejected.
  BOOST_REQUIRE(!place_to(order_of({{cup, 2}}), "FR"));
  BOOST_TEST(emitted() == "stock.reserved stock.reserved stock.reserved stock.rejected");
  BOOST_REQUIRE(!apply(order::order_confirmed{to_france}));
  BOOST_REQUIRE(!apply(order::order_cancelled{split, "customer", ""}));
  BOOST_TEST(at(cup, paris) == "3/0");
  BOOST_TEST(at(cup, default_location) == "3/0");
  // All units of Berlin are sold: it has no level any more.
  BOOST_REQUIRE(!apply(order::order_confirmed{to_germany}));
  BOOST_TEST(at(cup, berlin) == "none");
  BOOST_TEST(stock_of(cup) == "6/0/6");
  check_levels();
  // The sale is cancelled: its units return to where they were.
  BOOST_REQUIRE(!apply(order::order_cancelled{to_germany, "customer", ""}));
  BOOST_TEST(at(cup, berlin) == "4/0");
  check_levels();
}

BOOST_AUTO_TEST_CASE(refunded_units_return_once_to_where_they_were) {
  const auto cup = product("Cup", 500, 1);
  const auto shop = location("Shop");
  BOOST_REQUIRE(adjust(cup, shop, 3));
  const auto o = order_of({{cup, 4}});
  BOOST_REQUIRE(!place(o));
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(stock_of(cup) == "0/0/0");
  const auto refund = [&](std::int64_t units) {
    order::order_refunded e{o, {100, "EUR"}};
    e.refund_id = stoa::refund_id{system_ids().next_v7()};
    refund_line line;
    line.product_id = cup;
    line.quantity = units;
    e.lines = {line};
    e.restock = true;
    BOOST_REQUIRE(!apply(e));
    BOOST_REQUIRE(!apply(e));
  };
  refund(2);
  BOOST_TEST(at(cup, shop) == "2/0");
  BOOST_TEST(allocation_of(o).restocked == 2);
  refund(1);
  BOOST_TEST(at(cup, shop) == "3/0");
  BOOST_TEST(at(cup, default_location) == "0/0");
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "staff", ""}));
  BOOST_TEST(at(cup, default_location) == "1/0");
  BOOST_TEST(at(cup, shop) == "3/0");
  check_levels();
}

BOOST_AUTO_TEST_CASE(sold_units_return_to_the_default_location_if_theirs_is_gone) {
  const auto cup = product("Cup", 500, 0);
  const auto shop = location("Shop");
  BOOST_REQUIRE(adjust(cup, shop, 2));
  const auto o = order_of({{cup, 2}});
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(code_of(run(delete_location{shop}, staff)) == "location_has_stock");
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_REQUIRE(run(delete_location{shop}, staff));
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "customer", ""}));
  BOOST_TEST(at(cup, default_location) == "2/0");
  check_levels();
}

BOOST_AUTO_TEST_CASE(held_units_stay_where_they_are) {
  const auto cup = product("Cup", 500, 1);
  const auto shop = location("Shop", "DE", 0);
  BOOST_REQUIRE(adjust(cup, shop, 3));
  const stoa::cart_id mine{system_ids().next_v4()};
  const stoa::cart_id other{system_ids().next_v4()};
  auto o = order_of_cart(mine, {{cup, 4}});
  BOOST_REQUIRE(!place(o));
  decline(o);
  BOOST_TEST(at(cup, shop) == "3/3");
  BOOST_TEST(at(cup, default_location) == "1/1");
  // A held unit cannot be moved.
  BOOST_TEST(code_of(move(cup, shop, default_location, 1)) == "insufficient_stock");
  BOOST_REQUIRE(!apply(cart::lines_reduced{mine, {{cup, 2}}}));
  BOOST_TEST(at(cup, shop) == "3/2");
  BOOST_TEST(at(cup, default_location) == "1/0");
  check_levels();
  BOOST_REQUIRE(!apply(cart::cart_merged{mine, other}));
  auto next = order_of_cart(other, {{cup, 3}});
  BOOST_REQUIRE(!place(next));
  BOOST_TEST(at(cup, shop) == "3/3");
  BOOST_TEST(at(cup, default_location) == "1/0");
  check_levels();
  BOOST_REQUIRE(!apply(order::order_cancelled{next, "customer", ""}));
  BOOST_TEST(stock_of(cup) == "4/0/4");
  check_levels();
  // Two carts with holds at different locations become one.
  auto first = order_of_cart(mine, {{cup, 3}});
  BOOST_REQUIRE(!place(first));
  decline(first);
  auto second = order_of_cart(other, {{cup, 1}});
  BOOST_REQUIRE(!place(second));
  decline(second);
  BOOST_REQUIRE(!apply(cart::cart_merged{mine, other}));
  time.advance(seconds{601});
  sweep();
  BOOST_TEST(stock_of(cup) == "4/0/4");
  check_levels();
}

BOOST_AUTO_TEST_CASE(the_location_of_a_pickup_comes_first) {
  const auto cup = product("Cup", 500, 9);
  const auto shop = location("Shop", "DE", 5, true);
  BOOST_REQUIRE(adjust(cup, shop, 2));
  const auto o = order_of({{cup, 3}});
  BOOST_REQUIRE(!place_to(o, "FR", shop));
  BOOST_TEST(at(cup, shop) == "2/2");
  BOOST_TEST(at(cup, default_location) == "9/1");
  check_levels();
}

BOOST_AUTO_TEST_CASE(units_beyond_the_stock_are_owed_by_the_default_location) {
  const auto cup = product("Cup", 500, 0);
  const auto shop = location("Shop");
  BOOST_REQUIRE(adjust(cup, shop, 2));
  product_change policy;
  policy.allow_backorder = true;
  BOOST_REQUIRE(change(cup, policy));
  const auto o = order_of({{cup, 5}});
  BOOST_REQUIRE(!place(o));
  BOOST_TEST(at(cup, shop) == "2/2");
  BOOST_TEST(at(cup, default_location) == "0/3");
  BOOST_REQUIRE(!apply(order::order_confirmed{o}));
  BOOST_TEST(stock_of(cup) == "-3/0/0");
  check_levels();
  // Other locations owe nothing, even of such a product.
  BOOST_TEST(code_of(adjust(cup, shop, -1)) == "insufficient_stock");
  // Units are not counted any more, but those that are reserved stay where they are.
  BOOST_REQUIRE(adjust(cup, shop, 4));
  const auto counted = order_of({{cup, 1}});
  BOOST_REQUIRE(!place(counted));
  policy = {};
  policy.track_inventory = false;
  BOOST_REQUIRE(change(cup, policy));
  const auto uncounted = order_of({{cup, 7}});
  BOOST_REQUIRE(!place(uncounted));
  BOOST_REQUIRE(!apply(order::order_confirmed{counted}));
  BOOST_REQUIRE(!apply(order::order_confirmed{uncounted}));
  BOOST_TEST(at(cup, shop) == "4/0");
  check_levels();
}

BOOST_AUTO_TEST_CASE(a_transfer_moves_free_units_and_nothing_else) {
  const auto cup = product("Cup", 500, 5);
  const auto shop = location("Shop");
  const auto store = location("Store");
  BOOST_REQUIRE(move(cup, default_location, shop, 4));
  BOOST_REQUIRE(move(cup, shop, store, 1));
  BOOST_TEST(at(cup, default_location) == "1/0");
  BOOST_TEST(at(cup, shop) == "3/0");
  BOOST_TEST(at(cup, store) == "1/0");
  BOOST_TEST(stock_of(cup) == "5/0/5");
  BOOST_TEST(ledger(cup).size() == 5u);
  BOOST_TEST(code_of(move(cup, shop, store, 4)) == "insufficient_stock");
  BOOST_TEST(code_of(move(cup, default_location, store, 2)) == "insufficient_stock");
  BOOST_TEST(code_of(move(cup, shop, shop, 1)) == "validation_failed");
  BOOST_TEST(code_of(move(cup, shop, {system_ids().next_v7()}, 1)) == "validation_failed");
  BOOST_TEST(code_of(move({system_ids().next_v7()}, shop, store, 1)) == "not_found");
  // Back at the default location, it is a product like those of a store with one location.
  BOOST_REQUIRE(move(cup, shop, default_location, 3));
  BOOST_REQUIRE(move(cup, store, default_location, 1));
  BOOST_TEST(number("SELECT count(*) FROM stock_levels") == 0);
  check_levels();
  // Orders and transfers in one batch see each other's changes.
  const auto replies =
      run_batch(std::vector<transfer_stock>{{cup, {default_location, shop, 3, {}}},
                                            {cup, {default_location, store, 3, {}}},
                                            {cup, {shop, store, 3, {}}}},
                context_of(staff));
  BOOST_TEST(replies[0].has_value());
  BOOST_TEST(code_of(replies[1]) == "insufficient_stock");
  BOOST_TEST(replies[2].has_value());
  BOOST_TEST(at(cup, store) == "3/0");
  check_levels();
}

BOOST_AUTO_TEST_CASE(locations_are_bounded_and_keep_their_rules) {
  const auto list = [&] { return read(list_locations{}, staff).value().data; };
  BOOST_REQUIRE(list().size() == 1u);
  BOOST_TEST(list().front().is_default);
  BOOST_TEST((list().front().location_id == default_location));
  location_change off;
  off.active = false;
  BOOST_TEST(code_of(run(change_location{default_location, off}, staff)) == "default_location");
  BOOST_TEST(code_of(run(delete_location{default_location}, staff)) == "default_location");
  new_location l;
  l.name = " Shop ";
  l.code = "S-1";
  l.countries = {"FR", "DE", "FR"};
  const auto shop = run(create_location{l}, staff).value();
  BOOST_TEST(shop.name == "Shop");
  BOOST_TEST((shop.countries == std::vector<std::string>{"DE", "FR"}));
  BOOST_TEST(code_of(run(create_location{l}, staff)) == "location_code_taken");
  const auto cup = product("Cup", 500, 1);
  BOOST_REQUIRE(adjust(cup, shop.location_id, 1));
  BOOST_TEST(code_of(run(change_location{shop.location_id, off}, staff)) == "location_has_stock");
  BOOST_REQUIRE(move(cup, shop.location_id, default_location, 1));
  BOOST_REQUIRE(run(change_location{shop.location_id, off}, staff));
  BOOST_TEST(code_of(adjust(cup, shop.location_id, 1)) == "validation_failed");
  BOOST_REQUIRE(run(delete_location{shop.location_id}, staff));
  BOOST_TEST(code_of(run(delete_location{shop.location_id}, staff)) == "not_found");
  while (list().size() < locations_max) location("L" + std::to_string(list().size()));
  new_location more;
  more.name = "One more";
  BOOST_TEST(code_of(run(create_location{more}, staff)) == "too_many_locations");
}

BOOST_AUTO_TEST_CASE(codes_differ_not_only_by_case) {
  new_location l;
  l.name = "Berlin";
  l.code = "BER-1";
  const auto berlin = run(create_location{l}, staff).value();
  l.code = "ber-1";
  const auto taken = run(create_location{l}, staff);
  BOOST_TEST(code_of(taken) == "location_code_taken");
  BOOST_TEST(taken.error().errors.front().pointer == "/code");
  l.code = "PAR-1";
  const auto paris = run(create_location{l}, staff).value();
  location_change code;
  code.code = test::to(std::string("Ber-1"));
  BOOST_TEST(code_of(run(change_location{paris.location_id, code}, staff)) ==
             "location_code_taken");
  // A reference to a location is a code or an id.
  code.code.value = ' ' + berlin.location_id.str();
  const auto reserved = run(change_location{paris.location_id, code}, staff);
  BOOST_TEST(reserved.error().errors.front().code == "reserved");
  code.code.value = "Ber-1";
  // Its own code may get another case.
  BOOST_TEST(run(change_location{berlin.location_id, code}, staff).value().code.value() == "Ber-1");
  // Two codes of an earlier version stay, and their locations can be changed otherwise.
  database->run_script("UPDATE locations SET code='ber-1' WHERE code='PAR-1'");
  kernel::writer_environment restarted;
  restarted.time = &time;
  write_with(restarted);
  code.name = "Other";
  code.code.value = "Ber-1";
  BOOST_REQUIRE(run(change_location{berlin.location_id, code}, staff));
  code.code.value = "BER-1";
  BOOST_TEST(code_of(run(change_location{berlin.location_id, code}, staff)) ==
             "location_code_taken");
}

BOOST_AUTO_TEST_CASE(a_product_without_stock_of_its_own_leaves_its_locations) {
  const auto shop = location("Shop");
  const auto cup = product("Cup", 500, 2);
  BOOST_REQUIRE(adjust(cup, shop, 3));
  BOOST_REQUIRE(create_variant(cup, "M"));
  BOOST_TEST(number("SELECT count(*) FROM stock_levels") == 0);
  BOOST_TEST(number("SELECT sum(on_hand) FROM inventory") == 0);
  const auto pot = product("Pot", 500, 2);
  BOOST_REQUIRE(adjust(pot, shop, 3));
  BOOST_REQUIRE(run(delete_product{pot}, staff));
  BOOST_TEST(number("SELECT count(*) FROM stock_levels") == 0);
  BOOST_TEST(number("SELECT sum(on_hand) FROM inventory") == 5);
  check_levels();
  BOOST_REQUIRE(run(delete_location{shop}, staff));
}

BOOST_AUTO_TEST_CASE(the_difference_of_an_import_is_at_the_default_location) {
  const auto shop = location("Shop");
  const auto cup = product("Cup", 500, 2);
  BOOST_REQUIRE(adjust(cup, shop, 3));
  const auto import = [&](std::int64_t on_hand, bool dry_run = false) {
    import_product p;
    p.product_id = cup;
    p.title = "Cup";
    p.price = money{500, "EUR"};
    p.on_hand = on_hand;
    p.set_stock = true;
    p.dry_run = dry_run;
    p.attributes = {"{}"};
    return run(p, test::as_system()).value().outcome;
  };
  BOOST_TEST((import(5) == import_outcome::unchanged));
  BOOST_TEST((import(9) == import_outcome::updated));
  BOOST_TEST(at(cup, default_location) == "6/0");
  BOOST_TEST(at(cup, shop) == "3/0");
  // The other location keeps what it has.
  import(1);
  BOOST_TEST(at(cup, default_location) == "0/0");
  BOOST_TEST(at(cup, shop) == "3/0");
  import(8, true);
  BOOST_TEST(stock_of(cup) == "3/0/3");
  check_levels();
}

BOOST_AUTO_TEST_CASE(customers_see_where_they_can_collect) {
  const auto shop = location("Shop", "DE", 1, true);
  location("Warehouse", "DE", 2, false);
  const auto cup = product("Cup", 500, 4);
  const auto available = [&] {
    const auto list = read(list_pickup{cup}).value().data;
    BOOST_REQUIRE(list.size() == 1u);
    BOOST_TEST((list.front().location_id == shop));
    return list.front().available;
  };
  BOOST_TEST(!available());
  BOOST_REQUIRE(move(cup, default_location, shop, 1));
  BOOST_TEST(available());
  BOOST_REQUIRE(!place_to(order_of({{cup, 1}}), "DE", shop));
  BOOST_TEST(!available());
  BOOST_TEST(code_of(read(list_pickup{{system_ids().next_v7()}})) == "not_found");
  // A product is available where one of its variants is.
  const auto shirt = product("Shirt", 900);
  const auto m = variant(shirt, "M", std::nullopt, 2);
  BOOST_REQUIRE(move(m, default_location, shop, 1));
  BOOST_TEST(read(list_pickup{shirt}).value().data.front().available);
}

BOOST_AUTO_TEST_SUITE_END()
