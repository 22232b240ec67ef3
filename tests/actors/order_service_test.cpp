// The Order service's decisions: transitions, visibility, and events in any order.

#include "actors/order/order_rules.hpp"
#include "tests/support/order_fixture.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::order;

const kernel::caller anonymous;
const stoa::user_id bob{system_ids().next_v7()};

using types = std::vector<std::string>;
kernel::caller staff() {
  return as_user({system_ids().next_v7()}, kernel::role::staff);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(order, order_fixture)

BOOST_AUTO_TEST_CASE(a_placed_order_is_pending_and_published) {
  auto m = order_of(ann);
  auto view = run(m, as_user(ann)).value();
  BOOST_TEST((view.status == order_status::Pending));
  BOOST_TEST(view.total_amount.amount == 3098);
  BOOST_REQUIRE(view.items.size() == 2U);
  BOOST_TEST(view.items[0].line_total.amount + view.items[1].line_total.amount == 3098);
  BOOST_REQUIRE(view.status_history.size() == 1U);
  BOOST_TEST(view.status_history[0].actor == ann.str());
  BOOST_REQUIRE(events.size() == 1U);
  auto published = json::read_lenient<order_placed>(events[0]->payload);
  BOOST_REQUIRE(published.has_value());
  BOOST_TEST(published->order.lines.size() == 2U);
  BOOST_TEST((published->instrument_id == m.instrument_id));
  BOOST_TEST((events[0]->aggregate_id == m.order_id.value));
}

BOOST_AUTO_TEST_CASE(one_state_of_a_cart_makes_one_order) {
  auto m = order_of();
  BOOST_REQUIRE(run(m));
  auto again = m;
  again.order_id = {system_ids().next_v7()};
  BOOST_TEST(code_of(run(again)) == "cart_already_ordered");
  // After the cancellation the same cart may be ordered again.
  apply(catalog::stock_rejected{m.order_id, {}, "sold out"});
  BOOST_TEST(run(again).has_value());
  BOOST_TEST(code_of(run(m)) == "order_exists");
}

BOOST_AUTO_TEST_CASE(a_guest_has_a_bounded_number_of_pending_orders) {
  const auto guests = [&](std::int64_t client) {
    auto m = order_of();
    m.guest = client;
    return m;
  };
  std::vector<stoa::order_id> held;
  for (int i = 0; i < 5; ++i) {
    auto m = guests(7);
    held.push_back(m.order_id);
    BOOST_TEST(run(m).has_value());
  }
  BOOST_TEST(code_of(run(guests(7))) == "too_many_pending_orders");
  BOOST_TEST(status_of(run(guests(7))) == 429);
  BOOST_TEST(run(guests(8)).has_value());
  BOOST_TEST(run(order_of()).has_value());  // nothing limits it
  // Every decision on an order allows another one.
  paid(held[0]);
  BOOST_TEST(run(guests(7)).has_value());
  BOOST_TEST(code_of(run(guests(7))) == "too_many_pending_orders");
  apply(catalog::stock_rejected{held[1], {}, "sold out"});
  apply(payment::payment_failed{{}, held[2], "card_declined", "No."});
  BOOST_TEST(run(guests(7)).has_value());
  BOOST_TEST(run(guests(7)).has_value());
  BOOST_TEST(code_of(run(guests(7))) == "too_many_pending_orders");
  time.advance(seconds{601});
  sweep();
  // Only the declined one is still counted, for its held goods; the client's next order ends that.
  BOOST_TEST(number("SELECT count(*) FROM orders WHERE pending_client IS NOT NULL") == 1);
  BOOST_TEST(run(guests(7)).has_value());
  BOOST_TEST(number("SELECT count(*) FROM orders WHERE pending_client IS NOT NULL") == 1);
}

BOOST_AUTO_TEST_CASE(pending_orders_of_one_batch_count_too) {
  std::vector<place_order> all;
  for (int i = 0; i < 8; ++i) {
    all.push_back(order_of());
    all.back().guest = 7;
  }
  int placed_now = 0;
  for (const auto& r : run_batch(all)) placed_now += r ? 1 : 0;
  BOOST_TEST(placed_now == 5);
}

BOOST_AUTO_TEST_CASE(an_account_has_separate_limits) {
  for (int i = 0; i < 20; ++i) BOOST_TEST(run(order_of(ann), as_user(ann)).has_value());
  BOOST_TEST(code_of(run(order_of(ann), as_user(ann))) == "too_many_pending_orders");
  BOOST_TEST(run(order_of(bob), as_user(bob)).has_value());
}

BOOST_AUTO_TEST_CASE(an_order_has_a_bounded_number_of_units) {
  auto m = order_of();
  m.lines[0].quantity = 99;
  BOOST_TEST(run(m).has_value());
  m = order_of();
  m.lines[0].quantity = 100;  // and a cap
  BOOST_TEST(run(m).has_value());
  m = order_of();
  m.guest = 7;
  m.lines[0].quantity = 100;
  BOOST_TEST(code_of(run(m)) == "order_too_large");
  m.lines[0].quantity = 99;
  BOOST_TEST(run(m).has_value());
  m = order_of(ann);
  m.lines[0].quantity = 1000;
  BOOST_TEST(code_of(run(m)) == "order_too_large");
  m.lines[0].quantity = 999;
  BOOST_TEST(run(m).has_value());
}

BOOST_AUTO_TEST_CASE(a_refusal_for_now_is_not_remembered_under_the_key) {
  auto context = context_of(anonymous);
  for (int i = 0; i < 5; ++i) {
    auto m = order_of();
    m.guest = 7;
    BOOST_TEST(run(m).has_value());
    if (i == 0) context.request_id = m.order_id.str();
  }
  context.idempotency_scope = "scope";
  context.fingerprint = "request";
  auto sixth = order_of();
  sixth.guest = 7;
  BOOST_TEST(code_of(run(sixth, context)) == "too_many_pending_orders");
  paid(*stoa::order_id::parse(context.request_id));
  BOOST_TEST(run(sixth, context).has_value());
  BOOST_TEST(run(sixth, context).has_value());
  BOOST_TEST(last_replayed);
}

BOOST_AUTO_TEST_CASE(payment_confirms_and_a_second_word_of_it_changes_nothing) {
  auto id = placed();
  emitted();
  BOOST_TEST(!paid(id));
  BOOST_TEST((status(id) == order_status::Confirmed));
  BOOST_TEST((emitted() == types{"order.confirmed"}));
  BOOST_TEST(!paid(id));
  BOOST_TEST(emitted().empty());
  BOOST_TEST(now(id).status_history.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_fails_cancels_with_its_reason) {
  auto sold_out = placed();
  auto declined = placed();
  auto late = placed();
  emitted();
  BOOST_TEST(!apply(catalog::stock_rejected{sold_out, {}, "Only 1 of 2 are available."}));
  BOOST_TEST(!apply(payment::payment_failed{{}, declined, "card_declined", "No."}));
  BOOST_TEST(!apply(catalog::reservation_expired{late}));
  BOOST_TEST(now(sold_out).cancel_code.value() == "stock_rejected");
  BOOST_TEST(now(declined).cancel_code.value() == "payment_failed");
  BOOST_TEST(now(declined).status_history.back().reason.value() ==
             "card_declined: The payment was declined.");
  BOOST_TEST(now(late).cancel_code.value() == "timeout");
  const auto published = json::read_lenient<order_cancelled>(events.at(1)->payload).value();
  BOOST_TEST(published.failure_code.value_or("") == "card_declined");
  BOOST_TEST(!json::read_lenient<order_cancelled>(events.at(2)->payload).value().failure_code);
  BOOST_TEST((emitted() == types(3, "order.cancelled")));
}

BOOST_AUTO_TEST_CASE(what_comes_too_late_changes_nothing) {
  auto off = placed();
  apply(catalog::stock_rejected{off, {}, "sold out"});
  auto on = confirmed();
  emitted();
  BOOST_TEST(!paid(off));  // The Payment service refunds it.
  BOOST_TEST(!apply(payment::payment_failed{{}, on, "x", "y"}));
  BOOST_TEST(!apply(catalog::stock_rejected{on, {}, "z"}));
  BOOST_TEST(!apply(catalog::reservation_expired{on}));
  BOOST_TEST((status(off) == order_status::Cancelled));
  BOOST_TEST((status(on) == order_status::Confirmed));
  BOOST_TEST(emitted().empty());
}

/// An order lost in a failover. Its payment must not be forgotten: the event is rejected and
/// becomes a dead letter.
BOOST_AUTO_TEST_CASE(events_about_unknown_orders_are_done_with_unless_money_was_taken) {
  stoa::order_id unknown{system_ids().next_v7()};
  const auto refused = paid(unknown);
  BOOST_REQUIRE(refused.has_value());
  BOOST_TEST((refused->kind == problem_kind::not_found));
  BOOST_TEST(!apply(payment::payment_refunded{{}, unknown, {1, "EUR"}}));
  BOOST_TEST(!apply(catalog::stock_rejected{unknown, {}, ""}));
  BOOST_TEST(events.empty());
}

BOOST_AUTO_TEST_CASE(every_illegal_step_is_refused_and_names_the_state) {
  auto id = placed();
  BOOST_TEST(status_of(run(ship_order{id, {}}, staff())) == 409);
  BOOST_TEST(status_of(run(deliver_order{id, {}}, staff())) == 409);
  paid(id);
  BOOST_TEST(status_of(run(deliver_order{id, {}}, staff())) == 409);
  BOOST_TEST(run(ship_order{id, {}}, staff()).has_value());
  auto refused = run(cancel_order{id, true, {}}, anonymous);
  BOOST_TEST(code_of(refused) == "illegal_transition");
  BOOST_TEST(refused.error().detail.find("Shipped") != std::string::npos);
  BOOST_TEST(run(deliver_order{id, {}}, staff()).has_value());
  BOOST_TEST(status_of(run(ship_order{id, {}}, staff())) == 409);
  BOOST_TEST(status_of(run(cancel_order{id, true, {}}, staff())) == 409);
  BOOST_TEST(
      (emitted() == types{"order.placed", "order.confirmed", "order.shipped", "order.delivered"}));
}

BOOST_AUTO_TEST_CASE(the_table_of_rules) {
  int legal = 0;
  for (int from = 0; from < 5; ++from) {
    for (int to = 0; to < 5; ++to) {
      legal += may_become(static_cast<order_status>(from), static_cast<order_status>(to)) ? 1 : 0;
    }
  }
  BOOST_TEST(legal == 5);
  BOOST_TEST(!may_become(order_status::Cancelled, order_status::Confirmed));
  BOOST_TEST(!may_become(order_status::Shipped, order_status::Cancelled));
}

BOOST_AUTO_TEST_CASE(another_users_order_does_not_exist) {
  auto anns = confirmed(ann);
  auto guests = confirmed();
  for (auto who : {anonymous, as_user(bob)}) {
    BOOST_TEST(status_of(read(get_order{anns, true}, who)) == 404);
    BOOST_TEST(status_of(run(cancel_order{anns, true, {}}, who)) == 404);
    BOOST_TEST(status_of(read(get_order{guests, false}, who)) == 404);
    BOOST_TEST(status_of(run(cancel_order{guests, false, {}}, who)) == 404);
  }
  BOOST_TEST(read(get_order{anns, false}, as_user(ann)).has_value());
  BOOST_TEST(read(get_order{guests, true}, anonymous).has_value());
  BOOST_TEST(read(get_order{anns, false}, staff()).has_value());
  BOOST_TEST((read(get_order{anns, true}, anonymous).error() ==
              read(get_order{{system_ids().next_v7()}, true}, anonymous).error()));
}

BOOST_AUTO_TEST_CASE(the_actor_of_a_cancellation_is_recorded) {
  auto id = confirmed(ann);
  auto other = placed();
  emitted();
  BOOST_TEST(run(cancel_order{id, false, "too slow"}, as_user(ann)).has_value());
  BOOST_TEST(run(cancel_order{other, false, {}}, staff()).has_value());
  BOOST_TEST(now(id).cancel_code.value() == "customer");
  BOOST_TEST(now(id).status_history.back().reason.value() == "too slow");
  BOOST_TEST(now(other).cancel_code.value() == "staff");
  BOOST_TEST((emitted() == types(2, "order.cancelled")));
}

BOOST_AUTO_TEST_CASE(a_refund_is_passed_on) {
  auto id = confirmed();
  run(cancel_order{id, true, {}}, anonymous);
  emitted();
  BOOST_TEST(!apply(payment::payment_refunded{{}, id, {3098, "EUR"}}));
  BOOST_REQUIRE(events.size() == 1U);
  auto published = json::read_lenient<order_refunded>(events[0]->payload);
  BOOST_TEST(published.value().amount.amount == 3098);
}

BOOST_AUTO_TEST_CASE(the_sweep_cancels_what_has_been_pending_for_too_long) {
  auto old = placed();
  auto done = confirmed();
  time.advance(seconds{599});
  auto young = placed();
  BOOST_TEST(sweep() == 0U);
  time.advance(seconds{2});
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST(now(old).cancel_code.value() == "timeout");
  BOOST_TEST((status(done) == order_status::Confirmed));
  BOOST_TEST((status(young) == order_status::Pending));
  BOOST_TEST(
      run(expire_order{done}, as_system()).has_value());  // Confirmed since the sweep saw it.
  BOOST_TEST((status(done) == order_status::Confirmed));
}

BOOST_AUTO_TEST_CASE(a_history_keeps_its_order_when_the_clock_is_set_back) {
  time.advance(std::chrono::hours{1});  // A node that is ahead places it,
  const auto id = placed();
  time.set(time.now() - std::chrono::hours{1});  // One with the right time continues.
  paid(id);
  run(ship_order{id, {}, {}}, as_system()).value();
  const auto history = now(id).status_history;
  BOOST_REQUIRE(history.size() == 3u);
  BOOST_TEST((history[0].status == order_status::Pending));
  BOOST_TEST((history[1].status == order_status::Confirmed));
  BOOST_TEST((history[2].status == order_status::Shipped));
  BOOST_TEST((history[0].changed_at > history[1].changed_at));
}

BOOST_AUTO_TEST_CASE(an_order_of_a_clock_that_was_ahead_is_not_pending_for_longer) {
  time.advance(std::chrono::hours{1});
  const auto id = placed();
  time.set(time.now() - std::chrono::hours{1});
  sweep();  // Its deadline starts now.
  BOOST_TEST((status(id) == order_status::Pending));
  time.advance(seconds{599});
  BOOST_TEST(sweep() == 0u);
  time.advance(seconds{2});
  sweep();
  BOOST_TEST(now(id).cancel_code.value() == "timeout");
}

BOOST_AUTO_TEST_CASE(lists_contain_the_users_orders_newest_first_page_by_page) {
  std::vector<stoa::order_id> mine;
  for (int i = 0; i < 5; ++i) {
    mine.push_back(placed(ann));
    placed(bob);
  }
  list_orders_query q;
  q.limit = 2;
  std::vector<stoa::order_id> got;
  for (int pages = 0; pages < 5; ++pages) {
    auto page = read(q, as_user(ann)).value();
    for (const auto& o : page.data) got.push_back(o.order_id);
    if (!page.next_cursor.value) break;
    q.before = stoa::order_id::parse(*page.next_cursor.value);
  }
  std::reverse(got.begin(), got.end());
  BOOST_TEST((got == mine));
  paid(mine[1]);
  list_orders_query by_status;
  by_status.status = order_status::Confirmed;
  BOOST_TEST(read(by_status, as_user(ann)).value().data.size() == 1U);
  by_status.all = true;
  BOOST_TEST(read(by_status, staff()).value().data.size() == 1U);
}

BOOST_AUTO_TEST_CASE(staff_keep_metadata_with_an_order) {
  auto m = order_of(ann);
  m.metadata = metadata{{"campaign", "spring"}, {"gift", "yes"}};
  const auto placed_order = run(m, as_user(ann)).value();
  BOOST_TEST((placed_order.metadata == *m.metadata));
  events.clear();
  const auto change = [&](metadata_change entries) {
    return update_order{m.order_id, {{true, std::move(entries)}}};
  };
  BOOST_TEST(status_of(run(change({{"gift", {"no"}}}), as_user(ann))) == 404);
  time.advance(seconds{1});
  const auto changed = run(change({{"gift", {}}, {"erp", {"A7"}}}), staff()).value();
  BOOST_TEST((changed.metadata == metadata{{"campaign", "spring"}, {"erp", "A7"}}));
  BOOST_TEST((changed.updated_at == time.now()));
  BOOST_TEST((now(m.order_id).metadata == changed.metadata));
  BOOST_TEST(events.empty());
  metadata_change many;
  for (int i = 0; i < 49; ++i) many["k" + std::to_string(i)] = {"x"};
  BOOST_TEST(status_of(run(change(many), staff())) == 422);
  // In any status, and status changes preserve it.
  paid(m.order_id);
  BOOST_TEST(run(change({{"erp", {""}}}), staff()).value().metadata.size() == 1U);
  BOOST_TEST(run(ship_order{m.order_id, {}}, staff()).value().metadata.size() == 1U);
  BOOST_TEST(status_of(run(update_order{{system_ids().next_v7()}, {}}, staff())) == 404);
}

BOOST_AUTO_TEST_CASE(lookups_keep_to_who_asks) {
  auto m = order_of(ann);
  m.email = "Info@Ex\u00e4mple.de";
  run(m, as_user(ann)).value();
  placed(bob);
  const auto number = now(m.order_id).order_number;
  const auto found = [&](list_orders_query q, const kernel::caller& who) {
    q.count = true;
    const auto page = read(q, who).value();
    BOOST_TEST(page.total.value_or(-1) == static_cast<std::int64_t>(page.data.size()));
    return page.data.size();
  };
  list_orders_query q;
  q.order_number = number;
  BOOST_TEST(found(q, as_user(ann)) == 1U);
  BOOST_TEST(found(q, as_user(bob)) == 0U);
  q.all = true;
  BOOST_TEST(found(q, staff()) == 1U);
  q.order_number = "no number";
  BOOST_TEST(read(q, staff()).value().data.empty());
  q.order_number.reset();
  for (const auto* address : {"info@xn--exmple-cua.de", " INFO@EX\u00c4MPLE.DE "}) {
    q.email = address;
    BOOST_TEST(found(q, staff()) == 1U, address);
  }
  q.email = "ann@example.org";
  q.statuses = std::vector{order_status::Pending, order_status::Shipped};
  BOOST_TEST(found(q, staff()) == 1U);
  q.statuses = std::vector{order_status::Shipped};
  BOOST_TEST(found(q, staff()) == 0U);
}

BOOST_AUTO_TEST_CASE(a_checkout_is_found_again_by_its_key) {
  kernel::call_context context;
  context.idempotency_scope = "guest/checkout/k";
  context.fingerprint = "f";
  auto find = [&] {
    return kernel::read_one(service, find_checkout{}, context, *database).value();
  };
  BOOST_TEST(!find().found);
  auto m = order_of();
  BOOST_REQUIRE(run(m, context));
  paid(m.order_id);
  BOOST_REQUIRE(find().placed.has_value());
  BOOST_TEST((find().placed->status == order_status::Confirmed));  // Its current state.
  // Too late to reject it: the checkout route then reads it again.
  BOOST_TEST(run(refuse_checkout{not_found("cart")}, context).has_value());
  context.fingerprint = "other";
  BOOST_TEST(find().found);
  BOOST_TEST(!find().same_request);
  BOOST_TEST(!find().placed.has_value());
  context = {};
  context.idempotency_scope = "again";
  BOOST_TEST(code_of(run(m, context)) == "order_exists");
  BOOST_TEST(find().refused.value().code == "order_exists");
}

BOOST_AUTO_TEST_CASE(a_guests_order_is_claimed_once) {
  const auto id = placed();
  const stoa::user_id bob{system_ids().next_v7()};
  BOOST_TEST(status_of(run(claim_order{id})) == 404);
  BOOST_TEST((run(claim_order{id}, as_user(ann))->user_id == ann));
  BOOST_TEST((run(claim_order{id}, as_user(ann))->user_id == ann));
  BOOST_TEST(code_of(run(claim_order{id}, as_user(bob))) == "order_claimed");
  BOOST_TEST(status_of(run(claim_order{{system_ids().next_v7()}}, as_user(ann))) == 404);
  list_orders_query mine;
  BOOST_TEST(read(mine, as_user(ann)).value().data.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
