// The ledger of the Payment service, and refunds and disputes that are made at the gateway.

#include "storage/payment/payment_store.hpp"
#include "tests/support/payment_fixture.hpp"

using namespace stoa;
using namespace stoa::payment;

namespace {

const gateway_answer refund_paid{gateway_status::approved, "re_1", "", ""};

struct ledger_fixture : payments {
  void complete(std::int64_t amount = 1299) {
    reserve(amount);
    effects.clear();
    answer(open_effect::Authorize, paid);
  }
  /// "account amount, account amount" of the last entry.
  std::string last_entry() { return entry(detail().ledger.back()); }
  static std::string entry(const ledger_entry_view& e) {
    std::string text = std::string(enum_name(e.kind)) + ":";
    for (const auto& p : e.postings) {
      text += " " + p.account + (p.side == posting_side::debit ? " +" : " -") +
              std::to_string(p.amount.amount);
    }
    return text;
  }
  std::int64_t entries() { return std::ssize(detail().ledger); }
  std::int64_t sum() { return number("SELECT coalesce(sum(amount),0) FROM ledger_postings"); }
  std::string balance(const std::string& account) {
    for (const auto& b : read(get_ledger_balances{}, as_system()).value().data) {
      if (b.account != account) continue;
      return (b.side == posting_side::debit ? "+" : "-") + std::to_string(b.amount.amount);
    }
    return "none";
  }

  refund_view refund(std::int64_t amount) {
    return run(request_refund{row().payment_id, order, money{amount, "EUR"}, "damaged"},
               as_system())
        .value();
  }
  int events_sent = 0;
  /// A webhook about refunds or disputes.
  webhook_outcome notify() {
    return run(receive_webhook{"sandbox", "evt_" + std::to_string(++events_sent), "refund.updated",
                               row().payment_id, order, true})
        .value()
        .outcome;
  }
  read_gateway_activity reading() {
    BOOST_REQUIRE(effects.size() == 1u);
    auto e = effects.front().as<read_gateway_activity>();
    effects.clear();
    return e;
  }
  void answer_review(std::vector<gateway_refund> refunds,
                     std::vector<gateway_dispute> disputes = {}, std::int64_t number = 0) {
    if (number == 0) number = reading().events;
    BOOST_REQUIRE(run(activity_result{row().payment_id, order, number, true, "", refunds, disputes},
                      as_system()));
  }
  void review(std::vector<gateway_refund> refunds, std::vector<gateway_dispute> disputes = {}) {
    BOOST_TEST((notify() == webhook_outcome::applied));
    answer_review(std::move(refunds), std::move(disputes));
  }
  std::int64_t reviews() { return number("SELECT count(*) FROM gateway_reviews"); }

