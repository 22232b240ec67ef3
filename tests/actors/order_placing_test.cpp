// A cart that is ordered more than once: its goods are charged once.

#include "tests/support/order_fixture.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::order;

struct placing : order_fixture {
  /// An order of a cart's lines, each of which has an id.
  place_order order_of_lines() {
    auto m = order_of();
    for (auto& line : m.lines) line.cart_item_id = stoa::cart_item_id{system_ids().next_v7()};
    return m;
  }
  /// The cart of the order, changed since: another version, another request.
  place_order changed(place_order m) {
    m.order_id = {system_ids().next_v7()};
    m.cart_version += 1;
    return m;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(order_placing, placing)

BOOST_AUTO_TEST_CASE(a_changed_cart_waits_for_the_outcome_of_its_order) {
  for (const bool with_lines : {false, true}) {
    const auto first = with_lines ? order_of_lines() : order_of();
    BOOST_REQUIRE(run(first));
    auto next = changed(first);
    next.lines.push_back({{system_ids().next_v7()}, "Sock", 1, {100, "EUR"}});
    const auto refused = run(next);
    BOOST_TEST(code_of(refused) == "cart_already_ordered");
    BOOST_TEST(refused.error().detail.find(first.order_id.str()) != std::string::npos);
    // Other goods in the same cart wait too.
    auto others = order_of_lines();
    others.cart_id = first.cart_id;
    others.cart_version = first.cart_version + 2;
    BOOST_TEST(code_of(run(others)) == "cart_already_ordered");
    BOOST_TEST(run(order_of_lines()).has_value());  // another cart
    if (with_lines) {
      apply(payment::payment_failed{{}, first.order_id, "card_declined", "no"});
    } else {
      BOOST_REQUIRE(run(cancel_order{first.order_id, true, std::nullopt}));
    }
    BOOST_TEST(run(next).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_is_bought_is_not_bought_again_before_it_has_left_the_cart) {
  const auto first = order_of_lines();
  BOOST_REQUIRE(run(first));
  paid(first.order_id);
  // The cart, which was changed meanwhile, has not heard of the outcome.
  auto early = changed(first);
  early.lines.erase(early.lines.begin());
  BOOST_TEST(code_of(run(early)) == "cart_already_ordered");
  // The lines that are left, and those that were added, are others.
  auto next = order_of_lines();
  next.cart_id = first.cart_id;
  next.cart_version = first.cart_version + 2;
  BOOST_TEST(run(next).has_value());
  // What was paid back may be bought again.
  BOOST_REQUIRE(run(cancel_order{next.order_id, true, std::nullopt}));
  BOOST_REQUIRE(run(cancel_order{first.order_id, true, std::nullopt}));
  BOOST_TEST(run(early).has_value());
}

BOOST_AUTO_TEST_CASE(a_bought_line_is_known_in_the_cart_that_it_was_merged_into) {
  const auto guests = order_of_lines();
  BOOST_REQUIRE(run(guests));
  paid(guests.order_id);
  auto m = order_of_lines();
  m.merged = std::vector<merged_state>{{guests.cart_id, guests.cart_version + 1}};
  m.merged->back().lines.emplace().push_back(*guests.lines.back().cart_item_id);
  BOOST_TEST(code_of(run(m)) == "cart_already_ordered");
  m.merged->back().lines->front() = {system_ids().next_v7()};
  BOOST_TEST(run(m).has_value());
}

BOOST_AUTO_TEST_CASE(events_name_the_lines_of_the_cart) {
  const auto m = order_of_lines();
  BOOST_REQUIRE(run(m));
  paid(m.order_id);
  BOOST_REQUIRE(events.size() == 2u);
  const auto placed = json::read_lenient<order_placed>(events[0]->payload).value();
  const auto confirmed = json::read_lenient<order_confirmed>(events[1]->payload).value();
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST((placed.order.lines.at(i).cart_item_id == m.lines[i].cart_item_id));
    BOOST_TEST((confirmed.order.lines.at(i).cart_item_id == m.lines[i].cart_item_id));
  }
}

BOOST_AUTO_TEST_SUITE_END()
