#include "tests/support/cart_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::cart;
using stoa::test::as_user;
using stoa::test::code_of;
using stoa::test::status_of;

BOOST_FIXTURE_TEST_SUITE(cart_decisions, test::cart_fixture)

BOOST_AUTO_TEST_CASE(a_guest_cart_is_unguessable_and_versioned) {
  auto c = make();
  BOOST_TEST((c.cart_id.value.bytes[6] >> 4) == 4);  // UUIDv4
  BOOST_TEST(c.version == 1);
  BOOST_TEST(c.items.empty());
  BOOST_TEST(c.expires_at.has_value());
  auto found = read(get_cart{c.cart_id});
  BOOST_REQUIRE(found);
  BOOST_TEST(found->cart_id.str() == c.cart_id.str());
  BOOST_TEST((make(alice).expires_at == time.now() + seconds{5000}));
}

BOOST_AUTO_TEST_CASE(a_cart_has_its_own_metadata) {
  const auto made =
      run(create_cart{alice, metadata_change{{"ref", {"7"}}, {"none", {""}}}}, as_user(alice))
          .value();
  BOOST_TEST((made.metadata == metadata{{"ref", "7"}}));
  const auto change = [&](metadata_change entries) {
    return update_cart{made.cart_id, {{true, std::move(entries)}, {}}, std::nullopt};
  };
  BOOST_TEST(status_of(run(change({{"ref", {"8"}}}), as_user(bob))) == 404);
  const auto changed = run(change({{"ref", {"8"}}}), as_user(alice)).value();
  BOOST_TEST(changed.version == made.version + 1);
  BOOST_TEST(
      (read(get_cart{made.cart_id}, as_user(alice)).value().metadata == metadata{{"ref", "8"}}));
  // A change without effect keeps the version; lines keep the metadata.
  BOOST_TEST(run(change({{"ref", {"8"}}}), as_user(alice)).value().version == changed.version);
  BOOST_TEST((add(made.cart_id, mug, 1, as_user(alice)).value().metadata == changed.metadata));
  // A merged guest cart adds new keys only.
  const auto guest =
      run(create_cart{std::nullopt, metadata_change{{"ref", {"9"}}, {"ad", {"x"}}}}).value();
  const auto merged = run(merge_cart{guest.cart_id, alice, std::nullopt}, as_user(alice)).value();
  BOOST_TEST((merged.metadata == metadata{{"ref", "8"}, {"ad", "x"}}));
}

BOOST_AUTO_TEST_CASE(a_guest_cart_that_holds_nothing_goes_sooner) {
  const auto lives = [&](const cart_content& c) { return (*c.expires_at - time.now()).count(); };
  const auto empty = make();
  BOOST_TEST(lives(empty) == 20'000'000);
  const auto filled = make();
  const auto added = add(filled.cart_id, mug, 1);
  BOOST_REQUIRE(added);
  BOOST_TEST(lives(*added) == 100'000'000);
  time.advance(seconds{20});
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST(status_of(read(get_cart{empty.cart_id})) == 404);
  BOOST_TEST(read(get_cart{filled.cart_id}).has_value());
  const auto cleared = run(clear_cart{filled.cart_id, std::nullopt});
  BOOST_REQUIRE(cleared);
  BOOST_TEST(lives(*cleared) == 20'000'000);
  BOOST_TEST(lives(*run(remove_item{add(filled.cart_id, mug, 1)->cart_id,
                                    read(get_cart{filled.cart_id})->items[0].cart_item_id,
                                    std::nullopt})) == 20'000'000);
}

BOOST_AUTO_TEST_CASE(the_same_product_adds_up) {
  auto id = make().cart_id;
  BOOST_REQUIRE(add(id, mug, 2));
  time.advance(seconds{1});
  auto again = run(add_item{id, mug, "mug, large", 3, {450, "EUR"}, std::nullopt});
  BOOST_REQUIRE(again);
  BOOST_REQUIRE(again->items.size() == 1u);
  BOOST_TEST(again->items[0].quantity == 5);
  BOOST_TEST(again->items[0].price_when_added.amount == 450);
  BOOST_TEST(again->items[0].name == "mug, large");
  BOOST_TEST(again->version == 3);
  auto found = read(get_cart{id});
  BOOST_REQUIRE(found);
  BOOST_TEST(found->version == 3);
  BOOST_TEST(found->items[0].quantity == 5);
  BOOST_TEST(found->updated_at.us == time.now().us);
}