  static gateway_refund theirs(const std::string& id, std::int64_t amount,
                               gateway_refund_status status = gateway_refund_status::succeeded,
                               const std::string& key = "") {
    return {id, key, "", "ch_1", {amount, "EUR"}, status, "", {}};
  }
  static gateway_dispute dispute(dispute_status status, bool withdrawn) {
    return {"dp_1", {1299, "EUR"}, "fraudulent", status, withdrawn, {}, {}};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(payment_ledger, ledger_fixture)

BOOST_AUTO_TEST_CASE(a_capture_and_its_refunds_are_posted_once) {
  reserve();
  BOOST_TEST(entries() == 0);
  effects.clear();
  answer(open_effect::Authorize, paid);
  BOOST_TEST(last_entry() == "capture: gateway_receivable:sandbox +1299 sales -1299");
  answer(open_effect::Authorize, paid);  // A late duplicate.
  BOOST_TEST(entries() == 1);
  const auto part = refund(300);
  answer(open_effect::Refund, refund_paid);
  BOOST_TEST(last_entry() == "refund: refunds +300 gateway_receivable:sandbox -300");
  BOOST_TEST(detail().ledger.back().operation == "refund:" + part.refund_id.str());
  refund(999);
  answer(open_effect::Refund, refused);
  BOOST_TEST(entries() == 2);
  BOOST_TEST(balance("gateway_receivable:sandbox") == "+999");
  BOOST_TEST(balance("sales") == "-1299");
  BOOST_TEST(balance("refunds") == "+300");
  BOOST_TEST(sum() == 0);
}

BOOST_AUTO_TEST_CASE(neither_an_authorisation_nor_a_free_order_is_posted) {
  reserve(0);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(entries() == 0);
}

BOOST_AUTO_TEST_CASE(a_posting_is_never_changed) {
  complete();
  for (const auto* sql : {"UPDATE ledger_postings SET amount=1", "DELETE FROM ledger_postings"}) {
    BOOST_CHECK_THROW(database->run_script(sql), db::error);
  }
  // The same operation cannot be posted twice.
  BOOST_CHECK_THROW(database->run_script(
                        "INSERT INTO ledger_postings SELECT payment_id,line,payment_id,operation,"
                        "kind,account,amount,amount_currency,posted_at FROM ledger_postings"),
                    db::error);
}

BOOST_AUTO_TEST_CASE(a_refund_made_at_the_gateway_is_recorded_once) {
  complete();
  review({theirs("re_9", 400)});
  check(payment_status::PartiallyRefunded, open_effect::None);
  BOOST_TEST(row().refunded_amount.value().amount == 400);
  BOOST_TEST(last_event() == "payment.refunded");
  auto found = detail().refunds.at(0);
  BOOST_TEST(found.requested_by == "gateway");
  BOOST_TEST(found.transaction_id.value() == "re_9");
  BOOST_TEST((found.status == refund_status::Succeeded));
  BOOST_TEST(last_entry() == "refund: refunds +400 gateway_receivable:sandbox -400");
  BOOST_TEST(reviews() == 0);
  review({theirs("re_9", 400)});
  BOOST_TEST(detail().refunds.size() == 1u);
  BOOST_TEST(entries() == 2);
  // A refund of this store stays within what is left.
  BOOST_TEST(run(request_refund{row().payment_id, order, money{900, "EUR"}, "x"}, as_system())
                 .error()
                 .code == "refund_exceeds_captured");
  BOOST_TEST(refund(899).amount.amount == 899);
}

BOOST_AUTO_TEST_CASE(a_refund_of_this_store_is_recognised) {
  complete();
  const auto mine = refund(500);
  const auto key = "refund:" + mine.refund_id.str();
  effects.clear();
  // The gateway reports it before the answer to its request.
  BOOST_TEST((notify() == webhook_outcome::applied));
  for (auto& e : effects) {
    if (e.name() == read_gateway_activity::name) {
      answer_review({theirs("re_1", 500, gateway_refund_status::succeeded, key)}, {},
                    e.as<read_gateway_activity>().events);
      break;
    }
  }
  BOOST_TEST(detail().refunds.size() == 1u);
  check(payment_status::Completed, open_effect::Refund);
  answer(open_effect::Refund, refund_paid);
  BOOST_TEST(row().refunded_amount.value().amount == 500);
  effects.clear();
  review({theirs("re_1", 500, gateway_refund_status::succeeded, key)});
  BOOST_TEST(detail().refunds.size() == 1u);
  BOOST_TEST(entries() == 2);
}

BOOST_AUTO_TEST_CASE(a_refund_that_fails_later_is_reversed_and_can_be_retried) {
  complete();
  const auto mine = refund(1299);
  answer(open_effect::Refund, refund_paid);
  check(payment_status::Refunded, open_effect::None);
  effects.clear();
  auto failed =
      theirs("re_1", 1299, gateway_refund_status::failed, "refund:" + mine.refund_id.str());
  failed.code = "expired_or_canceled_card";
  review({failed});
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(!row().refunded_amount);
  BOOST_TEST(row().failure_code.value() == "refund_expired_or_canceled_card");
  BOOST_TEST((detail().refunds[0].status == refund_status::Declined));
  BOOST_TEST(last_event() == "payment.refund_reversed");
  BOOST_TEST(last_entry() == "refund_reversal: gateway_receivable:sandbox +1299 refunds -1299");
  review({failed});
  BOOST_TEST(entries() == 3);
  BOOST_REQUIRE(run(retry_refund{row().payment_id, order, mine.refund_id}, as_system()));
  BOOST_TEST(call().key == "refund:" + mine.refund_id.str() + "#2");
  answer(open_effect::Refund, {gateway_status::approved, "re_2", "", ""});
  review({theirs("re_2", 1299), failed});
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(entries() == 4);
  BOOST_TEST(balance("refunds") == "+1299");
}

BOOST_AUTO_TEST_CASE(a_pending_refund_made_at_the_gateway_is_reviewed_until_it_is_decided) {
  complete();
  review({theirs("re_9", 400, gateway_refund_status::pending)});
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST((detail().refunds[0].status == refund_status::Pending));
  BOOST_TEST(entries() == 1);
  BOOST_TEST(reviews() == 1);
  BOOST_TEST(refund(899).amount.amount == 899);  // Not requested again, and it counts.
  BOOST_TEST(call().amount.amount == 899);
  answer(open_effect::Refund, refund_paid);
  BOOST_TEST(sweep() == 0u);
  time.advance(std::chrono::hours{1});
  BOOST_TEST(sweep() == 1u);
  answer_review({theirs("re_9", 400)});
  check(payment_status::Refunded, open_effect::None);
  BOOST_TEST(reviews() == 0);
}

BOOST_AUTO_TEST_CASE(a_review_without_an_answer_is_repeated) {
  complete();
  notify();
  auto e = reading();
  BOOST_REQUIRE(run(activity_result{row().payment_id, order, e.events, false, "timeout", {}, {}},
                    as_system()));
  BOOST_TEST(sweep() == 0u);
  time.advance(options.retry_min);
  BOOST_TEST(sweep() == 1u);
  BOOST_TEST(reading().events == e.events);
  // A crash loses the call: the sweep starts it again.
  time.advance(options.gateway_timeout + options.gateway_margin);
  BOOST_TEST(sweep() == 1u);
  // A change during the review starts another one.
  notify();
  effects.clear();
  answer_review({}, {}, e.events);
  BOOST_TEST(reading().events == e.events + 1);
  answer_review({}, {}, e.events + 1);
  BOOST_TEST(reviews() == 0);
}

BOOST_AUTO_TEST_CASE(what_the_captured_amount_does_not_allow_is_logged_only) {
  complete();
  review({theirs("re_9", 1300)});
  BOOST_TEST(detail().refunds.empty());
  BOOST_TEST(log().back() == "refund_mismatch");
  auto other = theirs("re_8", 5);
  other.amount.currency = "USD";
  review({other});
  BOOST_TEST(detail().refunds.empty());
  BOOST_TEST(entries() == 1);
}

BOOST_AUTO_TEST_CASE(a_dispute_that_is_won_leaves_nothing) {
  complete();
  review({}, {dispute(dispute_status::Open, false)});
  BOOST_TEST(last_event() == "payment.dispute_opened");
  BOOST_TEST(entries() == 1);
  review({}, {dispute(dispute_status::Open, true)});
  BOOST_TEST(last_entry() == "dispute: gateway_receivable:sandbox -1299 disputed +1299");
  review({}, {dispute(dispute_status::Open, true)});
  BOOST_TEST(entries() == 2);
  review({}, {dispute(dispute_status::Won, false)});
  BOOST_TEST(last_event() == "payment.dispute_closed");
  BOOST_TEST(last_entry() == "dispute: gateway_receivable:sandbox +1299 disputed -1299");
  BOOST_TEST(sum() == 0);
  BOOST_TEST(balance("disputed") == "+0");
  const auto shown = detail().disputes.at(0);
  BOOST_TEST(shown.reference == "dp_1");
  BOOST_TEST((shown.status == dispute_status::Won));
  check(payment_status::Completed, open_effect::None);
}

/// Webhooks may arrive in any order: the first one reads the last state.
BOOST_AUTO_TEST_CASE(a_dispute_that_is_lost_is_a_loss_whatever_was_seen_before) {
  complete();
  review({}, {dispute(dispute_status::Lost, true)});
  BOOST_TEST(last_entry() == "dispute: gateway_receivable:sandbox -1299 chargebacks +1299");
  BOOST_REQUIRE(events.size() >= 2u);
  BOOST_TEST(events[events.size() - 2]->type == "payment.dispute_opened");
  BOOST_TEST(last_event() == "payment.dispute_closed");
  const auto closed = json::read<payment_dispute_closed>(events.back()->payload).value();
  BOOST_TEST((closed.outcome == dispute_status::Lost));
  BOOST_TEST(balance("chargebacks") == "+1299");
}

BOOST_AUTO_TEST_CASE(a_payment_is_found_by_the_gateways_reference) {
  complete();
  const auto found = read(get_transaction{"sandbox", "ch_1"}).value();
  BOOST_TEST(found.payment_id.str() == row().payment_id.str());
  BOOST_TEST(found.order_id.str() == order.str());
  BOOST_TEST(!read(get_transaction{"stripe", "ch_1"}));
  BOOST_TEST(!read(get_ledger_balances{}, as_user({system_ids().next_v7()})));
}

BOOST_AUTO_TEST_SUITE_END()
