// Lines with properties, limits of quantities, and carts of purchases in one request.

#include "tests/support/cart_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::cart;
using stoa::test::as_user;
using stoa::test::code_of;
using stoa::test::status_of;

namespace {

const line_properties for_ada{{"Engraving", "Ada"}};
const line_properties for_bob{{"Engraving", "Bob"}};

struct lines : test::cart_fixture {
  result<cart_content> put(stoa::cart_id id, std::int64_t quantity,
                           std::optional<line_properties> properties,
                           std::optional<quantity_limits> limits = std::nullopt) {
    add_item command{id, mug, "mug", quantity, {500, "EUR"}, std::nullopt};
    command.properties = std::move(properties);
    command.limits = limits;
    return run(command);
  }
  create_for_purchase purchase_of(std::optional<stoa::user_id> user) {
    create_for_purchase command;
    command.cart_id = {system_ids().next_v7()};
    command.user_id = user;
    for (const auto& properties : {for_ada, for_bob}) {
      auto& item = command.items.emplace_back();
      item.cart_item_id = {system_ids().next_v7()};
      item.product_id = mug;
      item.name = "mug";
      item.quantity = 2;
      item.price_when_added = {500, "EUR"};
      item.properties = properties;
    }
    command.codes = {"SUMMER"};
    command.note = "ring twice";
    return command;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cart_lines, lines)

BOOST_AUTO_TEST_CASE(equal_properties_are_one_line) {
  const auto id = make().cart_id;
  put(id, 1, for_ada);
  put(id, 2, for_bob);
  const auto both = put(id, 3, for_ada).value();
  BOOST_REQUIRE(both.items.size() == 2u);
  BOOST_TEST(both.items[0].quantity == 4);
  BOOST_TEST((both.items[0].properties == for_ada));
  change_item same{id, both.items[1].cart_item_id, std::nullopt, std::nullopt};
  same.properties = for_ada;
  BOOST_TEST(code_of(run(same)) == "cart_line_exists");
  same.properties = line_properties{};
  BOOST_TEST(!run(same)->items[1].properties.has_value());
  // One that differs in case, or has a further name, is another line.
  BOOST_TEST(put(id, 1, line_properties{{"Engraving", "ada"}})->items.size() == 3u);
  BOOST_TEST(put(id, 1, line_properties{{"Engraving", "Ada"}, {"Font", "x"}})->items.size() == 4u);
}

BOOST_AUTO_TEST_CASE(held_units_are_those_of_all_lines) {
  using list = std::vector<std::string>;
  const auto check = [&](const list& expected) {
    BOOST_TEST(emitted() == expected, boost::test_tools::per_element());
  };
  const auto id = make().cart_id;
  put(id, 3, for_ada);
  const auto both = put(id, 4, for_bob).value();
  order::order_cancelled e{bought(both).order, "payment_failed", "no", time.now() + seconds{60}};
  BOOST_TEST(!apply(e));
  check({});  // All of the goods are still in the cart.
  run(change_item{id, both.items[0].cart_item_id, 1, {}});
  check({"cart.lines_reduced 5"});
  run(remove_item{id, both.items[1].cart_item_id, {}});
  check({"cart.lines_reduced 1"});
  run(clear_cart{id, {}});
  check({"cart.lines_reduced 0"});
}

BOOST_AUTO_TEST_CASE(a_bought_line_leaves_the_other_one) {
  const auto id = make().cart_id;
  put(id, 3, for_ada);
  auto both = put(id, 4, for_bob).value();
  both.items.pop_back();
  BOOST_TEST(!apply(bought(both)));
  const auto left = read(get_cart{id}).value();
  BOOST_REQUIRE(left.items.size() == 1u);
  BOOST_TEST((left.items[0].properties == for_bob));
  BOOST_TEST(left.items[0].quantity == 4);
}

BOOST_AUTO_TEST_CASE(quantities_conform_to_the_limits) {
  const quantity_limits limits{4, 12, 2};
  const auto id = make().cart_id;
  const auto refused = [&](const result<cart_content>& r, const std::string& why) {
    BOOST_TEST(code_of(r) == "quantity_not_allowed");
    if (!r) BOOST_TEST(r.error().errors.at(0).code == why);
  };
  refused(put(id, 2, for_ada, limits), "quantity_below_min");
  refused(put(id, 5, for_ada, limits), "quantity_not_step");
  refused(put(id, 14, for_ada, limits), "quantity_above_max");
  const auto one = put(id, 8, for_ada, limits).value();
  refused(put(id, 6, for_bob, limits), "quantity_above_max");
  // Beyond a maximum that was set later, fewer units are accepted.
  change_item fewer{id, one.items[0].cart_item_id, 6, {}};
  fewer.limits = quantity_limits{2, 4, 2};
  BOOST_TEST(run(fewer)->items[0].quantity == 6);
  fewer.quantity = 8;
  refused(run(fewer), "quantity_above_max");
  fewer.limits = limits;
  BOOST_TEST(run(fewer)->items[0].quantity == 8);
  put(id, 4, for_bob, limits);
  change_item change{id, one.items[0].cart_item_id, 10, std::nullopt};
  change.limits = limits;
  refused(run(change), "quantity_above_max");
  change.limits = quantity_limits{std::nullopt, 3, std::nullopt};
  change.quantity.reset();
  change.note = {true, "bold"};
  BOOST_TEST(run(change).has_value());  // Only the quantity is compared, when it changes.
  change.quantity = 0;
  BOOST_TEST(run(change)->items.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_cart_of_a_purchase_is_made_once_and_removed_when_bought) {
  const auto command = purchase_of(alice);
  const auto made = run(command, as_user(alice)).value();
  BOOST_TEST(made.version == 1);
  BOOST_REQUIRE(made.items.size() == 2u);
  BOOST_TEST((made.items[0].cart_item_id == command.items[0].cart_item_id));
  BOOST_TEST(run(command, as_user(alice))->version == 1);
  BOOST_TEST(number("SELECT count(*) FROM carts") == 1);
  BOOST_TEST(status_of(run(command, as_user(bob))) == 404);
  BOOST_TEST(read(list_carts{}, as_user(alice))->data.empty());
  BOOST_TEST(read(get_cart{made.cart_id}, as_user(alice))->note.value_or("") == "ring twice");
  // Half of it is bought: the rest stays.
  auto half = made;
  half.items.pop_back();
  BOOST_TEST(!apply(bought(half)));
  BOOST_TEST(read(get_cart{made.cart_id}, as_user(alice))->items.size() == 1u);
  auto rest = made;
  rest.items.erase(rest.items.begin());
  BOOST_TEST(!apply(bought(rest)));
  BOOST_TEST(number("SELECT count(*) FROM carts") == 0);
  BOOST_TEST(!apply(bought(rest)));
}

BOOST_AUTO_TEST_CASE(a_cart_of_a_purchase_is_no_target_of_merges) {
  run(purchase_of(alice), as_user(alice));
  const auto guest = make().cart_id;
  put(guest, 1, for_ada);
  // The customer has no ordinary cart: the guest's becomes it.
  const auto mine = run(merge_cart{guest, alice, {}}, as_user(alice)).value();
  BOOST_TEST((mine.cart_id == guest));
  BOOST_TEST(read(list_carts{}, as_user(alice))->data.size() == 1u);
}

BOOST_AUTO_TEST_CASE(carts_of_purchases_replace_no_other_carts) {
  std::vector<stoa::cart_id> own;
  for (std::size_t i = 0; i < carts_per_user_max; ++i) {
    time.advance(seconds{1});
    own.push_back(make(alice).cart_id);
    put(own.back(), 1, for_ada);
  }
  for (std::size_t i = 0; i < carts_per_user_max + 3; ++i) {
    time.advance(seconds{1});
    BOOST_REQUIRE(run(purchase_of(alice), as_user(alice)));
  }
  BOOST_TEST(number("SELECT count(*) FROM carts") ==
             static_cast<std::int64_t>(2 * carts_per_user_max));
  BOOST_TEST(read(list_carts{}, as_user(alice))->data.size() == carts_per_user_max);
  make(alice);
  BOOST_TEST(status_of(read(get_cart{own[0]}, as_user(alice))) == 404);
  BOOST_TEST(status_of(read(get_cart{own[1]}, as_user(alice))) == 200);
}

BOOST_AUTO_TEST_CASE(a_guests_cart_of_a_purchase_expires) {
  run(purchase_of(std::nullopt));
  time.advance(seconds{101});
  sweep();
  BOOST_TEST(number("SELECT count(*) FROM carts") == 0);
  BOOST_TEST(number("SELECT count(*) FROM cart_items") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