BOOST_AUTO_TEST_CASE(each_change_of_one_batch_counts) {
  auto id = make().cart_id;
  std::vector<add_item> both{{id, mug, "mug", 1, {500, "EUR"}, std::nullopt},
                             {id, lamp, "lamp", 1, {900, "EUR"}, 2}};
  auto answers = run_batch(both);
  BOOST_REQUIRE(answers[0]);
  BOOST_REQUIRE(answers[1]);
  BOOST_TEST(answers[0]->version == 2);
  BOOST_TEST(answers[1]->version == 3);
  BOOST_TEST(read(get_cart{id})->version == 3);
  BOOST_TEST(add(id, mug, 1, {}, 3)->version == 4);  // The answer in the batch is the valid one.
}

BOOST_AUTO_TEST_CASE(quantities_and_lines_have_a_bound) {
  auto id = make().cart_id;
  BOOST_TEST(status_of(add(id, mug, 0)) == 422);
  BOOST_TEST(status_of(add(id, mug, -1)) == 422);
  BOOST_TEST(status_of(add(id, mug, quantity_max + 1)) == 422);
  BOOST_TEST(status_of(add(id, mug, quantity_max)) == 200);
  auto beyond = add(id, mug, 1);
  BOOST_TEST(status_of(beyond) == 422);
  BOOST_REQUIRE(beyond.error().errors.size() == 1u);
  BOOST_TEST(beyond.error().errors[0].pointer == "/quantity");
  for (std::size_t i = 1; i < lines_max; ++i) {
    BOOST_REQUIRE(add(id, {system_ids().next_v7()}, 1));
  }
  BOOST_TEST(code_of(add(id, lamp, 1)) == "cart_full");
  BOOST_TEST(read(get_cart{id})->items.size() == lines_max);
}

BOOST_AUTO_TEST_CASE(lines_change_and_go) {
  auto id = make().cart_id;
  add(id, mug, 2);
  auto full = add(id, lamp, 1).value();
  auto line = full.items[0].cart_item_id;
  auto changed = run(change_item{id, line, 7, 3});
  BOOST_REQUIRE(changed);
  BOOST_TEST(changed->items[0].quantity == 7);
  BOOST_TEST(changed->version == 4);
  BOOST_TEST(run(change_item{id, line, 7, 4})->version == 4);  // Nothing changed.
  BOOST_TEST(code_of(run(change_item{id, line, 8, 3})) == "precondition_failed");
  BOOST_TEST(status_of(run(change_item{id, line, 8, 3})) == 412);
  BOOST_TEST(status_of(run(change_item{id, line, -1, {}})) == 422);
  BOOST_TEST(status_of(run(change_item{id, line, quantity_max + 1, {}})) == 422);
  BOOST_TEST(run(change_item{id, line, 0, {}})->items.size() == 1u);
  BOOST_TEST(status_of(run(remove_item{id, line, {}})) == 404);
  auto other = make().cart_id;
  BOOST_TEST(status_of(run(remove_item{other, full.items[1].cart_item_id, {}})) == 404);
  BOOST_TEST(run(remove_item{id, full.items[1].cart_item_id, 5})->items.empty());
  BOOST_TEST(number("SELECT count(*) FROM cart_items") == 0);
}

BOOST_AUTO_TEST_CASE(clear_and_delete) {
  auto id = make().cart_id;
  add(id, mug, 2);
  add(id, lamp, 2);
  BOOST_TEST(status_of(run(clear_cart{id, 2})) == 412);
  auto cleared = run(clear_cart{id, 3});
  BOOST_REQUIRE(cleared);
  BOOST_TEST(cleared->items.empty());
  BOOST_TEST(cleared->version == 4);
  add(id, mug, 1);
  BOOST_TEST(status_of(run(delete_cart{id, 4})) == 412);
  BOOST_TEST(status_of(run(delete_cart{id, 5})) == 200);
  BOOST_TEST(status_of(read(get_cart{id})) == 404);
  BOOST_TEST(status_of(run(delete_cart{id, {}})) == 404);
  BOOST_TEST(number("SELECT count(*) FROM cart_items") == 0);
}

