// Units held for carts after declined payments: for which cart, how long, and until they are sold.

#include "tests/support/stock_fixture.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::code_of;
using stoa::test::status_of;

namespace {

struct holding : test::stock_fixture {
  /// Holds so many units of the product for a new cart.
  stoa::cart_id hold(stoa::product_id id, std::int64_t units) {
    const stoa::cart_id cart{system_ids().next_v4()};
    const auto o = order_of_cart(cart, {{id, units}});
    BOOST_REQUIRE(!place(o));
    decline(o);
    return cart;
  }
  std::int64_t holds() { return number("SELECT count(*) FROM stock_holds"); }
  void set_status(stoa::product_id id, product_status status) {
    product_change c;
    c.status = status;
    BOOST_REQUIRE(change(id, c));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(catalog_holds, holding)

BOOST_AUTO_TEST_CASE(what_a_declined_order_had_reserved_is_held_for_its_cart) {
  auto cup = product("Cup", 500, 1);
  const stoa::cart_id mine{system_ids().next_v4()};
  const stoa::cart_id other{system_ids().next_v4()};
  auto first = order_of_cart(mine, {{cup, 1}});
  BOOST_REQUIRE(!place(first));
  decline(first);
  BOOST_TEST(emitted() == "stock.reserved");
  BOOST_TEST(stock_of(cup) == "1/1/0");
  BOOST_TEST(count_for(cup, std::nullopt) == 0);
  BOOST_TEST(count_for(cup, other) == 0);
  BOOST_TEST(count_for(cup, mine) == 1);
  BOOST_REQUIRE(!place(order_of_cart(other, {{cup, 1}})));
  BOOST_TEST(emitted() == "stock.rejected");
  // More than the held units is rejected, without any change.
  BOOST_REQUIRE(!place(order_of_cart(mine, {{cup, 2}})));
  BOOST_TEST(emitted() == "stock.rejected");
  BOOST_TEST(stock_of(cup) == "1/1/0");
  auto second = order_of_cart(mine, {{cup, 1}});
  BOOST_REQUIRE(!place(second));
  BOOST_TEST(emitted() == "stock.reserved");
  BOOST_TEST(number("SELECT count(*) FROM stock_holds") == 0);
  BOOST_TEST(stock_of(cup) == "1/1/0");
  check_books();
  BOOST_REQUIRE(!apply(order::order_confirmed{second}));
  // A repeated decline holds nothing.
  decline(first);
  BOOST_TEST(stock_of(cup) == "0/0/0");
  check_books();
}

BOOST_AUTO_TEST_CASE(the_cart_takes_over_all_that_is_held_for_it) {
  auto cup = product("Cup", 500, 5);
  auto pot = product("Pot", 900, 2);
  const stoa::cart_id mine{system_ids().next_v4()};
  auto first = order_of_cart(mine, {{cup, 4}, {pot, 2}});
  BOOST_REQUIRE(!place(first));
  decline(first);
  // Uses the four held units and the free one; the pots have left the cart.
  auto second = order_of_cart(mine, {{cup, 5}});
  BOOST_REQUIRE(!place(second));
  BOOST_TEST(emitted() == "stock.reserved stock.reserved");
  BOOST_TEST(stock_of(cup) == "5/5/0");
  BOOST_TEST(stock_of(pot) == "2/0/2");
  check_books();
}

BOOST_AUTO_TEST_CASE(what_is_held_is_released_with_time_lines_or_cart) {
  auto cup = product("Cup", 500, 10);
  auto pot = product("Pot", 900, 10);
  const stoa::cart_id mine{system_ids().next_v4()};
  const auto held = [&] {
    auto o = order_of_cart(mine, {{cup, 3}, {pot, 2}});
    BOOST_REQUIRE(!place(o));
    decline(o);
    BOOST_TEST(stock_of(cup) == "10/3/7");
    BOOST_TEST(stock_of(pot) == "10/2/8");
  };
  held();
  BOOST_TEST(sweep() == 0u);
  time.advance(seconds{601});
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(stock_of(cup) == "10/0/10");
  BOOST_TEST(stock_of(pot) == "10/0/10");
  check_books();
  held();
  BOOST_REQUIRE(!apply(cart::lines_reduced{mine, {{cup, 1}, {pot, 0}}}));
  BOOST_TEST(stock_of(cup) == "10/1/9");
  BOOST_TEST(stock_of(pot) == "10/0/10");
  check_books();
  BOOST_REQUIRE(!apply(cart::lines_reduced{mine, {{cup, 0}, {pot, 0}}}));
  BOOST_TEST(stock_of(cup) == "10/0/10");
  check_books();
  // A payment that fails without a hold, or after the hold expired, releases at once.
  auto o = order_of_cart(mine, {{cup, 3}});
  BOOST_REQUIRE(!place(o));
  decline(o, seconds{0});
  BOOST_TEST(stock_of(cup) == "10/0/10");
  check_books();
}

BOOST_AUTO_TEST_CASE(a_hold_moves_with_the_lines_of_a_merged_cart) {
  auto cup = product("Cup", 500, 4);
  const stoa::cart_id guests{system_ids().next_v4()};
  const stoa::cart_id customers{system_ids().next_v4()};
  auto first = order_of_cart(guests, {{cup, 3}});
  BOOST_REQUIRE(!place(first));
  decline(first);
  auto own = order_of_cart(customers, {{cup, 1}});
  BOOST_REQUIRE(!place(own));
  decline(own);
  BOOST_REQUIRE(!apply(cart::cart_merged{guests, customers}));
  BOOST_TEST(count_for(cup, guests) == 0);
  BOOST_TEST(count_for(cup, customers) == 4);
  check_books();
  BOOST_REQUIRE(!place(order_of_cart(customers, {{cup, 4}})));
  BOOST_TEST(emitted() == "stock.reserved stock.reserved stock.reserved");
  check_books();
}

BOOST_AUTO_TEST_CASE(what_is_held_of_a_product_that_becomes_a_draft_is_released) {
  const auto cup = product("Cup", 500, 5);
  const auto pot = product("Pot", 500, 5);
  const auto mine = hold(cup, 2);
  hold(cup, 1);
  hold(pot, 1);
  const auto pending = order_of({{cup, 1}});
  BOOST_REQUIRE(!place(pending));
  product_change renamed;
  renamed.name = "Mug";
  BOOST_REQUIRE(change(cup, renamed));
  BOOST_TEST(stock_of(cup) == "5/4/1");
  set_status(cup, product_status::Draft);
  BOOST_TEST(stock_of(cup) == "5/1/4");
  BOOST_TEST(stock_of(pot) == "5/1/4");
  BOOST_TEST(holds() == 1);
  check_books();
  // A decline now holds nothing, and nothing returns to the cart later.
  decline(pending);
  BOOST_TEST(stock_of(cup) == "5/0/5");
  set_status(cup, product_status::Active);
  BOOST_TEST(count_for(cup, mine) == 5);
  BOOST_TEST(stock_of(cup) == "5/0/5");
  check_books();
}

BOOST_AUTO_TEST_CASE(variants_follow_their_product) {
  const auto shirt = product("Shirt", 500);
  const auto small = variant(shirt, "S", std::nullopt, 5);
  const auto large = variant(shirt, "L", std::nullopt, 5);
  hold(small, 2);
  hold(large, 1);
  BOOST_REQUIRE(run(delete_product{small}, staff));
  BOOST_TEST(holds() == 1);
  set_status(shirt, product_status::Draft);
  BOOST_TEST(holds() == 0);
  BOOST_TEST(stock_of(large) == "5/0/5");
  check_books();
}

BOOST_AUTO_TEST_CASE(a_product_is_deleted_whatever_is_held_of_it) {
  const auto cup = product("Cup", 500, 5);
  hold(cup, 2);
  const auto pending = order_of({{cup, 1}});
  BOOST_REQUIRE(!place(pending));
  // Units of an unpaid order block the deletion, which then changes nothing.
  BOOST_TEST(code_of(run(delete_product{cup}, staff)) == "product_reserved");
  BOOST_TEST(stock_of(cup) == "5/3/2");
  decline(pending, seconds{0});
  BOOST_REQUIRE(run(delete_product{cup}, staff));
  BOOST_TEST(holds() == 0);
  BOOST_TEST(number("SELECT sum(reserved) FROM inventory") == 0);
  check_books();
}

BOOST_AUTO_TEST_CASE(a_product_gets_variants_whatever_is_held_of_it) {
  const auto shirt = product("Shirt", 500, 5);
  hold(shirt, 2);
  variant(shirt, "S", std::nullopt, 5);
  BOOST_TEST(holds() == 0);
  check_books();
}

BOOST_AUTO_TEST_CASE(an_import_releases_what_it_takes_off_sale) {
  import_product cup;
  cup.product_id = {system_ids().next_v7()};
  cup.title = "Cup";
  cup.price = money{500, "EUR"};
  cup.on_hand = 5;
  BOOST_REQUIRE(run(cup, staff));
  hold(cup.product_id, 2);
  cup.status = product_status::Draft;
  auto dry = cup;
  dry.dry_run = true;
  BOOST_REQUIRE(run(dry, staff));
  BOOST_TEST(holds() == 1);
  BOOST_REQUIRE(run(cup, staff));
  BOOST_TEST(holds() == 0);
  BOOST_TEST(stock_of(cup.product_id) == "5/0/5");

  import_product shirt;
  shirt.product_id = {system_ids().next_v7()};
  shirt.title = "Shirt";
  shirt.price = money{500, "EUR"};
  for (const auto* size : {"S", "M", "L"}) {
    imported_variant v;
    v.product_id = {system_ids().next_v7()};
    v.options = {{"Size", size}};
    v.price = money{500, "EUR"};
    v.on_hand = 5;
    if (!shirt.variants) shirt.variants.emplace();
    shirt.variants->push_back(v);
  }
  BOOST_REQUIRE(run(shirt, staff));
  const auto small = shirt.variants->at(0).product_id;
  const auto medium = shirt.variants->at(1).product_id;
  hold(small, 1);
  hold(medium, 1);
  BOOST_REQUIRE(!place(order_of({{medium, 1}})));
  shirt.variants->erase(shirt.variants->begin(), shirt.variants->begin() + 2);
  const auto imported = run(shirt, staff).value();
  // One is removed, the other remains until the order ends, without its held units.
  BOOST_TEST(imported.notes.size() == 1u);
  BOOST_TEST(status_of(read(get_product{small, true}, staff)) == 404);
  BOOST_TEST(stock_of(medium) == "5/1/4");
  BOOST_TEST(holds() == 0);
  check_books();
}

BOOST_AUTO_TEST_SUITE_END()
