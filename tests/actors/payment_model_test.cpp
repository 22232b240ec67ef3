// Attempts, partial refunds, manual capture, actions of the customer and webhooks.

#include "tests/support/payment_model.hpp"

#include "actors/payment/payment_rules.hpp"

#include <set>

using namespace stoa;
using namespace stoa::payment;

namespace {

payment_options manual() {
  payment_options o;
  o.capture = capture_method::manual;
  return o;
}

struct manual_model : model {
  manual_model() : model(manual()) {}
};

/// The pairs in the table, over all pairs.
template <class S>
std::set<std::string> allowed() {
  std::set<std::string> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<S>>([&](auto from) {
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<S>>([&](auto to) {
      if (may_become(from.value, to.value)) found.insert(std::string(from.name) + ">" + to.name);
    });
  });
  return found;
}

using pairs = std::set<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(payment_model, model)

BOOST_AUTO_TEST_CASE(the_transitions_are_those_of_the_table) {
  BOOST_TEST(
      (allowed<payment_status>() ==
       pairs{"Pending>RequiresAction", "Pending>Authorized", "Pending>Completed", "Pending>Failed",
             "RequiresAction>Authorized", "RequiresAction>Completed", "RequiresAction>Failed",
             "Authorized>Completed", "Authorized>Voided", "Completed>PartiallyRefunded",
             "Completed>Refunded", "PartiallyRefunded>Refunded", "PartiallyRefunded>Completed",
             "Refunded>PartiallyRefunded", "Refunded>Completed", "Failed>Completed",
             "Voided>Completed"}));
  BOOST_TEST((allowed<refund_status>() == pairs{"Pending>Succeeded", "Pending>Declined",
                                                "Declined>Pending", "Succeeded>Declined"}));
  BOOST_TEST(
      (allowed<attempt_state>() ==
       pairs{"pending>accepted", "pending>succeeded", "pending>declined", "pending>abandoned",
             "accepted>succeeded", "accepted>declined", "accepted>abandoned"}));
}

BOOST_AUTO_TEST_CASE(an_attempt_keeps_its_key_over_its_calls) {
  reserve();
  answer(open_effect::Authorize, silence);
  time.advance(options.retry_min);
  sweep();
  answer(open_effect::Authorize, paid);
  const auto d = detail();
  BOOST_REQUIRE(d.attempts.size() == 1u);
  BOOST_TEST(d.attempts[0].key == d.payment_id.str());
  BOOST_TEST(d.attempts[0].calls == 2);
  BOOST_TEST(d.attempts[0].gateway == "sandbox");
  BOOST_TEST(enum_name(d.attempts[0].state) == "succeeded");
  BOOST_TEST(d.attempts[0].transaction_id.value_or("") == "ch_1");
}

BOOST_AUTO_TEST_CASE(partial_refunds_wait_for_their_turn_and_never_exceed_the_captured_amount) {
  pay();
  const auto first = refund(300);
  const auto second = refund(600);
  BOOST_REQUIRE(first.has_value());
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(effects.size() == 1u);  // One operation at a time.
  BOOST_TEST(refund(101).error().code == "refund_exceeds_captured");
  auto e = call();
  BOOST_TEST(e.key == "refund:" + first->refund_id.str());
  BOOST_TEST(e.amount.amount == 300);
  answer(open_effect::Refund, back);
  check(payment_status::PartiallyRefunded, open_effect::Refund);
  BOOST_TEST(row().refunded_amount.value().amount == 300);
  BOOST_TEST(json::read<payment_refunded>(events.back()->payload).value().amount.amount == 300);
  // A duplicate of the first refund's answer does not settle the second.
  BOOST_REQUIRE(
      run(gateway_result{row().payment_id, order, open_effect::Refund, e.key, back}, as_system()));
  BOOST_TEST(row().refunded_amount.value().amount == 300);
  e = call();
  BOOST_TEST(e.key == "refund:" + second->refund_id.str());
  answer(open_effect::Refund, back);
  check(payment_status::PartiallyRefunded, open_effect::None);
  BOOST_REQUIRE(refund(std::nullopt).has_value());  // The remainder.
  BOOST_TEST(call().amount.amount == 100);
  answer(open_effect::Refund, back);
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(row().refunded_amount.value().amount == 1000);
  BOOST_TEST(refund(1).error().code == "refund_exceeds_captured");
}

BOOST_AUTO_TEST_CASE(a_declined_refund_is_shown_while_its_amount_can_be_refunded) {
  pay();
  BOOST_REQUIRE(refund(400).has_value());
  answer(open_effect::Refund, no_refund);
  BOOST_TEST(row().failure_code.value_or("") == "refund_declined");
  BOOST_REQUIRE(refund(100).has_value());
  answer(open_effect::Refund, back);
  BOOST_TEST(row().failure_code.value_or("") == "refund_declined");
  BOOST_REQUIRE(refund(std::nullopt).has_value());
  answer(open_effect::Refund, back);
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(!row().failure_code);
}

BOOST_AUTO_TEST_CASE(a_declined_refund_is_shown_and_retried_under_another_key) {
  pay();
  const auto id = refund(700)->refund_id;
  const auto first = call().key;
  answer(open_effect::Refund, no_refund);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(enum_name(detail().refunds.at(0).status) == "Declined");
  BOOST_TEST(detail().refunds.at(0).failure_code.value_or("") == "refund_declined");
  BOOST_TEST(row().failure_code.value_or("") == "refund_declined");
  BOOST_TEST(events.empty());
  BOOST_REQUIRE(refund(400).has_value());  // A declined one does not count.
  answer(open_effect::Refund, back);
  effects.clear();
  BOOST_TEST(retry(id).error().code == "refund_exceeds_captured");
  const auto other = refund(500)->refund_id;
  answer(open_effect::Refund, no_refund);
  effects.clear();
  BOOST_REQUIRE(retry(other).has_value());
  BOOST_TEST(call().key == "refund:" + other.str() + "#2");
  BOOST_TEST(retry(other).error().code == "refund_not_declined");
  answer(open_effect::Refund, back);
  BOOST_TEST(row().refunded_amount.value().amount == 900);
  BOOST_TEST(first != "refund:" + other.str());
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_is_refunded_what_is_left) {
  pay();
  BOOST_REQUIRE(refund(300).has_value());
  effects.clear();
  cancel_order();  // While the partial refund is in progress.
  BOOST_TEST(effects.empty());
  BOOST_TEST(refund(1).error().code == "refund_exceeds_captured");
  answer(open_effect::Refund, back);
  const auto e = call();
  BOOST_TEST(e.amount.amount == 700);
  BOOST_TEST(e.key == "refund:" + row().payment_id.str());
  answer(open_effect::Refund, back);
  check(payment_status::Refunded, open_effect::None);
}

BOOST_AUTO_TEST_CASE(refunds_are_for_staff_and_for_captured_payments) {
  reserve();
  BOOST_TEST(refund(1).error().code == "payment_not_captured");
  answer(open_effect::Authorize, paid);
  request_refund m{row().payment_id, order, money{1, "EUR"}, "x"};
  BOOST_TEST(status_of(run(m, as_user({system_ids().next_v7()}))) == 404);
  BOOST_TEST(status_of(run(m)) == 404);
  m.amount = money{1, "USD"};
  BOOST_TEST(run(m, staff).error().errors.at(0).pointer == "/amount/currency");
  m.amount = money{0, "EUR"};
  BOOST_TEST(run(m, staff).error().errors.at(0).code == "range");
  m.amount = money{-5, "EUR"};
  BOOST_TEST(run(m, staff).error().errors.at(0).code == "range");
  BOOST_TEST(retry({system_ids().next_v7()}).error().code == "not_found");
}

BOOST_AUTO_TEST_CASE(the_customer_is_shown_what_to_do_and_a_lookup_settles_the_payment) {
  reserve();
  effects.clear();
  answer(open_effect::Authorize, action);
  check(payment_status::RequiresAction, open_effect::Authorize);
  const auto shown = payments_of().front().next_action.value();
  BOOST_TEST(shown.type == "redirect");
  BOOST_TEST(shown.url.value() == "https://bank.example/1");
  BOOST_TEST(row().sealed_token.empty());
  BOOST_TEST(last_event() == "payment.action_required");
  BOOST_TEST(events.size() == 1U);
  time.advance(options.retry_min);
  BOOST_TEST(sweep() == 1u);
  auto e = call();
  BOOST_TEST(e.look_up);
  BOOST_TEST(e.reference == "ch_1");
  answer(open_effect::Authorize, action);
  time.advance(options.retry_max);
  sweep();
  effects.clear();
  answer(open_effect::Authorize, paid);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(!payments_of().front().next_action);
  BOOST_TEST(last_event() == "payment.completed");
}

BOOST_AUTO_TEST_CASE(an_action_that_is_not_taken_is_voided_in_bounded_time) {
  reserve();
  answer(open_effect::Authorize, action);
  effects.clear();
  time.advance(options.give_up);
  sweep();
  const auto e = call();
  BOOST_TEST(enum_name(e.operation) == "Void");
  BOOST_TEST(e.authorization.transaction_id == "ch_1");
  answer(open_effect::Void, canceled);
  check(payment_status::Failed, open_effect::None);
  BOOST_TEST(last_event() == "payment.failed");
}

BOOST_AUTO_TEST_CASE(a_webhook_has_the_payment_looked_up_once) {
  reserve();
  answer(open_effect::Authorize, action);
  effects.clear();
  BOOST_TEST(webhook("evt_1") == "applied");
  BOOST_TEST(call().look_up);
  for (int i = 0; i < 4; ++i) BOOST_TEST(webhook("evt_1") == "repeated");
  BOOST_TEST(effects.empty());
  BOOST_TEST(webhook("evt_1", "another") == "ignored");
  answer(open_effect::Authorize, paid);
  BOOST_TEST(webhook("evt_2") == "ignored");  // Nothing is open.
  BOOST_TEST(effects.empty());
  const auto reply = run(receive_webhook{"sandbox", "evt_3", "x", {system_ids().next_v7()}, order});
  BOOST_TEST(enum_name(reply->outcome) == "ignored");
  time.advance(options.webhook_memory);
  BOOST_TEST(clean_up() == 4u);
}

BOOST_AUTO_TEST_CASE(money_that_arrives_after_a_failure_is_refunded) {
  reserve();
  answer(open_effect::Authorize, action);
  answer(open_effect::Authorize, refused);
  check(payment_status::Failed, open_effect::None);
  cancel_order("payment_failed");
  effects.clear();
  const auto before = events.size();
  BOOST_TEST(webhook("evt_1") == "ignored");
  BOOST_TEST(paid_webhook("evt_2") == "applied");
  auto e = call();
  BOOST_TEST(enum_name(e.operation) == "Void");
  BOOST_TEST(e.is_late);
  BOOST_TEST(e.authorization.transaction_id == "ch_1");
  answer(open_effect::Void, paid);
  check(payment_status::Completed, open_effect::Refund);
  BOOST_TEST(events.size() == before);  // The order stays cancelled.
  e = call();
  BOOST_TEST(enum_name(e.operation) == "Refund");
  BOOST_TEST(e.amount.amount == 1299);
  answer(open_effect::Refund, {gateway_status::approved, "re_1", "", ""});
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(std::ranges::count(log(), "late_payment_found") == 1);
}

BOOST_AUTO_TEST_CASE(a_late_answer_that_is_paid_is_settled_like_a_webhook) {
  reserve();
  answer(open_effect::Authorize, refused);
  effects.clear();
  answer(open_effect::Authorize, refused);
  BOOST_TEST(effects.empty());
  answer(open_effect::Authorize, paid);
  check(payment_status::Failed, open_effect::Void);
  BOOST_TEST(call().authorization.transaction_id == "ch_1");
  answer(open_effect::Void, silence);
  check(payment_status::Failed, open_effect::Void);
  answer(open_effect::Void, canceled);  // It was only authorised.
  check(payment_status::Failed, open_effect::None);
  BOOST_TEST(row().failure_code.value_or("") == "card_declined");
  // The event of the order's cancellation comes later, and a declined refund stays for staff.
  BOOST_TEST(paid_webhook("evt_1") == "applied");
  answer(open_effect::Void, paid);
  answer(open_effect::Refund, {gateway_status::declined, "", "refund_declined", "No."});
  cancel_order("payment_failed");
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(detail().refunds.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_partial_capture_is_booked_as_such) {
  reserve();
  auto partial = paid;
  partial.captured_amount = money{100, "EUR"};
  answer(open_effect::Authorize, partial);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(payments_of().front().received_amount.value().amount == 100);
  BOOST_TEST(json::read<payment_completed>(events.back()->payload).value().amount.amount == 100);
  BOOST_TEST(number("SELECT count(*) FROM ledger_postings WHERE amount=100") == 1);
  BOOST_TEST(std::ranges::count(log(), "capture_mismatch") == 1);
  BOOST_TEST(refund(101).error().code == "refund_exceeds_captured");
  BOOST_TEST(refund(100).has_value());
}

BOOST_AUTO_TEST_CASE(the_ids_of_webhooks_are_texts_and_belong_to_their_gateway) {
  reserve();
  answer(open_effect::Authorize, action);
  const std::string usual = "evt_1NG8Du2eZvKYlo2CUI79vXWy";
  const std::string longest(webhook_event::event_id_bytes_max, 'e');
  for (const auto& id : {usual, longest, longest.substr(1) + "E", std::string("EVT_1NG8du2"),
                         std::string("evt_1NG8Du2"), std::string("1"), std::string("1 ")}) {
    BOOST_TEST(webhook(id) == "applied", id);
    BOOST_TEST(webhook(id) == "repeated", id);
  }
  BOOST_TEST(webhook(usual, "another") == "ignored");
  BOOST_TEST(number("SELECT count(*) FROM gateway_events WHERE event_id='" + usual + "'") == 2);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(manual_capture, manual_model)

BOOST_AUTO_TEST_CASE(an_authorised_payment_is_captured_by_staff) {
  reserve();
  BOOST_TEST(!call().capture);
  BOOST_TEST(run(capture_payment{row().payment_id, order}, staff).error().detail ==
             "The payment is Pending, and its authorisation is in progress: it cannot be "
             "captured.");
  answer(open_effect::Authorize, paid);
  check(payment_status::Authorized, open_effect::None);
  BOOST_TEST(last_event() == "payment.authorized");
  BOOST_TEST(refund(1).error().code == "payment_not_captured");
  const capture_payment m{row().payment_id, order};
  BOOST_TEST(status_of(run(m)) == 404);
  BOOST_REQUIRE(run(m, staff).has_value());
  BOOST_REQUIRE(run(m, staff).has_value());  // In progress.
  BOOST_TEST(refund(1).error().detail ==
             "The payment is Authorized, and its capture is in progress: it cannot be refunded.");
  const auto first = call();
  BOOST_TEST(enum_name(first.operation) == "Capture");
  BOOST_TEST(first.authorization.transaction_id == "ch_1");
  answer(open_effect::Capture, {gateway_status::declined, "", "capture_declined", "No."});
  check(payment_status::Authorized, open_effect::None);
  BOOST_REQUIRE(run(m, staff).has_value());
  const auto second = call();
  BOOST_TEST(second.key != first.key);
  answer(open_effect::Capture, paid);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(last_event() == "payment.completed");
  BOOST_TEST(!row().failure_code);
}

BOOST_AUTO_TEST_CASE(a_cancelled_orders_authorisation_is_voided) {
  reserve();
  answer(open_effect::Authorize, paid);
  effects.clear();
  cancel_order();
  check(payment_status::Authorized, open_effect::Void);
  BOOST_TEST(enum_name(call().operation) == "Void");
  const capture_payment m{row().payment_id, order};
  BOOST_TEST(run(m, staff).error().code == "payment_not_authorized");
  BOOST_TEST(run(m, staff).error().detail ==
             "The payment is Authorized, and its void is in progress: it cannot be captured.");
  BOOST_TEST(refund(1).error().detail ==
             "The payment is Authorized, and its void is in progress: it cannot be refunded.");
  answer(open_effect::Void, canceled);
  BOOST_TEST(run(m, staff).error().detail == "The payment is Voided: it cannot be captured.");
  check(payment_status::Voided, open_effect::None);
  BOOST_TEST(events.size() == 1u);  // payment.authorized
}

BOOST_AUTO_TEST_CASE(a_capture_in_progress_is_refunded_when_the_order_is_cancelled) {
  reserve();
  answer(open_effect::Authorize, paid);
  BOOST_REQUIRE(run(capture_payment{row().payment_id, order}, staff).has_value());
  effects.clear();
  cancel_order();
  check(payment_status::Authorized, open_effect::Capture);
  answer(open_effect::Capture, paid);
  check(payment_status::Completed, open_effect::Refund);
  BOOST_TEST(last_event() == "payment.authorized");
}

BOOST_AUTO_TEST_CASE(an_authorisation_that_comes_late_is_voided) {
  reserve();
  cancel_order();
  effects.clear();
  answer(open_effect::Authorize, paid);
  check(payment_status::Pending, open_effect::Void);
  BOOST_TEST(enum_name(call().operation) == "Void");
  answer(open_effect::Void, canceled);
  check(payment_status::Failed, open_effect::None);
}

BOOST_AUTO_TEST_SUITE_END()