BOOST_AUTO_TEST_CASE(a_customers_cart_is_the_customers_only) {
  auto id = make(alice).cart_id;
  for (const auto& who : {kernel::caller{}, as_user(bob), as_user(bob, kernel::role::admin)}) {
    BOOST_TEST(status_of(read(get_cart{id}, who)) == 404);
    BOOST_TEST(status_of(add(id, mug, 1, who)) == 404);
    BOOST_TEST(status_of(add(id, mug, 1, who, 99)) == 404);
    BOOST_TEST(status_of(run(delete_cart{id, {}}, who)) == 404);
  }
  BOOST_TEST(status_of(run(merge_cart{id, bob, {}}, as_user(bob))) == 404);
  BOOST_TEST(status_of(add(id, mug, 1, as_user(alice))) == 200);
  auto missing = read(get_cart{{system_ids().next_v4()}}, as_user(bob));
  BOOST_TEST((read(get_cart{id}, as_user(bob)).error() == missing.error()));
}

BOOST_AUTO_TEST_CASE(merge_into_the_newest_cart) {
  make(alice);
  time.advance(seconds{1});
  auto mine = make(alice).cart_id;
  auto guest = make().cart_id;
  add(mine, mug, quantity_max - 1, as_user(alice));
  add(guest, mug, 5);
  add(guest, lamp, 2);
  BOOST_TEST(status_of(run(merge_cart{guest, alice, 1}, as_user(alice))) == 412);
  auto merged = run(merge_cart{guest, alice, 3}, as_user(alice));
  BOOST_REQUIRE(merged);
  BOOST_TEST(merged->cart_id.str() == mine.str());
  BOOST_REQUIRE(merged->items.size() == 2u);
  BOOST_TEST(merged->items[0].quantity == quantity_max);
  BOOST_TEST(merged->items[1].quantity == 2);
  BOOST_TEST(merged->version == 3);
  BOOST_TEST(status_of(read(get_cart{guest})) == 404);
  BOOST_TEST(status_of(run(merge_cart{guest, alice, {}}, as_user(alice))) == 404);
  BOOST_TEST(read(get_cart{mine}, as_user(alice))->items.size() == 2u);
}

BOOST_AUTO_TEST_CASE(merge_adopts_when_there_is_none) {
  auto guest = make().cart_id;
  add(guest, mug, 5);
  auto merged = run(merge_cart{guest, alice, {}}, as_user(alice));
  BOOST_REQUIRE(merged);
  BOOST_TEST(merged->cart_id.str() == guest.str());
  BOOST_TEST((merged->user_id == alice));
  // The lines are the same: an order of this state is an order of the customer's cart.
  BOOST_TEST(merged->version == 2);
  BOOST_TEST(status_of(read(get_cart{guest})) == 404);
  auto again = run(merge_cart{guest, alice, {}}, as_user(alice));
  BOOST_REQUIRE(again);
  BOOST_TEST(again->version == 2);
  // Two in one batch: the second merges into the cart adopted by the first.
  auto first = make().cart_id;
  auto second = make().cart_id;
  add(first, mug, 1);
  add(second, mug, 2);
  auto both = run_batch(std::vector<merge_cart>{{first, bob, {}}, {second, bob, {}}},
                        context_of(as_user(bob)));
  BOOST_REQUIRE(both[1]);
  BOOST_TEST(both[1]->cart_id.str() == first.str());
  BOOST_TEST(both[1]->items[0].quantity == 3);
}

