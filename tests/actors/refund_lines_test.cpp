// Refunds of an order's lines: never more than was paid for a line, also after declined refunds.

#include "tests/support/payment_fixture.hpp"

#include <algorithm>

using namespace stoa;
using namespace stoa::payment;

namespace {

const gateway_answer back{gateway_status::approved, "re_1", "", ""};
const gateway_answer no_refund{gateway_status::declined, "", "refund_declined", "No."};

struct lines : payments {
  const kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);
  const stoa::order_item_id shirts{system_ids().next_v7()};
  const stoa::product_id shirt{system_ids().next_v7()};
  const stoa::credit_account_id card{system_ids().next_v7()};
  const stoa::credit_account_id own{system_ids().next_v7()};

  lines() {
    reserve(1000);
    answer(open_effect::Authorize, paid);
    effects.clear();
    events.clear();
  }
  /// Three shirts for which 700 were paid; 300 were paid for shipping.
  request_refund of(std::int64_t quantity, std::optional<std::int64_t> amount = std::nullopt) {
    request_refund m{row().payment_id, order, std::nullopt, "too small"};
    refund_item item{shirts, shirt, "Shirt", quantity, std::nullopt, 3, {700, "EUR"}};
    if (amount) item.amount = money{*amount, "EUR"};
    m.line_items.emplace().push_back(std::move(item));
    m.shipping_paid = money{300, "EUR"};
    return m;
  }
  request_refund of_shipping(std::int64_t amount) {
    auto m = of(0);
    m.line_items->clear();
    m.shipping_amount = money{amount, "EUR"};
    return m;
  }
  /// A gift card has paid 300 of the order, and store credit 200.
  std::vector<redeemed_credit> paid_with() const {
    return {{card, credit_kind::gift_card, "0T5V", {300, "EUR"}},
            {own, credit_kind::store_credit, "", {200, "EUR"}}};
  }
  request_refund with_credit(std::optional<std::int64_t> amount,
                             std::optional<std::int64_t> to_credit = std::nullopt) {
    request_refund m{row().payment_id, order, std::nullopt, "late"};
    if (amount) m.amount = money{*amount, "EUR"};
    if (to_credit) m.credit_amount = money{*to_credit, "EUR"};
    m.credits = paid_with();
    return m;
  }
  result<refund_view> refund(request_refund m) { return run(std::move(m), staff); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(refund_lines, lines)

BOOST_AUTO_TEST_CASE(units_are_refunded_with_their_exact_share) {
  std::int64_t sum = 0;
  for (const auto share : {233, 233, 234}) {
    auto m = of(1);
    m.restock = true;
    const auto made = refund(m).value();
    BOOST_TEST(made.amount.amount == share);
    BOOST_TEST(made.restock);
    sum += share;
    answer(open_effect::Refund, back);
    const auto e = json::read<payment_refunded>(events.back()->payload).value();
    BOOST_TEST((e.refund_id == made.refund_id));
    BOOST_REQUIRE(e.lines.value().size() == 1u);
    BOOST_TEST(e.lines->at(0).quantity == 1);
    BOOST_TEST(e.restock.value());
  }
  BOOST_TEST(sum == 700);
  const auto more = refund(of(1));
  BOOST_TEST(more.error().code == "refund_exceeds_line");
  BOOST_TEST(more.error().errors.at(0).pointer == "/line_items/0/quantity");
  check(payment_status::PartiallyRefunded, open_effect::None);
}

BOOST_AUTO_TEST_CASE(staff_choose_an_amount_within_what_was_paid) {
  BOOST_TEST(refund(of(1, 701)).error().errors.at(0).pointer == "/line_items/0/amount");
  BOOST_TEST(refund(of(0, 500)).value().amount.amount == 500);  // The price is reduced.
  // The share of two units is 466, but only 200 are left.
  BOOST_TEST(refund(of(2)).value().amount.amount == 200);
  BOOST_TEST(refund(of(1)).error().errors.at(0).code == "range");
  BOOST_TEST(refund(of(1, 1)).error().code == "refund_exceeds_line");
}

BOOST_AUTO_TEST_CASE(shipping_is_refunded_up_to_what_was_paid) {
  const auto part = refund(of_shipping(200)).value();
  BOOST_TEST(part.amount.amount == 200);
  BOOST_TEST(part.shipping_amount.value().amount == 200);
  const auto more = refund(of_shipping(101));
  BOOST_TEST(more.error().code == "refund_exceeds_line");
  BOOST_TEST(more.error().errors.at(0).pointer == "/shipping_amount");
  auto all = of(3);
  all.shipping_amount = money{100, "EUR"};
  BOOST_TEST(refund(all).value().amount.amount == 800);
  BOOST_TEST(refund(of_shipping(1)).error().code == "refund_exceeds_line");
}

BOOST_AUTO_TEST_CASE(all_refunds_together_stay_within_the_captured_amount) {
  request_refund amount{row().payment_id, order, money{900, "EUR"}, "damaged"};
  BOOST_REQUIRE(refund(amount).has_value());
  BOOST_TEST(refund(of(1)).error().code == "refund_exceeds_captured");
}

BOOST_AUTO_TEST_CASE(a_declined_refund_frees_its_units_until_it_is_retried) {
  const auto declined = refund(of(2)).value().refund_id;
  answer(open_effect::Refund, no_refund);
  BOOST_REQUIRE(refund(of(2)).has_value());
  const auto retry = run(retry_refund{row().payment_id, order, declined}, staff);
  BOOST_TEST(retry.error().code == "refund_exceeds_line");
}

BOOST_AUTO_TEST_CASE(the_log_has_who_why_and_which_lines) {
  auto m = of(2);
  m.restock = true;
  const auto id = refund(m).value().refund_id;
  const auto logs = detail().logs;
  const auto found = std::ranges::find(logs, "refund_initiated", &payment_log_view::event);
  BOOST_REQUIRE(found != logs.end());
  BOOST_TEST(found->details.requested_by.value_or("") == staff.user.str());
  BOOST_TEST(found->details.reason.value_or("") == "too small");
  BOOST_TEST((found->details.refund_id == id));
  BOOST_TEST(found->details.lines.value().at(0).quantity == 2);
  BOOST_TEST(found->details.restock.value_or(false));
  BOOST_TEST(detail().refunds.at(0).lines.size() == 1u);
}

BOOST_AUTO_TEST_CASE(credit_is_refunded_after_the_payment_up_to_what_it_has_paid) {
  const auto made = refund(with_credit(400)).value();
  BOOST_TEST(!made.credits);
  BOOST_TEST(call().amount.amount == 400);
  answer(open_effect::Refund, back);
  // What the payment cannot give returns to the gift card first, then to store credit.
  const auto both = refund(with_credit(950)).value();
  BOOST_TEST(both.amount.amount == 950);
  BOOST_TEST_REQUIRE(both.credits.value().size() == 2U);
  BOOST_TEST(both.credits->at(0).amount.amount == 300);
  BOOST_TEST(both.credits->at(1).amount.amount == 50);
  BOOST_TEST(call().amount.amount == 600);
  const auto before = events.size();
  answer(open_effect::Refund, back);
  BOOST_TEST_REQUIRE(events.size() == before + 1);
  const auto e = json::read<payment_refunded>(events.back()->payload).value();
  BOOST_TEST(e.amount.amount == 950);
  BOOST_TEST((e.credits == both.credits));
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(row().refunded_amount.value().amount == 1000);
  BOOST_TEST(refund(with_credit(151)).error().code == "refund_exceeds_captured");
  // The rest: nothing for the gateway to do.
  const auto rest = refund(with_credit(std::nullopt)).value();
  BOOST_TEST(rest.amount.amount == 150);
  BOOST_TEST((rest.status == refund_status::Succeeded));
  BOOST_TEST(effects.empty());
  BOOST_TEST(
      json::read<payment_refunded>(events.back()->payload).value().credits->at(0).amount.amount ==
      150);
  BOOST_TEST(refund(with_credit(1)).error().code == "refund_exceeds_captured");
  BOOST_TEST(refund(with_credit(std::nullopt)).error().code == "refund_exceeds_captured");
}

BOOST_AUTO_TEST_CASE(staff_choose_what_returns_to_credit) {
  BOOST_TEST(refund(with_credit(600, 501)).error().code == "refund_exceeds_captured");
  BOOST_TEST(refund(with_credit(1001, 0)).error().code == "refund_exceeds_captured");
  BOOST_TEST(refund(with_credit(10, 11)).error().errors.at(0).pointer == "/credit_amount/amount");
  const auto made = refund(with_credit(500, 500)).value();
  BOOST_TEST((made.status == refund_status::Succeeded));
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(!row().refunded_amount);
  BOOST_TEST(refund(with_credit(1, 1)).error().code == "refund_exceeds_captured");
  // A line of which the payment has paid a part.
  auto m = of(3);
  m.line_items->front().paid_amount = money{1200, "EUR"};
  m.credits = paid_with();
  BOOST_TEST(refund(m).error().code == "refund_exceeds_captured");  // Only 1000 are left.
}

BOOST_AUTO_TEST_CASE(a_declined_refund_returns_no_credit_until_it_is_retried) {
  const auto made = refund(with_credit(1200)).value();
  const auto before = events.size();
  answer(open_effect::Refund, no_refund);
  BOOST_TEST(events.size() == before);
  // Meanwhile another refund has taken a part of the credit.
  BOOST_REQUIRE(refund(with_credit(400, 400)));
  const retry_refund again{row().payment_id, order, made.refund_id, paid_with()};
  BOOST_TEST(run(again, staff).error().code == "refund_exceeds_captured");
}

BOOST_AUTO_TEST_CASE(a_retried_refund_returns_its_credit_once) {
  const auto made = refund(with_credit(1200)).value();
  answer(open_effect::Refund, no_refund);
  effects.clear();
  BOOST_REQUIRE(run(retry_refund{row().payment_id, order, made.refund_id, paid_with()}, staff));
  BOOST_TEST(call().amount.amount == 1000);
  answer(open_effect::Refund, back);
  const auto e = json::read<payment_refunded>(events.back()->payload).value();
  BOOST_TEST((e.credits == made.credits));
  check(payment_status::Refunded, open_effect::None);
}

BOOST_AUTO_TEST_SUITE_END()
