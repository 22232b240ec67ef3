// Orders that redeem promotions: placed once these are reserved, cancelled if they cannot be.

#include "tests/support/order_fixture.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::order;

struct redeeming : order_fixture {
  const stoa::promotion_id sale{system_ids().next_v7()};

  /// An order with a discount of 1.00.
  stoa::order_id redeems() {
    auto m = order_of();
    price_part part{price_part_kind::adjustment, "SUMMER", "Sale", {-100, "EUR"}};
    part.lines = {{0, -60}, {1, -40}};
    part.promotion_id = sale;
    m = quoted(std::move(m), {part});
    m.redemptions = {{sale, "SUMMER"}};
    return service_fixture::run(std::move(m)).value().order_id;
  }
  using strings = std::vector<std::string>;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(order_redemptions, redeeming)

BOOST_AUTO_TEST_CASE(it_is_placed_when_its_redemptions_are_reserved) {
  const auto id = redeems();
  BOOST_TEST((emitted() == strings{"order.redemption_requested"}));
  BOOST_TEST((status(id) == order_status::Pending));
  apply(pricing::redemption_reserved{id});
  BOOST_TEST((emitted() == strings{"order.placed"}));
  apply(pricing::redemption_reserved{id});
  BOOST_TEST(emitted().empty());
  paid(id);
  BOOST_TEST((emitted() == strings{"order.redemption_confirmed", "order.confirmed"}));
  BOOST_REQUIRE(run(cancel_order{id, true, std::nullopt}));
  BOOST_TEST((emitted() == strings{"order.redemption_released", "order.cancelled"}));
}

BOOST_AUTO_TEST_CASE(it_is_cancelled_when_they_cannot_be) {
  const auto id = redeems();
  emitted();
  apply(pricing::redemption_rejected{id, sale, {}, "SUMMER", "The code has been used."});
  BOOST_TEST((emitted() == strings{"order.cancelled"}));
  BOOST_TEST(now(id).cancel_code.value() == "redemption_rejected");
  BOOST_TEST(now(id).status_history.back().reason.value() == "SUMMER: The code has been used.");
}

BOOST_AUTO_TEST_CASE(one_that_is_cancelled_before_is_not_placed) {
  const auto id = redeems();
  BOOST_REQUIRE(run(cancel_order{id, true, std::nullopt}));
  emitted();
  apply(pricing::redemption_reserved{id});
  BOOST_TEST(emitted().empty());
}

BOOST_AUTO_TEST_CASE(an_expired_reservation_is_settled_as_the_order_was) {
  const auto confirmed_one = redeems();
  apply(pricing::redemption_reserved{confirmed_one});
  paid(confirmed_one);
  const auto cancelled_one = redeems();
  BOOST_REQUIRE(run(cancel_order{cancelled_one, true, std::nullopt}));
  const auto pending_one = redeems();
  emitted();
  apply(pricing::redemption_expired{confirmed_one});
  BOOST_TEST((emitted() == strings{"order.redemption_confirmed"}));
  apply(pricing::redemption_expired{cancelled_one});
  BOOST_TEST((emitted() == strings{"order.redemption_released"}));
  apply(pricing::redemption_expired{pending_one});
  BOOST_TEST(emitted().empty());
  apply(pricing::redemption_expired{{system_ids().next_v7()}});
  BOOST_TEST((emitted() == strings{"order.redemption_released"}));
}

BOOST_AUTO_TEST_CASE(what_credit_pays_is_not_due) {
  auto m = quoted(order_of());
  const stoa::credit_account_id card{system_ids().next_v7()};
  m.credits = {{card, credit_kind::gift_card, "0T5V", {98, "EUR"}}};
  const auto total = m.quote.total_amount.amount;
  const auto id = service_fixture::run(m).value().order_id;
  BOOST_TEST((emitted() == strings{"order.redemption_requested"}));
  events.clear();
  apply(pricing::redemption_reserved{id});
  const auto placed = json::read_lenient<order_placed>(events.back()->payload).value();
  BOOST_TEST(placed.order.amount_due.value().amount == total - 98);
  BOOST_TEST(placed.order.total.amount == total);
  BOOST_TEST(now(id).amount_due.value().amount == total - 98);
  // More than the total, twice the same account, another currency, nothing.
  using credits = std::vector<redeemed_credit>;
  const auto part = m.credits->front();
  for (const auto& wrong :
       {credits{{card, credit_kind::gift_card, "", {total + 1, "EUR"}}}, credits{part, part},
        credits{{card, credit_kind::gift_card, "", {1, "USD"}}},
        credits{{card, credit_kind::gift_card, "", {0, "EUR"}}}}) {
    auto other = quoted(order_of());
    other.lines = m.lines;
    other = quoted(std::move(other));
    other.credits = wrong;
    BOOST_TEST(code_of(service_fixture::run(std::move(other))) == "invalid_quote");
  }
}

BOOST_AUTO_TEST_CASE(shares_of_other_lines_are_rejected) {
  for (const auto& shares : std::vector<std::vector<price_share>>{
           {{0, -60}, {2, -40}}, {{0, -60}, {1, -41}}, {{1, -600}, {0, 500}}, {{-1, -100}}}) {
    auto m = quoted(order_of());
    price_part part{price_part_kind::adjustment, "SUMMER", "Sale", {-100, "EUR"}};
    part.lines = shares;
    m.quote.price_parts = {part};
    m.quote.adjustment_total.amount = -100;
    m.quote.total_amount.amount -= 100;
    BOOST_TEST(code_of(service_fixture::run(std::move(m))) == "invalid_quote");
  }
}

BOOST_AUTO_TEST_SUITE_END()
