// Carts and their orders: bought items leave the cart, also when the cart was changed or merged
// meanwhile.

#include "tests/support/cart_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace stoa;
using namespace stoa::cart;
using stoa::test::as_user;
using stoa::test::code_of;
using stoa::test::status_of;

namespace {

struct ordered_carts : test::cart_fixture {
  cart_content now(stoa::cart_id id, kernel::caller who = {}) {
    return read(get_cart{id}, who).value();
  }
  void remove(stoa::cart_id id, stoa::cart_item_id line, kernel::caller who = {}) {
    BOOST_REQUIRE(run(remove_item{id, line, {}}, who));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cart_orders, ordered_carts)

BOOST_AUTO_TEST_CASE(what_was_bought_leaves_the_cart_once) {
  auto id = make().cart_id;
  add(id, mug, 5);
  add(id, lamp, 1);
  stoa::event_id event{system_ids().next_v7()};
  BOOST_TEST(!apply(confirmed(id, mug, 3), event));
  BOOST_TEST(!apply(confirmed(id, mug, 3), event));
  auto after = read(get_cart{id});
  BOOST_TEST(after->items[0].quantity == 2);
  BOOST_TEST(after->version == 4);
  BOOST_TEST(!apply(confirmed(id, mug, 3)));  // More than is left.
  after = read(get_cart{id});
  BOOST_REQUIRE(after->items.size() == 1u);
  BOOST_TEST((after->items[0].product_id == lamp));
  BOOST_TEST(!apply(confirmed(id, mug, 3)));
  BOOST_TEST(read(get_cart{id})->version == 5);
  BOOST_TEST(!apply(confirmed({system_ids().next_v4()}, mug, 1)));
}

BOOST_AUTO_TEST_CASE(what_was_bought_leaves_the_cart_that_has_the_lines_now) {
  const auto mine = make(alice).cart_id;
  add(mine, mug, 1, as_user(alice));
  const auto guest = make().cart_id;
  add(guest, mug, 2);
  add(guest, lamp, 1);
  const auto ordered = read(get_cart{guest}).value();
  const auto merged = run(merge_cart{guest, alice, {}}, as_user(alice)).value();
  BOOST_REQUIRE(merged.absorbed.has_value());
  const auto& states = *merged.absorbed;
  BOOST_TEST(std::any_of(states.begin(), states.end(), [&](const auto& a) {
    return a.cart_id == guest && a.version == ordered.version;
  }));
  BOOST_TEST(std::any_of(states.begin(), states.end(),
                         [&](const auto& a) { return a.cart_id == mine && a.version == 2; }));
  auto e = confirmed(guest, mug, 2);
  e.order.lines.push_back({lamp, "thing", 1, {500, "EUR"}});
  BOOST_TEST(!apply(e));
  const auto after = read(get_cart{mine}, as_user(alice)).value();
  BOOST_REQUIRE(after.items.size() == 1u);
  BOOST_TEST((after.items[0].product_id == mug));
  BOOST_TEST(after.items[0].quantity == 1);
  BOOST_TEST(after.absorbed->size() == 1u);
  // The guest's cart is no longer found, and its row is deleted later.
  BOOST_TEST(status_of(read(get_cart{guest})) == 404);
  BOOST_TEST(code_of(add(guest, mug, 1)) == "not_found");
  BOOST_TEST(read(list_carts{}, as_user(alice))->data.size() == 1u);
  time.advance(seconds{8 * 86'400});
  sweep();
  BOOST_TEST(number("SELECT count(*) FROM carts") == 0);
  BOOST_TEST(!apply(confirmed(guest, mug, 2)));
}

BOOST_AUTO_TEST_CASE(an_order_of_a_cart_that_is_gone_takes_nothing_from_others) {
  const auto mine = make(alice).cart_id;
  const auto guest = make().cart_id;
  add(guest, mug, 2);
  run(merge_cart{guest, alice, {}}, as_user(alice));
  run(delete_cart{mine, std::nullopt}, as_user(alice));
  const auto next = make(alice).cart_id;
  add(next, mug, 2, as_user(alice));
  BOOST_TEST(!apply(confirmed(guest, mug, 2)));
  BOOST_TEST(read(get_cart{next}, as_user(alice))->items.at(0).quantity == 2);
}

BOOST_AUTO_TEST_CASE(what_is_held_for_a_cart_follows_its_lines) {
  using list = std::vector<std::string>;
  const auto check = [&](const list& expected) {
    BOOST_TEST(emitted() == expected, boost::test_tools::per_element());
  };
  const auto id = make().cart_id;
  add(id, mug, 3);
  add(id, lamp, 1);
  const auto before = read(get_cart{id}).value();
  run(change_item{id, before.items[1].cart_item_id, 2, {}});
  check({});  // Nothing is held yet.
  BOOST_TEST(!apply(declined(id, mug, 3)));
  const auto held = read(get_cart{id}).value();
  BOOST_TEST((held.held_until == time.now() + seconds{60}));
  BOOST_TEST(held.version == before.version + 1);  // by the change above only
  run(change_item{id, before.items[0].cart_item_id, 4, {}});
  check({});
  run(change_item{id, before.items[0].cart_item_id, 1, {}});
  check({"cart.lines_reduced 1"});
  run(remove_item{id, before.items[1].cart_item_id, {}});
  check({"cart.lines_reduced 0"});
  run(clear_cart{id, {}});
  check({"cart.lines_reduced 0"});
  add(id, mug, 2);
  add(id, lamp, 2);
  run(delete_cart{id, {}});
  check({"cart.lines_reduced 0 0"});
  // A line removed while the order was Pending, and a deleted cart.
  const auto other = make().cart_id;
  add(other, mug, 1);
  BOOST_TEST(!apply(declined(other, mug, 3)));
  check({"cart.lines_reduced 1"});
  BOOST_TEST(!apply(declined(id, mug, 3)));
  check({"cart.lines_reduced 0"});
  // The hold moves with the merged cart, before or after it is known.
  const auto mine = make(alice).cart_id;
  BOOST_TEST(
      (run(merge_cart{other, alice, {}}, as_user(alice))->held_until == time.now() + seconds{60}));
  check({"cart.merged"});
  BOOST_TEST(!apply(declined(other, mug, 1)));
  check({"cart.merged"});
  BOOST_TEST(!apply(confirmed(mine, mug, 1)));
  check({"cart.lines_reduced 0"});
  time.advance(seconds{61});
  add(mine, mug, 2, as_user(alice));
  run(clear_cart{mine, {}}, as_user(alice));
  check({});
}

BOOST_AUTO_TEST_CASE(a_line_that_was_added_again_is_not_the_one_that_was_bought) {
  const auto id = make().cart_id;
  add(id, mug, 2);
  const auto ordered = add(id, lamp, 1).value();
  remove(id, ordered.items[0].cart_item_id);
  add(id, mug, 5);
  BOOST_TEST(!apply(bought(ordered)));
  const auto after = now(id);
  BOOST_REQUIRE(after.items.size() == 1u);
  BOOST_TEST((after.items[0].product_id == mug));
  BOOST_TEST(after.items[0].quantity == 5);
  // The same with an event of an earlier version, which has only the product.
  BOOST_TEST(!apply(confirmed(id, mug, 2)));
  BOOST_TEST(now(id).items[0].quantity == 3);
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_bought_line_is_another_line) {
  const auto id = make().cart_id;
  const auto ordered = add(id, mug, 2).value();
  add(id, mug, 5);
  BOOST_TEST(!apply(bought(ordered)));
  const auto after = now(id);
  BOOST_REQUIRE(after.items.size() == 1u);
  BOOST_TEST(after.items[0].quantity == 5);
  BOOST_TEST((after.items[0].cart_item_id != ordered.items[0].cart_item_id));
  // A duplicate event finds nothing, and the rest can be bought.
  BOOST_TEST(!apply(bought(ordered)));
  BOOST_TEST(now(id).items[0].quantity == 5);
  BOOST_TEST(!apply(bought(after)));
  BOOST_TEST(now(id).items.empty());
}

BOOST_AUTO_TEST_CASE(bought_lines_are_found_in_the_cart_that_they_were_merged_into) {
  const auto mine = make(alice).cart_id;
  const auto own = add(mine, mug, 3, as_user(alice)).value();
  const auto guest = make().cart_id;
  add(guest, mug, 2);
  const auto ordered = add(guest, lamp, 1).value();
  const auto merged = run(merge_cart{guest, alice, {}}, as_user(alice)).value();
  BOOST_REQUIRE(merged.items.size() == 2u);
  // Both carts had been ordered; the customer's is decided first.
  BOOST_TEST(!apply(bought(own)));
  auto after = now(mine, as_user(alice));
  BOOST_REQUIRE(after.items.size() == 2u);
  const auto quantity_of = [&](stoa::product_id product) {
    for (const auto& i : after.items) {
      if (i.product_id == product) return i.quantity;
    }
    return std::int64_t{0};
  };
  BOOST_TEST(quantity_of(mug) == 2);
  BOOST_TEST(!apply(bought(ordered)));
  after = now(mine, as_user(alice));
  BOOST_TEST(after.items.empty());
}

BOOST_AUTO_TEST_CASE(a_merged_line_that_was_added_again_stays) {
  const auto mine = make(alice).cart_id;
  add(mine, mug, 3, as_user(alice));
  const auto guest = make().cart_id;
  add(guest, mug, 2);
  const auto ordered = add(guest, lamp, 1).value();
  const auto merged = run(merge_cart{guest, alice, {}}, as_user(alice)).value();
  for (const auto& i : merged.items) remove(mine, i.cart_item_id, as_user(alice));
  add(mine, mug, 7, as_user(alice));
  add(mine, lamp, 7, as_user(alice));
  BOOST_TEST(!apply(bought(ordered)));
  const auto after = now(mine, as_user(alice));
  BOOST_REQUIRE(after.items.size() == 2u);
  for (const auto& i : after.items) BOOST_TEST(i.quantity == 7);
}

BOOST_AUTO_TEST_CASE(a_merge_says_which_quantities_it_has_cut) {
  const auto mine = make(alice).cart_id;
  add(mine, mug, 9'000, as_user(alice));
  add(mine, lamp, 9'000, as_user(alice));
  const auto guest = make().cart_id;
  add(guest, mug, 1'000);
  add(guest, lamp, 1'001);
  const auto merged = run(merge_cart{guest, alice, {}}, as_user(alice)).value();
  BOOST_REQUIRE(merged.items.size() == 2u);
  for (const auto& i : merged.items) BOOST_TEST(i.quantity == quantity_max);
  BOOST_REQUIRE(merged.cut.has_value());
  BOOST_REQUIRE(merged.cut->size() == 1u);
  BOOST_TEST(merged.cut->front().wanted == 10'001);
  const auto cut = merged.cut->front().cart_item_id;
  for (const auto& i : merged.items) BOOST_TEST((i.cart_item_id == cut) == (i.product_id == lamp));
  // Only the merge's answer contains it.
  BOOST_TEST(!now(mine, as_user(alice)).cut.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
