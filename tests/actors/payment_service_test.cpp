// The Payment service's decisions: all courses of a charge, its cancellation and its refund.

#include "tests/support/payment_fixture.hpp"

using namespace stoa;
using namespace stoa::payment;

BOOST_FIXTURE_TEST_SUITE(payment_decisions, payments)

BOOST_AUTO_TEST_CASE(reserved_stock_is_charged_under_the_payments_own_key) {
  reserve();
  check(payment_status::Pending, open_effect::Authorize);
  auto p = row();
  auto e = call();
  BOOST_TEST(enum_name(e.operation) == "Authorize");
  BOOST_TEST(e.key == p.payment_id.str());
  // A database that has lost the payment requests the same charge again.
  auto same = order.str();
  same[14] = '8';
  BOOST_TEST(e.key == same);
  BOOST_TEST(e.sealed_token == "sealed");
  BOOST_TEST(e.amount.amount == 1299);
  BOOST_TEST(e.order_id.str() == order.str());
  BOOST_TEST(p.next_attempt_at.us > (time.now() + options.gateway_timeout).us);
  BOOST_TEST(events.empty());
  answer(open_effect::Authorize, paid);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(row().transaction_id.value_or("") == "ch_1");
  BOOST_REQUIRE(events.size() == 1u);
  auto published = json::read<payment_completed>(events[0]->payload).value();
  BOOST_TEST(published.order_id.str() == order.str());
  BOOST_TEST(events[0]->aggregate_id.str() == order.str());
  BOOST_TEST(published.amount.amount == 1299);
  BOOST_TEST(effects.empty());
  BOOST_TEST((log() == names{"authorize_requested", "authorize_approved"}));
}

