// Payments that staff confirm: bank transfers and cash on delivery, at the Payment and the Order
// service, and the reservations and carts of their orders.

#include "storage/base/order_number.hpp"
#include "tests/support/order_fixture.hpp"
#include "tests/support/payment_fixture.hpp"
#include "tests/support/stock_fixture.hpp"

using namespace stoa;
using namespace stoa::payment;

namespace {

payment_options transfer_options() {
  payment_options o;
  o.bank_transfer_instructions = "Example Ltd, DE02 1203 0000 0000 2020 51";
  return o;
}

struct offline_payments : payments {
  offline_payments() : payments(transfer_options()) {}

  const kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);

  void placed(const std::string& method, std::int64_t amount = 1299) {
    const stoa::instrument_id id{system_ids().next_v7()};
    BOOST_REQUIRE(run(store_instrument{id, order, method, "sealed", ""}));
    BOOST_REQUIRE(!apply(catalog::stock_reserved{order, std::nullopt, {amount, "EUR"}, id}));
  }
  result<payment_view> confirm(money received, bool accept_difference = false) {
    return run(confirm_payment{row().payment_id, order, std::move(received), "statement 7",
                               accept_difference},
               staff);
  }
  result<refund_view> refund(std::int64_t amount) {
    return run(request_refund{row().payment_id, order, money{amount, "EUR"}, "damaged"}, staff);
  }
  result<refund_view> settled(stoa::refund_id id, std::optional<std::string> rejected = {}) {
    return run(settle_refund{row().payment_id, order, id, "payout 3", std::move(rejected)}, staff);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(offline_payment_decisions, offline_payments)

BOOST_AUTO_TEST_CASE(a_bank_transfer_waits_with_instructions_and_without_a_gateway) {
  placed("bank_transfer");
  check(payment_status::Pending, open_effect::None);
  BOOST_TEST(effects.empty());
  BOOST_TEST(row().gateway == "offline");
  BOOST_TEST(row().sealed_token.empty());
  const auto awaited = json::read<payment_awaited>(events.at(0)->payload).value();
  BOOST_TEST(awaited.payment_method == "bank_transfer");
  BOOST_TEST(awaited.instructions == options.bank_transfer_instructions);
  BOOST_TEST((awaited.pay_until == time.now() + options.bank_transfer_wait));
  const auto action = payments_of().front().next_action.value();
  BOOST_TEST(action.type == "bank_transfer");
  BOOST_TEST(action.instructions.value_or("") == options.bank_transfer_instructions);
  BOOST_TEST(action.reference.value_or("") == to_display_number(order_number_of(order)));
  BOOST_TEST((action.pay_until == awaited.pay_until));
  // Nothing polls it, however long it waits.
  time.advance(options.bank_transfer_wait);
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(sweep(true) == 0u);
}

BOOST_AUTO_TEST_CASE(staff_confirm_the_exact_amount) {
  placed("bank_transfer");
  events.clear();
  BOOST_TEST(confirm({1298, "EUR"}).error().code == "validation_failed");
  BOOST_TEST(confirm({1299, "USD"}).error().code == "validation_failed");
  BOOST_TEST(
      run(confirm_payment{row().payment_id, order, {1299, "EUR"}, "x", false}).error().code ==
      "not_found");
  check(payment_status::Pending, open_effect::None);
  BOOST_TEST(events.empty());
  const auto confirmed = confirm({1299, "EUR"});
  BOOST_REQUIRE(confirmed);
  BOOST_TEST(confirmed->transaction_id.value_or("") == "statement 7");
  BOOST_TEST(!confirmed->next_action);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(json::read<payment_completed>(events.at(0)->payload).value().amount.amount == 1299);
  BOOST_TEST(confirm({1299, "EUR"}).error().code == "payment_not_awaited");
  BOOST_TEST((log() == names{"payment_awaited", "payment_confirmed"}));
}

BOOST_AUTO_TEST_CASE(an_accepted_lower_amount_is_all_that_can_be_refunded) {
  placed("bank_transfer");
  BOOST_REQUIRE(confirm({1000, "EUR"}, true));
  BOOST_TEST(payments_of().front().received_amount.value().amount == 1000);
  BOOST_TEST(refund(1001).error().code == "refund_exceeds_captured");
  const auto all = refund(1000);
  BOOST_REQUIRE(all);
  BOOST_REQUIRE(settled(all->refund_id));
  check(payment_status::Refunded, open_effect::None);
}

BOOST_AUTO_TEST_CASE(what_exceeds_the_payment_is_not_captured) {
  placed("bank_transfer");
  BOOST_REQUIRE(confirm({2000, "EUR"}, true));
  BOOST_TEST(!payments_of().front().received_amount);
  BOOST_TEST(refund(1300).error().code == "refund_exceeds_captured");
}

BOOST_AUTO_TEST_CASE(a_rejected_payment_has_failed) {
  placed("cash_on_delivery");
  events.clear();
  BOOST_REQUIRE(run(reject_payment{row().payment_id, order, "not at home"}, staff));
  check(payment_status::Failed, open_effect::None);
  BOOST_TEST(row().failure_code.value_or("") == "not_received");
  BOOST_TEST(last_event() == "payment.failed");
  BOOST_TEST(confirm({1299, "EUR"}).error().code == "payment_not_awaited");
}

BOOST_AUTO_TEST_CASE(cash_on_delivery_has_no_deadline) {
  placed("cash_on_delivery");
  const auto awaited = json::read<payment_awaited>(events.at(0)->payload).value();
  BOOST_TEST(!awaited.pay_until);
  BOOST_TEST(!payments_of().front().next_action);
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_ends_the_wait) {
  placed("bank_transfer");
  cancel_order("timeout");
  check(payment_status::Failed, open_effect::None);
  BOOST_TEST(row().failure_code.value_or("") == "canceled");
  BOOST_TEST(confirm({1299, "EUR"}).error().code == "payment_not_awaited");
}

BOOST_AUTO_TEST_CASE(refunds_wait_for_staff) {
  placed("bank_transfer");
  BOOST_REQUIRE(confirm({1299, "EUR"}));
  const auto first = refund(300).value();
  const auto second = refund(999).value();
  BOOST_TEST(refund(1).error().code == "refund_exceeds_captured");
  BOOST_TEST(effects.empty());
  check(payment_status::Completed, open_effect::None);
  events.clear();
  BOOST_REQUIRE(settled(second.refund_id));
  check(payment_status::PartiallyRefunded, open_effect::None);
  BOOST_TEST(last_event() == "payment.refunded");
  BOOST_TEST(settled(second.refund_id).error().code == "refund_not_pending");
  BOOST_REQUIRE(settled(first.refund_id, "account closed"));
  BOOST_TEST(row().failure_code.value_or("") == "refund_rejected");
  // A declined refund can be retried.
  BOOST_REQUIRE(run(retry_refund{row().payment_id, order, first.refund_id}, staff));
  BOOST_REQUIRE(settled(first.refund_id));
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(row().refunded_amount.value().amount == 1299);
}

BOOST_AUTO_TEST_CASE(the_refund_of_a_cancelled_order_waits_for_staff) {
  placed("bank_transfer");
  BOOST_REQUIRE(confirm({1299, "EUR"}));
  cancel_order();
  BOOST_TEST(effects.empty());
  const auto refunds = detail().refunds;
  BOOST_REQUIRE(refunds.size() == 1u);
  BOOST_TEST(enum_name(refunds[0].status) == "Pending");
  BOOST_REQUIRE(settled(refunds[0].refund_id));
  check(payment_status::Refunded, open_effect::None);
}

BOOST_AUTO_TEST_CASE(staff_do_not_decide_what_a_gateway_decides) {
  reserve();
  BOOST_TEST(confirm({1299, "EUR"}).error().code == "payment_not_awaited");
  answer(open_effect::Authorize, paid);
  const auto made = refund(100).value();
  BOOST_TEST(settled(made.refund_id).error().code == "payment_not_offline");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(orders_with_offline_payments, test::order_fixture)

BOOST_AUTO_TEST_CASE(an_order_waits_for_its_transfer_and_leaves_its_cart) {
  auto m = order_of();
  BOOST_REQUIRE(run(m));
  const auto until = time.now() + seconds{86'400};
  const payment_awaited awaited{{}, m.order_id, "bank_transfer", {3098, "EUR"}, until, "Example"};
  events.clear();
  BOOST_REQUIRE(!apply(awaited));
  BOOST_REQUIRE(!apply(awaited));
  BOOST_REQUIRE(events.size() == 1u);
  const auto told = json::read<order::order_payment_awaited>(events[0]->payload).value();
  BOOST_TEST((told.pay_until == until));
  BOOST_TEST(told.order.lines.size() == 2u);
  events.clear();
  // Neither the limit of Pending orders nor that of the reservation ends it.
  time.advance(seconds{3600});
  BOOST_TEST(sweep() == 0u);
  BOOST_REQUIRE(!apply(catalog::reservation_expired{m.order_id}));
  BOOST_TEST(enum_name(status(m.order_id)) == "Pending");
  // The cart can be ordered again, except for the same lines.
  auto same = m;
  same.order_id = {system_ids().next_v7()};
  BOOST_TEST(run(same).error().code == "cart_already_ordered");
  same.cart_version = 4;
  for (auto& line : same.lines) line.cart_item_id = stoa::cart_item_id{system_ids().next_v7()};
  BOOST_REQUIRE(run(same));
  paid(m.order_id);
  BOOST_TEST(enum_name(status(m.order_id)) == "Confirmed");
  time.advance(seconds{86'400});
  BOOST_REQUIRE(run(order::cancel_order{same.order_id, true, std::nullopt}));
  BOOST_TEST(sweep() == 0u);
}

BOOST_AUTO_TEST_CASE(an_unpaid_order_is_cancelled_and_holds_no_goods) {
  const auto id = placed();
  const auto until = time.now() + seconds{86'400};
  BOOST_REQUIRE(!apply(payment_awaited{{}, id, "bank_transfer", {3098, "EUR"}, until, "Example"}));
  time.advance(seconds{86'400});
  events.clear();
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(now(id).cancel_code.value_or("") == "timeout");
  const auto other = placed();
  BOOST_REQUIRE(!apply(payment_awaited{
      {}, other, "bank_transfer", {3098, "EUR"}, time.now() + seconds{60}, "Example"}));
  events.clear();
  apply(payment_failed{{}, other, "not_received", "no"});
  const auto cancelled = json::read<order::order_cancelled>(events.at(0)->payload).value();
  BOOST_TEST(!cancelled.held_until);
}

BOOST_AUTO_TEST_CASE(an_order_that_is_paid_on_delivery_can_ship) {
  const auto id = placed();
  BOOST_REQUIRE(
      !apply(payment_awaited{{}, id, "cash_on_delivery", {3098, "EUR"}, std::nullopt, ""}));
  BOOST_TEST(enum_name(status(id)) == "Confirmed");
  BOOST_REQUIRE(run(order::ship_order{id, std::nullopt}, test::as_system()));
  apply(payment_failed{{}, id, "not_received", "not at home"});
  BOOST_TEST(enum_name(status(id)) == "Shipped");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(stock_of_orders_with_offline_payments, test::stock_fixture)

BOOST_AUTO_TEST_CASE(the_goods_stay_reserved_until_the_order_is_decided) {
  const auto mug = product("Mug", 1299, 3);
  const auto o = order_of({{mug, 2}});
  BOOST_REQUIRE(!place(o));
  const auto until = time.now() + seconds{86'400};
  BOOST_REQUIRE(!apply(order::order_payment_awaited{o, until, "Example"}));
  BOOST_TEST(stock_of(mug) == "3/2/1");
  time.advance(seconds{86'400});
  BOOST_REQUIRE(!apply(order::order_cancelled{o, "timeout", "unpaid"}));
  BOOST_TEST(stock_of(mug) == "3/0/3");
  check_books();
}

BOOST_AUTO_TEST_SUITE_END()
