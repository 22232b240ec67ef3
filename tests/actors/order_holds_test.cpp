// The Order service's data on goods held for a cart, and orders of merged carts.

#include "tests/support/order_fixture.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::order;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(order_holds, order_fixture)

BOOST_AUTO_TEST_CASE(the_goods_of_a_declined_order_are_held_for_a_bounded_time) {
  const auto decline = [&](stoa::order_id id) {
    events.clear();
    apply(payment::payment_failed{{}, id, "card_declined", "no"});
    return json::read_lenient<order_cancelled>(events.at(0)->payload).value().held_until;
  };
  auto m = order_of();
  m.guest = 7;
  BOOST_REQUIRE(run(m));
  const auto until = time.now() + seconds{600};
  BOOST_TEST((decline(m.order_id) == std::optional(until)));
  // The hold's start is the first decline, independent of further attempts.
  time.advance(seconds{500});
  auto again = m;
  again.order_id = {system_ids().next_v7()};
  BOOST_REQUIRE(run(again));
  BOOST_TEST((decline(again.order_id) == std::optional(until)));
  auto third = m;
  third.order_id = {system_ids().next_v7()};
  BOOST_REQUIRE(run(third));
  time.advance(seconds{101});
  BOOST_TEST(!decline(third.order_id).has_value());
  // After that, another order that gets the goods starts a new hold.
  auto fourth = m;
  fourth.order_id = {system_ids().next_v7()};
  BOOST_REQUIRE(run(fourth));
  BOOST_TEST((decline(fourth.order_id) == std::optional(time.now() + seconds{600})));
  // Nothing is held for an order cancelled for another reason.
  auto other = order_of();
  BOOST_REQUIRE(run(other));
  events.clear();
  BOOST_REQUIRE(run(cancel_order{other.order_id, true, std::nullopt}));
  BOOST_TEST(!json::read_lenient<order_cancelled>(events.at(0)->payload).value().held_until);
}

BOOST_AUTO_TEST_CASE(declined_cards_hold_goods_for_a_bounded_number_of_carts) {
  const auto held = [&](const place_order& m) {
    BOOST_REQUIRE(run(m));
    events.clear();
    apply(payment::payment_failed{{}, m.order_id, "card_declined", "no"});
    return json::read_lenient<order_cancelled>(events.at(0)->payload)
        .value()
        .held_until.has_value();
  };
  const auto guests = [&] {
    auto m = order_of();
    m.guest = 7;
    return m;
  };
  const auto first = guests();
  BOOST_TEST(held(first));
  for (int i = 0; i < 4; ++i) BOOST_TEST(held(guests()));
  BOOST_TEST(!held(guests()));
  // The next attempt for a cart with held goods counts once, and does not block other carts.
  auto again = first;
  again.order_id = {system_ids().next_v7()};
  BOOST_TEST(held(again));
  BOOST_TEST(held(order_of()));  // nothing limits it
  time.advance(seconds{601});
  BOOST_TEST(held(guests()));
  BOOST_TEST(number("SELECT count(*) FROM orders WHERE pending_client=7") == 1);
}

BOOST_AUTO_TEST_CASE(an_order_of_a_merged_cart_is_the_other_carts_too) {
  auto guests = order_of();
  BOOST_REQUIRE(run(guests));
  auto m = order_of(ann);
  m.merged = std::vector<merged_state>{{{system_ids().next_v4()}, 1},
                                       {guests.cart_id, guests.cart_version}};
  BOOST_TEST(code_of(run(m, as_user(ann))) == "cart_already_ordered");
  // Also when the guest has changed the cart before it was merged.
  auto other = m;
  other.merged->back().version += 1;
  BOOST_TEST(code_of(run(other, as_user(ann))) == "cart_already_ordered");
  paid(guests.order_id);
  BOOST_TEST(code_of(run(m, as_user(ann))) == "cart_already_ordered");
  BOOST_TEST(run(other, as_user(ann)).has_value());
  auto cancelled = order_of();
  BOOST_REQUIRE(run(cancelled));
  apply(catalog::stock_rejected{cancelled.order_id, {}, "sold out"});
  auto last = order_of(ann);
  last.merged = std::vector<merged_state>{{cancelled.cart_id, cancelled.cart_version}};
  BOOST_TEST(run(last, as_user(ann)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