BOOST_AUTO_TEST_CASE(the_same_reservation_is_charged_once) {
  const stoa::event_id id{system_ids().next_v7()};
  const auto first = reserved();
  BOOST_REQUIRE(!apply(first, id));
  BOOST_REQUIRE(!apply(first, id));
  BOOST_REQUIRE(!apply(reserved()));  // Also the same order in another event.
  BOOST_TEST(payments_of().size() == 1u);
  BOOST_TEST(effects.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_declined_charge_fails_with_the_gateways_reason) {
  reserve();
  answer(open_effect::Authorize, refused);
  check(payment_status::Failed, open_effect::None);
  auto published = json::read<payment_failed>(events.at(0)->payload).value();
  BOOST_TEST(published.code == "card_declined");
  BOOST_TEST(published.detail == "The card was declined.");
  cancel_order();  // The order's reaction to payment.failed.
  check(payment_status::Failed, open_effect::None);
  BOOST_TEST(events.size() == 1u);
  BOOST_TEST((log() == names{"authorize_requested", "authorize_declined"}));
}

BOOST_AUTO_TEST_CASE(silence_is_no_answer_and_the_same_key_is_asked_again) {
  reserve();
  const auto first = call();
  answer(open_effect::Authorize, silence);
  check(payment_status::Pending, open_effect::Authorize);
  BOOST_TEST(events.empty());
  BOOST_TEST(effects.empty());
  BOOST_TEST(sweep() == 0u);
  time.advance(options.retry_min);
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(call().key == first.key);
  BOOST_TEST(sweep() == 0u);  // In progress again.
  answer(open_effect::Authorize, silence);
  BOOST_TEST(row().attempts == 2);
  BOOST_TEST((row().next_attempt_at - time.now()).count() == (2 * options.retry_min).count());
  for (int i = 0; i < 20; ++i) answer(open_effect::Authorize, silence);
  BOOST_TEST((row().next_attempt_at - time.now()).count() == options.retry_max.count());
  answer(open_effect::Authorize, paid);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(row().attempts == 0);
}

BOOST_AUTO_TEST_CASE(what_a_clock_that_was_ahead_has_put_off_is_due) {
  time.advance(std::chrono::hours{1});
  reserve();
  const auto first = call();
  answer(open_effect::Authorize, silence);
  time.set(time.now() - std::chrono::hours{1});
  BOOST_TEST(sweep() == 1u);  // Not an hour later.
  BOOST_TEST(call().key == first.key);
  BOOST_TEST(sweep() == 0u);
  // Nor is it given up an hour later than others.
  time.advance(options.give_up - seconds{1});
  sweep();
  BOOST_TEST(enum_name(call().operation) == "Authorize");
  answer(open_effect::Authorize, silence);
  time.advance(seconds{2});
  sweep();
  BOOST_TEST(enum_name(call().operation) == "Void");
  // The log keeps its order.
  BOOST_TEST((log() == names{"authorize_requested", "authorize_unknown", "authorize_requested",
                             "authorize_requested", "authorize_unknown", "void_requested"}));
}

BOOST_AUTO_TEST_CASE(a_lost_effect_is_started_again_by_the_sweep) {
  reserve();
  const auto first = call();
  BOOST_TEST(sweep() == 0u);
  time.advance(options.gateway_timeout + options.gateway_margin);
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(call().key == first.key);
}

BOOST_AUTO_TEST_CASE(after_a_restart_all_that_is_open_is_started_at_once) {
  reserve();
  effects.clear();
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(sweep(true) == 1u);
  BOOST_TEST(enum_name(call().operation) == "Authorize");
  answer(open_effect::Authorize, paid);
  BOOST_TEST(sweep(true) == 0u);
}

BOOST_AUTO_TEST_CASE(an_order_cancelled_before_its_reservation_is_not_charged) {
  cancel_order();
  BOOST_TEST(number("SELECT count(*) FROM settled_orders") == 1);
  reserve();
  BOOST_TEST(payments_of().empty());
  BOOST_TEST(effects.empty());
  BOOST_TEST(events.empty());
}

BOOST_AUTO_TEST_CASE(an_order_that_was_not_reserved_leaves_nothing) {
  cancel_order("stock_rejected");
  BOOST_TEST(number("SELECT count(*) FROM settled_orders") == 0);
  BOOST_TEST(payments_of().empty());
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(a_charge_in_progress_is_settled_when_the_order_is_cancelled) {
  reserve();
  effects.clear();
  cancel_order();
  check(payment_status::Pending, open_effect::Void);
  auto e = call();
  BOOST_TEST(enum_name(e.operation) == "Void");
  BOOST_TEST(e.authorization.key == row().payment_id.str());
  BOOST_TEST_CONTEXT("not charged yet") {
    answer(open_effect::Void, canceled);
    check(payment_status::Failed, open_effect::None);
    BOOST_TEST(last_event() == "payment.failed");
  }
  answer(open_effect::Authorize, refused);  // The charge's own answer, late.
  check(payment_status::Failed, open_effect::None);
  BOOST_TEST(events.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_cancel_that_finds_the_charge_paid_gives_it_back) {
  reserve();
  cancel_order();
  effects.clear();
  answer(open_effect::Void, silence);
  check(payment_status::Pending, open_effect::Void);
  answer(open_effect::Void, paid);
  check(payment_status::Completed, open_effect::Refund);
  BOOST_TEST(events.empty());  // It must not count as a paid order.
  auto e = call();
  BOOST_TEST(enum_name(e.operation) == "Refund");
  BOOST_TEST(e.key == "refund:" + row().payment_id.str());
  BOOST_TEST(e.authorization.key == row().payment_id.str());
  BOOST_TEST(e.amount.amount == 1299);
  answer(open_effect::Refund, silence);
  check(payment_status::Completed, open_effect::Refund);
  time.advance(options.retry_min);
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(call().key == e.key);
  answer(open_effect::Refund, {gateway_status::approved, "re_1", "", ""});
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(row().refunded_amount.value().amount == 1299);
  BOOST_TEST(last_event() == "payment.refunded");
  answer(open_effect::Refund, {gateway_status::approved, "re_1", "", ""});
  BOOST_TEST(events.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_charge_that_comes_through_while_a_cancel_is_wanted_is_not_kept) {
  reserve();
  cancel_order();
  effects.clear();
  answer(open_effect::Authorize, paid);
  check(payment_status::Completed, open_effect::Refund);
  BOOST_TEST(events.empty());
  BOOST_TEST(enum_name(call().operation) == "Refund");
  answer(open_effect::Void, paid);  // The cancel's answer, late.
  check(payment_status::Completed, open_effect::Refund);
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(a_charge_that_times_out_while_a_cancel_is_wanted_lets_the_cancel_go_at_once) {
  reserve();
  cancel_order();
  effects.clear();
  answer(open_effect::Authorize, silence);
  BOOST_TEST(enum_name(call().operation) == "Void");
  answer(open_effect::Authorize, silence);
  BOOST_TEST(effects.empty());
  check(payment_status::Pending, open_effect::Void);
  answer(open_effect::Authorize, refused);
  check(payment_status::Failed, open_effect::None);
}

BOOST_AUTO_TEST_CASE(a_paid_order_that_is_cancelled_is_refunded_once) {
  reserve();
  answer(open_effect::Authorize, paid);
  effects.clear();
  cancel_order();
  cancel_order();
  check(payment_status::Completed, open_effect::Refund);
  BOOST_TEST(enum_name(call().operation) == "Refund");
  answer(open_effect::Refund, {gateway_status::approved, "re_1", "", ""});
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(events.size() == 2u);
  cancel_order();
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(cancellation_and_answer_in_one_batch_see_each_other) {
  reserve();
  const auto id = row().payment_id;
  effects.clear();
  auto e = std::make_shared<kernel::event>();
  e->event_id = {system_ids().next_v7()};
  e->type = "order.cancelled";
  order::order_cancelled body;
  body.order.order_id = order;
  e->payload = json::write(body);
  kernel::job first;
  first.kind = kernel::job_kind::event;
  first.event = e;
  kernel::job second;
  second.message =
      kernel::any_message::of(gateway_result{id, order, open_effect::Authorize, id.str(), paid});
  writer->add(std::move(first));
  writer->add(std::move(second));
  flush();
  check(payment_status::Completed, open_effect::Refund);
  BOOST_TEST(effects.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_refused_refund_is_shown_and_not_retried_indefinitely) {
  reserve();
  answer(open_effect::Authorize, paid);
  cancel_order();
  answer(open_effect::Refund, {gateway_status::declined, "", "exceeds_charge", "Too much."});
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(row().failure_code.value_or("") == "refund_exceeds_charge");
  time.advance(seconds{100'000});
  BOOST_TEST(sweep() == 0u);
  BOOST_TEST(last_event() == "payment.completed");
}

BOOST_AUTO_TEST_CASE(a_charge_without_an_answer_for_too_long_is_cancelled) {
  reserve();
  time.advance(options.give_up);
  effects.clear();
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(enum_name(call().operation) == "Void");
  BOOST_TEST_CONTEXT("the gateway had charged, and the order stands") {
    answer(open_effect::Void, paid);
    check(payment_status::Completed, open_effect::None);
    BOOST_TEST(last_event() == "payment.completed");
  }
}

BOOST_AUTO_TEST_CASE(an_order_cancelled_while_its_charge_is_given_up_is_refunded) {
  reserve();
  time.advance(options.give_up);
  BOOST_TEST(sweep() == 1u);
  cancel_order();
  effects.clear();
  answer(open_effect::Void, paid);
  check(payment_status::Completed, open_effect::Refund);
  BOOST_TEST(events.empty());
}

BOOST_AUTO_TEST_CASE(nothing_to_pay_asks_no_gateway) {
  reserve(0);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(effects.empty());
  BOOST_TEST(last_event() == "payment.completed");
  cancel_order();
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(the_log_holds_only_the_tokens_hint) {
  reserve();
  auto found = read(get_payment{row().payment_id}, as_system()).value();
  BOOST_TEST(json::write(found).find("sealed") == std::string::npos);
  BOOST_TEST(found.logs.at(0).details.token.value_or("") == "tok_***2C");
  BOOST_TEST(found.next_attempt_at.has_value());
  BOOST_TEST(found.logs.at(0).details.amount.value().amount == 1299);
}

BOOST_AUTO_TEST_CASE(an_instrument_is_stored_once) {
  const auto id = stored();
  BOOST_TEST(run(store_instrument{id, order, "card", "another", "hint"}).has_value());
  BOOST_TEST(instruments() == 1);
  BOOST_REQUIRE(!apply(catalog::stock_reserved{order, std::nullopt, {1299, "EUR"}, id}));
  BOOST_TEST(call().sealed_token == "sealed");
  BOOST_TEST(instruments() == 0);  // Now stored with the payment.
}

BOOST_AUTO_TEST_CASE(an_unknown_instrument_fails_the_payment) {
  BOOST_REQUIRE(!apply(
      catalog::stock_reserved{order, std::nullopt, {1299, "EUR"}, {system_ids().next_v7()}}));
  check(payment_status::Failed, open_effect::None);
  BOOST_TEST(row().failure_code.value_or("") == "instrument_unknown");
  BOOST_TEST(row().payment_method == "unknown");
  BOOST_TEST(json::read<payment_failed>(events.at(0)->payload).value().code ==
             "instrument_unknown");
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(an_instrument_pays_for_its_owners_orders_only) {
  const stoa::user_id ann{system_ids().next_v7()};
  const auto anns = stored(as_user(ann));
  auto e = reserved();
  const auto guests = e.instrument_id;
  e.instrument_id = anns;  // A guest's order.
  BOOST_REQUIRE(!apply(e));
  BOOST_TEST(row().failure_code.value_or("") == "instrument_unknown");
  e.order_id = {system_ids().next_v7()};
  e.user_id = stoa::user_id{system_ids().next_v7()};  // Another user's.
  BOOST_REQUIRE(!apply(e));
  e.order_id = {system_ids().next_v7()};
  e.user_id = ann;
  e.instrument_id = guests;
  BOOST_REQUIRE(!apply(e));
  BOOST_TEST(effects.empty());
  e.order_id = {system_ids().next_v7()};
  e.instrument_id = anns;
  BOOST_REQUIRE(!apply(e));
  BOOST_TEST(call().order_id.str() == e.order_id.str());
}

BOOST_AUTO_TEST_CASE(the_token_is_kept_until_the_charge_is_settled) {
  reserve();
  answer(open_effect::Authorize, silence);
  BOOST_TEST(row().sealed_token == "sealed");
  answer(open_effect::Authorize, paid);
  BOOST_TEST(row().sealed_token.empty());
  BOOST_TEST(row().token_hint == "tok_***2C");
}

BOOST_AUTO_TEST_CASE(a_cancellation_needs_no_token) {
  reserve();
  cancel_order();
  check(payment_status::Pending, open_effect::Void);
  BOOST_TEST(row().sealed_token.empty());
}

BOOST_AUTO_TEST_CASE(an_unused_instrument_is_deleted_when_it_expires) {
  const auto id = stored();
  time.advance(options.instrument_ttl - seconds{1});
  BOOST_TEST(clean_up() == 0u);
  stored();
  time.advance(seconds{1});
  BOOST_TEST(clean_up() == 1u);
  BOOST_TEST(instruments() == 1);
  BOOST_TEST(clean_up() == 0u);
  BOOST_REQUIRE(!apply(catalog::stock_reserved{order, std::nullopt, {1299, "EUR"}, id}));
  BOOST_TEST(row().failure_code.value_or("") == "instrument_unknown");
}

BOOST_AUTO_TEST_CASE(answers_about_unknown_payments_change_nothing) {
  BOOST_TEST(run(gateway_result{{system_ids().next_v7()}, order, open_effect::Authorize, "k", paid},
                 as_system())
                 .has_value());
  BOOST_TEST(run(retry_payment{{system_ids().next_v7()}, true}, as_system()).has_value());
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(lists_are_for_staff) {
  reserve();
  const stoa::user_id other_user{system_ids().next_v7()};
  const auto id = row().payment_id;
  BOOST_TEST(status_of(read(list_payments_query{}, as_user(other_user))) == 404);
  BOOST_TEST(status_of(read(get_payment{id}, as_user(other_user))) == 404);
  BOOST_TEST(status_of(read(get_payment{id})) == 404);
  BOOST_TEST(status_of(read(get_payment{{system_ids().next_v7()}}, as_system())) == 404);
  auto staff = as_user(other_user, kernel::role::staff);
  BOOST_TEST(enum_name(read(get_payment{id}, staff).value().effect) == "Authorize");
  for (int i = 0; i < 3; ++i) {
    auto e = reserved();
    e.order_id = {system_ids().next_v7()};
    BOOST_REQUIRE(!apply(e));
  }
  list_payments_query q;
  q.limit = 3;
  auto page = read(q, staff).value();
  BOOST_TEST(page.data.size() == 3u);
  BOOST_REQUIRE(page.next_cursor.value);
  q.before = stoa::payment_id::parse(*page.next_cursor.value);
  auto rest = read(q, staff).value();
  BOOST_REQUIRE(rest.data.size() == 1u);
  BOOST_TEST(rest.data[0].payment_id.str() == id.str());
  BOOST_TEST(!rest.next_cursor.value.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