BOOST_AUTO_TEST_CASE(a_merge_that_does_not_fit_changes_nothing) {
  auto mine = make(alice).cart_id;
  auto guest = make().cart_id;
  for (std::size_t i = 0; i < lines_max - 1; ++i) {
    BOOST_REQUIRE(add(mine, {system_ids().next_v7()}, 1, as_user(alice)));
  }
  add(guest, mug, 1);
  add(guest, lamp, 1);
  BOOST_TEST(code_of(run(merge_cart{guest, alice, {}}, as_user(alice))) == "cart_full");
  BOOST_TEST(read(get_cart{mine}, as_user(alice))->items.size() == lines_max - 1);
  BOOST_TEST(read(get_cart{guest})->items.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_customer_keeps_a_bounded_number_of_carts) {
  std::vector<stoa::cart_id> ids;
  for (std::size_t i = 0; i < carts_per_user_max; ++i) {
    ids.push_back(make(alice).cart_id);
    time.advance(seconds{1});
  }
  add(ids[0], mug, 1, as_user(alice));
  add(ids[1], mug, 1, as_user(alice));
  time.advance(seconds{1});
  add(ids[0], lamp, 1, as_user(alice));
  run_batch(std::vector<create_cart>(3, create_cart{alice}), context_of(as_user(alice)));
  BOOST_TEST(number("SELECT count(*) FROM carts") == static_cast<std::int64_t>(carts_per_user_max));
  BOOST_TEST(status_of(read(get_cart{ids[0]}, as_user(alice))) == 200);
  BOOST_TEST(status_of(read(get_cart{ids[1]}, as_user(alice))) == 200);
  BOOST_TEST(status_of(read(get_cart{ids[2]}, as_user(alice))) == 404);
  BOOST_TEST(status_of(read(get_cart{ids[5]}, as_user(alice))) == 200);
}

BOOST_AUTO_TEST_CASE(a_customer_finds_only_their_own_carts) {
  make();
  make(bob);
  BOOST_TEST(read(list_carts{}, as_user(alice))->data.empty());
  const auto first = make(alice).cart_id;
  time.advance(seconds{1});
  const auto second = make(alice).cart_id;
  add(first, mug, 2, as_user(alice));
  add(first, lamp, 3, as_user(alice));
  const auto found = read(list_carts{}, as_user(alice));
  BOOST_REQUIRE(found);
  BOOST_REQUIRE(found->data.size() == 2u);
  BOOST_TEST((found->data[0].cart_id == second));
  BOOST_TEST(found->data[0].line_count == 0);
  BOOST_TEST((found->data[1].cart_id == first));
  BOOST_TEST(found->data[1].line_count == 2);
  BOOST_TEST(found->data[1].quantity == 5);
  BOOST_TEST(found->data[1].version == 3);
  BOOST_TEST((found->data[1].created_at < found->data[1].updated_at));
  run(delete_cart{second, std::nullopt}, as_user(alice));
  BOOST_TEST(read(list_carts{}, as_user(alice))->data.size() == 1u);
}

BOOST_AUTO_TEST_CASE(guest_carts_expire_unless_they_are_used) {
  auto old = make().cart_id;
  auto used = make().cart_id;
  auto owned = make(alice).cart_id;
  add(old, mug, 1);
  time.advance(seconds{60});
  add(used, mug, 1);
  BOOST_TEST(sweep() == 0u);
  time.advance(seconds{40});
  // A change arrives between the sweep and its command.
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(status_of(read(get_cart{old})) == 404);
  BOOST_TEST(status_of(read(get_cart{used})) == 200);
  time.advance(seconds{60});
  auto late = service.due(*database, time.now(), false);
  BOOST_REQUIRE(late.commands.size() == 1u);
  add(used, mug, 1);
  BOOST_REQUIRE(run(late.commands[0].as<expire_carts>(), test::as_system()));
  BOOST_TEST(status_of(read(get_cart{used})) == 200);
  time.advance(seconds{1000});
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(status_of(read(get_cart{owned}, as_user(alice))) == 200);
  BOOST_TEST(sweep() == 0u);
}

BOOST_AUTO_TEST_CASE(customers_carts_expire_much_later) {
  const auto old = make(alice).cart_id;
  const auto used = make(alice).cart_id;
  add(old, mug, 1, as_user(alice));
  time.advance(seconds{4000});
  add(used, mug, 1, as_user(alice));
  time.advance(seconds{999});
  BOOST_TEST(sweep() == 0u);
  time.advance(seconds{1});
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(status_of(read(get_cart{old}, as_user(alice))) == 404);
  BOOST_TEST(status_of(read(get_cart{used}, as_user(alice))) == 200);
  BOOST_TEST((read(get_cart{used}, as_user(alice))->expires_at == time.now() + seconds{4000}));
  time.advance(seconds{4000});
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(number("SELECT count(*) FROM carts") == 0);
}

BOOST_AUTO_TEST_CASE(carts_go_with_the_account) {
  auto first = make(alice).cart_id;
  make(alice);
  auto other = make(bob).cart_id;
  add(first, mug, 5, as_user(alice));
  BOOST_TEST(!apply(user::user_deleted{alice}));
  BOOST_TEST(number("SELECT count(*) FROM carts") == 1);
  BOOST_TEST(number("SELECT count(*) FROM cart_items") == 0);
  BOOST_TEST(status_of(read(get_cart{other}, as_user(bob))) == 200);
  BOOST_TEST(!apply(user::user_deleted{alice}));
}

BOOST_AUTO_TEST_SUITE_END()
