// The Payment service's statements, on each database.

#include "storage/payment/payment_store.hpp"

#include "storage/db/migrate.hpp"
#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>

using namespace stoa;
using namespace stoa::payment;

namespace {

struct fixture {
  template <class R>
  void save(const R& record) {
    std::vector<db::value> values;
    db::write_record(record, values);
    c->execute(db::statement{&db::statements_of<R>().insert, std::move(values)});
  }
  payment_row payment(payment_status status = payment_status::Pending,
                      open_effect effect = open_effect::None, timestamp next = {}) {
    payment_row p;
    p.payment_id = {system_ids().next_v7()};
    p.order_id = {system_ids().next_v7()};
    p.payment_method = "card";
    p.gateway = "sandbox";
    p.sealed_token = "sealed";
    p.token_hint = "tok_***sa";
    p.amount = {1299, "EUR"};
    p.status = status;
    p.effect = effect;
    p.next_attempt_at = next;
    p.created_at = p.updated_at = {1000};
    return p;
  }
  void script(const std::string& text) { c->run_script(text); }

  std::unique_ptr<db::connection> c = test::fresh_database("payment");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(payment_store, fixture)

BOOST_AUTO_TEST_CASE(a_payment_comes_back_as_it_was_saved) {
  auto p = payment(payment_status::Refunded, open_effect::Refund, {77});
  p.user_id = stoa::user_id{system_ids().next_v7()};
  p.refunded_amount = money{500, "EUR"};
  p.transaction_id = "ch_1";
  p.failure_code = "why";
  p.order_cancelled = true;
  p.attempts = 3;
  save(p);
  auto found = read_payment(*c, p.payment_id);
  BOOST_REQUIRE(found);
  BOOST_TEST(json::write(*found) == json::write(p));
  auto bare = payment();
  save(bare);
  BOOST_TEST(json::write(*read_payment(*c, bare.payment_id)) == json::write(bare));
  BOOST_TEST(!read_payment(*c, {system_ids().next_v7()}));
  auto of_order = payments_of_order(*c, p.order_id);
  BOOST_REQUIRE(of_order.size() == 1u);
  BOOST_TEST(of_order[0].payment_id.str() == p.payment_id.str());
}

BOOST_AUTO_TEST_CASE(an_order_has_one_payment) {
  auto p = payment();
  save(p);
  auto second = payment();
  second.order_id = p.order_id;
  BOOST_CHECK_EXCEPTION(save(second), db::error,
                        [](const db::error& e) { return e.kind() == db::error_kind::unique; });
}

BOOST_AUTO_TEST_CASE(more_than_was_paid_is_not_refunded) {
  auto p = payment();
  p.refunded_amount = money{1300, "EUR"};
  BOOST_CHECK_EXCEPTION(save(p), db::error,
                        [](const db::error& e) { return e.kind() == db::error_kind::constraint; });
}

BOOST_AUTO_TEST_CASE(lists_are_newest_first_and_go_on_behind_a_payment) {
  std::vector<payment_row> all;
  for (int i = 0; i < 5; ++i) {
    all.push_back(payment(i % 2 == 0 ? payment_status::Completed : payment_status::Failed));
    save(all.back());
  }
  auto first = list_payments(*c, {std::nullopt, std::nullopt, 3});
  BOOST_REQUIRE(first.size() == 3u);
  BOOST_TEST(first[0].payment_id.str() == all[4].payment_id.str());
  auto rest = list_payments(*c, {std::nullopt, first[2].payment_id, 3});
  BOOST_REQUIRE(rest.size() == 2u);
  BOOST_TEST(rest[1].payment_id.str() == all[0].payment_id.str());
  auto failed = list_payments(*c, {payment_status::Failed, std::nullopt, 10});
  BOOST_REQUIRE(failed.size() == 2u);
  BOOST_TEST(failed[0].payment_id.str() == all[3].payment_id.str());
  BOOST_TEST(list_payments(*c, {payment_status::Pending, std::nullopt, 10}).empty());
}

BOOST_AUTO_TEST_CASE(what_is_due_is_found_the_longest_waiting_first) {
  auto later = payment(payment_status::Pending, open_effect::Authorize, {300});
  auto second = payment(payment_status::Completed, open_effect::Refund, {200});
  auto first = payment(payment_status::Pending, open_effect::Void, {100});
  auto closed = payment(payment_status::Completed, open_effect::None, {});
  for (const auto& p : {later, second, first, closed}) save(p);
  auto due = due_payments(*c, {200}, {1000}, 10);
  BOOST_REQUIRE(due.size() == 2u);
  BOOST_TEST(due[0].str() == first.payment_id.str());
  BOOST_TEST(due[1].str() == second.payment_id.str());
  BOOST_TEST(due_payments(*c, {200}, {1000}, 1).size() == 1u);
  BOOST_TEST(due_payments(*c, {99}, {1000}, 10).empty());
  // Scheduled by a clock that was ahead.
  BOOST_TEST(due_payments(*c, {99}, {300}, 10).empty());
  BOOST_TEST(due_payments(*c, {99}, {299}, 10).front().str() == later.payment_id.str());
  BOOST_TEST(open_payments(*c, 10).size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_log_is_only_added_to) {
  auto p = payment();
  save(p);
  // Approved on a node whose clock is behind: its id and time come first, its number does not.
  save(payment_log_row{{system_ids().next_v7()}, p.payment_id, "charge_approved", {}, {4}, 2});
  payment_log_row row{{system_ids().next_v7()}, p.payment_id, "charge_requested", {}, {5}, 1};
  row.details.key = "k";
  row.details.amount = money{1299, "EUR"};
  save(row);
  auto found = read_payment_log(*c, p.payment_id);
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST(json::write(found[0]) == json::write(row));
  BOOST_TEST(found[1].event == "charge_approved");
  BOOST_CHECK_THROW(script("UPDATE payment_logs SET event='x'"), db::error);
  BOOST_CHECK_THROW(script("DELETE FROM payment_logs"), db::error);
  BOOST_TEST(read_payment_log(*c, p.payment_id).size() == 2u);
}

BOOST_AUTO_TEST_CASE(attempts_and_refunds_survive_a_round_trip) {
  auto p = payment(payment_status::PartiallyRefunded, open_effect::Refund, {9});
  save(p);
  attempt_row a;
  a.payment_id = p.payment_id;
  a.number = 2;
  a.operation = open_effect::Refund;
  a.gateway = "sandbox";
  a.gateway_key = "refund:1";
  a.amount = {5, "EUR"};
  a.state = attempt_state::accepted;
  a.calls = 3;
  a.transaction_id = "re_1";
  a.code = "slow";
  a.refund_id = stoa::refund_id{system_ids().next_v7()};
  refund_row r;
  r.refund_id = *a.refund_id;
  r.payment_id = p.payment_id;
  r.amount = {5, "EUR"};
  r.reason = "broken";
  r.requested_by = "staff";
  r.status = refund_status::Declined;
  r.failure_code = "refund_declined";
  save(a);
  save(r);
  const auto attempts = read_attempts(*c, p.payment_id);
  BOOST_REQUIRE(attempts.size() == 1u);
  BOOST_TEST(json::write(attempts[0]) == json::write(a));
  const auto refunds = read_refunds(*c, p.payment_id);
  BOOST_REQUIRE(refunds.size() == 1u);
  BOOST_TEST(json::write(refunds[0]) == json::write(r));
  r.refund_id = {system_ids().next_v7()};
  r.amount.amount = 0;
  BOOST_CHECK_THROW(save(r), db::error);
}

BOOST_AUTO_TEST_CASE(the_oldest_pending_payment_is_known_by_its_time) {
  auto settled = payment(payment_status::Completed);
  auto first = payment(payment_status::Pending, open_effect::Authorize);
  auto second = payment(payment_status::Pending, open_effect::Authorize);
  settled.created_at = {100};
  first.created_at = {200};
  second.created_at = {300};
  save(settled);
  BOOST_TEST(!oldest_pending(*c));
  save(second);
  save(first);
  BOOST_TEST(oldest_pending(*c).value().us == 200);
}

BOOST_AUTO_TEST_CASE(captures_of_authorised_payments_are_found_by_their_payments) {
  auto first = payment(payment_status::Completed);
  auto second = payment(payment_status::Completed);
  save(first);
  save(second);
  const auto add = [&](const payment_row& p, open_effect operation, attempt_state state) {
    attempt_row a;
    a.payment_id = p.payment_id;
    a.number = operation == open_effect::Capture ? 2 : 1;
    a.operation = operation;
    a.gateway = p.gateway;
    a.gateway_key = p.payment_id.str();
    a.amount = p.amount;
    a.state = state;
    a.transaction_id = "of " + std::string(enum_name(operation));
    a.created_at = a.updated_at = {100};
    save(a);
  };
  add(first, open_effect::Authorize, attempt_state::succeeded);
  add(first, open_effect::Capture, attempt_state::succeeded);
  add(second, open_effect::Capture, attempt_state::declined);
  const auto [low, high] = std::minmax(first.payment_id, second.payment_id);
  const auto found = captures_between(*c, low, high);
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(found.at(first.payment_id) == "of Capture");
}

BOOST_AUTO_TEST_CASE(earlier_captures_and_refunds_are_posted_by_the_migration) {
  script(
      "DROP TABLE ledger_postings; DROP TABLE gateway_reviews; DROP TABLE payment_disputes;"
      "DROP TABLE ledger_balances; DROP INDEX payments_transaction;"
      "DROP INDEX payment_refunds_created");
  if (test::chosen_backend() == test::backend::postgres) {
    script("DROP FUNCTION sum_ledger_postings");
  }
  auto paid = payment(payment_status::Refunded);
  paid.refunded_amount = paid.amount;
  save(paid);
  save(payment(payment_status::Failed));
  auto free = payment(payment_status::Completed);
  free.amount.amount = 0;
  save(free);
  refund_row r;
  r.refund_id = {paid.payment_id.value};  // of a cancelled order
  r.payment_id = paid.payment_id;
  r.amount = paid.amount;
  r.reason = "cancelled";
  r.requested_by = "system";
  r.status = refund_status::Succeeded;
  r.tries = 2;
  save(r);
  const std::string dialect =
      test::chosen_backend() == test::backend::postgres ? "postgres" : "sqlite";
  for (const auto& m : db::all_migrations()) {
    if (m.module == "payment" && m.dialect == dialect &&
        (m.name == "ledger" || m.name == "ledger_balances")) {
      script(std::string(m.text));
    }
  }
  const auto rows = read_postings(*c, paid.payment_id);
  BOOST_REQUIRE(rows.size() == 4u);
  std::int64_t sum = 0;
  for (const auto& row : rows) sum += row.amount.amount;
  BOOST_TEST(sum == 0);
  std::map<std::string, std::int64_t> sums;
  for (const auto& row : rows) sums[row.operation + " " + row.account] = row.amount.amount;
  const auto refund = "refund:" + r.refund_id.str() + "#2 ";
  BOOST_TEST(sums["capture gateway_receivable:sandbox"] == 1299);
  BOOST_TEST(sums["capture sales"] == -1299);
  BOOST_TEST(sums[refund + "refunds"] == 1299);
  BOOST_TEST(sums[refund + "gateway_receivable:sandbox"] == -1299);
  const auto balances = read_balances(*c);
  BOOST_REQUIRE(balances.size() == 3u);
  BOOST_TEST(balances[0].account == "gateway_receivable:sandbox");
  BOOST_TEST(balances[0].amount.amount == 0);
  BOOST_TEST(balances[1].amount.amount == 1299);
  BOOST_TEST(balances[2].amount.amount == -1299);
}

BOOST_AUTO_TEST_CASE(disputes_and_reviews_survive_a_round_trip) {
  auto p = payment(payment_status::Completed);
  p.transaction_id = "pi_1";
  save(p);
  dispute_row d;
  d.dispute_id = {system_ids().next_v7()};
  d.payment_id = p.payment_id;
  d.gateway = "stripe";
  d.reference = "dp_1";
  d.amount = {7, "EUR"};
  d.funds_withdrawn = true;
  d.respond_by = timestamp{5};
  save(d);
  BOOST_TEST(json::write(read_disputes(*c, p.payment_id).at(0)) == json::write(d));
  d.dispute_id = {system_ids().next_v7()};
  BOOST_CHECK_EXCEPTION(save(d), db::error,
                        [](const db::error& e) { return e.kind() == db::error_kind::unique; });
  d.reference = "dp_2";
  d.status = dispute_status::Lost;
  save(d);
  d.dispute_id = {system_ids().next_v7()};
  d.reference = "dp_3";
  save(d);
  std::string counts;
  for (const auto& n : count_disputes(*c)) {
    counts +=
        n.gateway + " " + std::string(enum_name(n.status)) + " " + std::to_string(n.count) + "; ";
  }
  BOOST_TEST(counts == "stripe Lost 2; stripe Open 1; ");
  save(review_row{p.payment_id, 1, 0, {50}, 0});
  BOOST_TEST(due_reviews(*c, {49}, {100}, 10).empty());
  BOOST_TEST(due_reviews(*c, {50}, {100}, 10).size() == 1u);
  BOOST_TEST(due_reviews(*c, {10}, {49}, 10).size() == 1u);  // By a clock that was ahead.
  BOOST_TEST(payment_of_transaction(*c, "sandbox", "pi_1")->payment_id.str() == p.payment_id.str());
  BOOST_TEST(!payment_of_transaction(*c, "stripe", "pi_1"));
}

BOOST_AUTO_TEST_CASE(methods_at_gateways_survive_a_round_trip_and_are_found_when_due) {
  saved_method_row m;
  m.payment_method_id = {system_ids().next_v7()};
  m.user_id = {system_ids().next_v7()};
  m.payment_method = "card";
  m.gateway = "stripe";
  m.sealed_token = "sealed";
  m.expires_at = timestamp{50};
  m.customer_id = "cus_1";
  m.brand = "visa";
  m.last4 = "4242";
  m.exp_month = 12;
  m.exp_year = 2040;
  save(m);
  BOOST_TEST(read_saved_methods(*c, m.user_id).empty());
  const auto found = read_saved_method(*c, m.payment_method_id);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->brand.value() + found->last4.value() + found->customer_id.value() ==
             "visa4242cus_1");
  BOOST_TEST(found->exp_year.value() == 2040);
  BOOST_TEST(!read_saved_method(*c, {system_ids().next_v7()}));

  method_operation_row o;
  o.payment_method_id = m.payment_method_id;
  o.user_id = m.user_id;
  o.gateway = "stripe";
  o.next_attempt_at = {50};
  save(o);
  BOOST_TEST(due_method_operations(*c, {49}, {100}, 10).empty());
  BOOST_TEST(due_method_operations(*c, {50}, {100}, 10).size() == 1u);
  BOOST_TEST(due_method_operations(*c, {10}, {49}, 10).size() == 1u);  // By a clock that was ahead.

  gateway_customer_row kept;
  kept.user_id = m.user_id;
  kept.gateway = "stripe";
  kept.customer_id = "cus_1";
  save(kept);
  BOOST_TEST(due_customers(*c, {50}, {100}, 10).empty());
  auto removed = kept;
  removed.user_id = {system_ids().next_v7()};
  removed.removing = true;
  removed.next_attempt_at = {50};
  save(removed);
  BOOST_TEST(due_customers(*c, {49}, {100}, 10).empty());
  const auto due = due_customers(*c, {50}, {100}, 10);
  BOOST_REQUIRE(due.size() == 1u);
  BOOST_TEST(due[0].user_id.str() == removed.user_id.str());
  BOOST_TEST(due[0].gateway == "stripe");
}

BOOST_AUTO_TEST_CASE(the_records_of_a_period_are_listed_by_gateway) {
  const timestamp now = system_time().now();
  auto first = payment(payment_status::Completed);
  auto second = payment(payment_status::Completed);
  auto other = payment(payment_status::Completed);
  other.gateway = "stripe";
  for (const auto& p : {first, second, other}) save(p);
  const auto ids = [&](timestamp from, timestamp to, std::optional<stoa::payment_id> after) {
    std::string all;
    for (const auto& p : payments_of_period(*c, "sandbox", from, to, after, 10)) {
      all += p.payment_id == first.payment_id ? "1" : p.payment_id == second.payment_id ? "2" : "?";
    }
    return all;
  };
  const auto hour = std::chrono::hours{1};
  BOOST_TEST(ids(now - hour, now + hour, {}) == "12");
  BOOST_TEST(ids(now - hour, now + hour, first.payment_id) == "2");
  BOOST_TEST(ids(now + hour, now + 2 * hour, {}) == "");
  BOOST_TEST(ids(now - 2 * hour, now - hour, {}) == "");
  refund_row r;
  r.refund_id = {system_ids().next_v7()};
  r.payment_id = first.payment_id;
  r.amount = {5, "EUR"};
  r.created_at = now;
  save(r);
  BOOST_TEST(refunds_of_period(*c, "sandbox", now, now + hour, 10).size() == 1u);
  BOOST_TEST(refunds_of_period(*c, "sandbox", now - hour, now, 10).empty());
  BOOST_TEST(refunds_of_period(*c, "stripe", now, now + hour, 10).empty());
}

BOOST_AUTO_TEST_SUITE_END()
