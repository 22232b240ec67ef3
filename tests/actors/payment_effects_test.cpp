// The runners of external calls: bounded, never concurrent for one record, with a timeout; first
// with the real sandbox and mail folder and the services, then with a misbehaving gateway.

#include "actors/payment/payment_effects.hpp"

#include "actors/payment/payment_service.hpp"
#include "net/gateway/sandbox.hpp"
#include "tests/support/command_inbox.hpp"
#include "tests/support/service_fixture.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toy_sealer.hpp"

#include <map>
#include <thread>

using namespace stoa;
using namespace stoa::payment;
using kernel::any_message;
using std::chrono::steady_clock;
using stoa::test::as_system;

namespace {

/// The Payment service with the real sandbox.
struct shop : test::service_fixture<payment_service> {
  shop() : service_fixture(payment_service(payment_options{})) {
    auto opened = gateways::sandbox::open({.ledger_file = dir / "bank.db"});
    BOOST_REQUIRE(opened.has_value());
    bank = std::move(*opened);
    runner = payment_effects({{"sandbox", bank.get()}}, {}, seal)(answers.sink());
  }

  void reserve(stoa::order_id id, std::string token) {
    const stoa::instrument_id instrument{system_ids().next_v7()};
    BOOST_REQUIRE(run(store_instrument{instrument, id, "card", seal.seal(token), "hint"}));
    BOOST_REQUIRE(!apply(catalog::stock_reserved{id, std::nullopt, {1299, "EUR"}, instrument}));
  }
  void cancel(stoa::order_id id) {
    order::order_cancelled e;
    e.order.order_id = id;
    BOOST_REQUIRE(!apply(e));
  }
  /// What the timer actor does: starts the effects and reports the answers.
  void start() {
    for (const auto& e : std::exchange(effects, {})) runner->start(e, time.now());
  }
  void bring(std::size_t count) {
    for (auto& m : answers.take(count)) {
      kernel::job j;
      j.context.who = as_system();
      j.message = std::move(m);
      writer->add(std::move(j));
    }
    flush();
  }
  payment_view payment(stoa::order_id id) {
    return read(get_order_payments{id}).value().data.at(0);
  }
  gateways::ledger_entry booked(stoa::order_id id) {
    auto key = payment(id).payment_id.str();
    for (const auto& e : gateways::read_ledger(dir / "bank.db")) {
      if (e.key == key) return e;
    }
    BOOST_FAIL("the bank has no charge for the payment");
    return {};
  }

  const test::temp_dir dir;
  const test::toy_sealer seal;
  test::command_inbox answers;
  std::unique_ptr<gateways::sandbox> bank;
  std::unique_ptr<kernel::effect_runner> runner;
  const stoa::order_id order{system_ids().next_v7()};
};

/// A gateway that answers when the test asks for it.
class slow_gateway final : public gateway {
 public:
  void authorize(authorize_request r, callback done) override {
    keep("charge " + r.key, std::move(done));
  }
  void capture(capture_request r, callback done) override {
    keep("capture " + r.key, std::move(done));
  }
  void void_authorization(void_request r, callback done) override {
    keep("cancel " + r.authorization.key, std::move(done));
  }
  void look_up(lookup_request r, callback done) override {
    keep("look up " + r.key, std::move(done));
  }
  void refund(refund_request r, callback done) override {
    keep("refund " + r.key, std::move(done));
  }
  void stop() override {}

  void answer(const std::string& call, const gateway_answer& a) {
    auto found = open.extract(call);
    BOOST_REQUIRE(!found.empty());
    found.mapped()(a);
  }

  std::multimap<std::string, callback> open;
  std::vector<std::string> calls;
  std::optional<gateway_answer> at_once;
  bool throws = false;
  int depth = 0;
  int depth_max = 0;

 private:
  void keep(const std::string& call, callback done) {
    if (throws) throw std::runtime_error("the gateway's client is broken");
    calls.push_back(call);
    depth_max = std::max(depth_max, ++depth);
    if (at_once) {
      done(*at_once);
    } else {
      open.emplace(call, std::move(done));
    }
    --depth;
  }
};

struct slow {
  std::unique_ptr<kernel::effect_runner> make(kernel::effect_limits limits) {
    return payment_effects({{"sandbox", &bank}}, limits, seal)(answers.sink());
  }
  any_message charge(stoa::payment_id id, open_effect operation = open_effect::Authorize,
                     const std::string& token = "tok_visa") {
    call_gateway e;
    e.payment_id = id;
    e.operation = operation;
    e.gateway = "sandbox";
    e.key = e.authorization.key = id.str();
    e.amount = {100, "EUR"};
    e.sealed_token = seal.seal(token);
    return any_message::of(std::move(e));
  }
  gateway_answer only() {
    auto got = answers.take(1);
    BOOST_REQUIRE(got.size() == 1u);
    return got[0].as<gateway_result>().answer;
  }

  const test::toy_sealer seal;
  slow_gateway bank;
  test::command_inbox answers;
  const timestamp now{1'000'000};
  const stoa::payment_id p1{system_ids().next_v7()};
  const stoa::payment_id p2{system_ids().next_v7()};
  const stoa::payment_id p3{system_ids().next_v7()};
  const gateway_answer paid{gateway_status::approved, "ch_1", "", ""};
  const gateway_answer silence{gateway_status::unknown, "", "down", ""};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(payment_and_sandbox, shop)

BOOST_AUTO_TEST_CASE(a_visa_pays_and_is_refunded_when_the_order_is_cancelled) {
  reserve(order, "tok_visa");
  start();
  bring(1);
  BOOST_TEST(enum_name(payment(order).status) == "Completed");
  BOOST_TEST(payment(order).transaction_id.value() == booked(order).transaction_id);
  BOOST_TEST(booked(order).amount.amount == 1299);
  BOOST_TEST(booked(order).order_id == order.str());
  cancel(order);
  start();
  bring(1);
  BOOST_TEST(enum_name(payment(order).status) == "Refunded");
  BOOST_TEST(booked(order).refunded == 1299);
  BOOST_TEST(runner->under_way() == 0u);
}

BOOST_AUTO_TEST_CASE(declined_cards_fail_with_the_banks_code) {
  reserve(order, "tok_chargeDeclinedInsufficientFunds");
  start();
  bring(1);
  BOOST_TEST(enum_name(payment(order).status) == "Failed");
  BOOST_TEST(payment(order).failure_code.value_or("") == "insufficient_funds");
  BOOST_TEST(events.back()->type == "payment.failed");
}

BOOST_AUTO_TEST_CASE(a_timeout_that_turns_out_paid_or_declined_ends_as_the_bank_has_it) {
  for (const auto& [token, status] : std::map<std::string, std::string>{
           {"tok_timeoutPaid", "Completed"}, {"tok_timeoutDeclined", "Failed"}}) {
    const stoa::order_id mine{system_ids().next_v7()};
    reserve(mine, token);
    start();
    while (gateways::read_ledger(dir / "bank.db").empty()) std::this_thread::yield();
    runner->tick(time.now());
    BOOST_TEST(answers.size() == 0u);
    time.advance(seconds{3});
    runner->tick(time.now());
    bring(1);
    BOOST_TEST(enum_name(payment(mine).status) == "Pending");
    time.advance(seconds{1});
    BOOST_TEST(sweep() == 1u);
    start();
    bring(1);
    BOOST_TEST(enum_name(payment(mine).status) == status);
  }
  BOOST_TEST(gateways::read_ledger(dir / "bank.db").size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_order_cancelled_during_a_timeout_keeps_no_money) {
  reserve(order, "tok_timeoutPaid");
  start();
  while (gateways::read_ledger(dir / "bank.db").empty()) std::this_thread::yield();
  cancel(order);
  start();  // Dropped: the charge is in progress.
  BOOST_TEST(runner->under_way() == 1u);
  time.advance(seconds{3});
  runner->tick(time.now());
  bring(1);
  start();
  bring(1);  // The cancellation: it had been paid.
  start();
  bring(1);  // The refund.
  BOOST_TEST(enum_name(payment(order).status) == "Refunded");
  BOOST_TEST(booked(order).refunded == 1299);
  BOOST_TEST(events.back()->type == "payment.refunded");
}

BOOST_AUTO_TEST_CASE(a_charge_settled_before_it_reached_the_bank_never_happens) {
  reserve(order, "tok_visa");
  const auto charge = std::exchange(effects, {}).at(0);
  cancel(order);
  start();
  bring(1);
  BOOST_TEST(enum_name(payment(order).status) == "Failed");
  runner->start(charge, time.now());
  bring(1);
  BOOST_TEST(enum_name(payment(order).status) == "Failed");
  BOOST_TEST((booked(order).status == gateways::charge_state::canceled));
}

BOOST_AUTO_TEST_CASE(thousands_go_through_the_bound_and_each_is_charged_once) {
  constexpr std::size_t count = 2000;
  std::vector<stoa::order_id> orders;
  for (std::size_t i = 0; i < count; ++i) {
    orders.push_back({system_ids().next_v7()});
    reserve(orders.back(), "tok_visa");
  }
  const auto twice = effects;
  const auto began = steady_clock::now();
  start();
  for (const auto& e : twice) runner->start(e, time.now());  // A duplicate sweep.
  std::size_t done = 0;
  while (done < count && steady_clock::now() - began < seconds{30}) {
    BOOST_REQUIRE(runner->under_way() <= 64u);
    bring(1);
    done =
        static_cast<std::size_t>(number("SELECT count(*) FROM payments WHERE status='Completed'"));
  }
  const std::chrono::duration<double> took = steady_clock::now() - began;
  BOOST_TEST_MESSAGE(count << " charges in " << took.count() << " s");
  BOOST_TEST(done == count);
  BOOST_TEST(gateways::read_ledger(dir / "bank.db").size() == count);
  BOOST_TEST(events.size() == count);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(payment_runner, slow)

BOOST_AUTO_TEST_CASE(one_payment_is_never_asked_for_twice_at_once) {
  auto runner = make({});
  runner->start(charge(p1), now);
  runner->start(charge(p1), now);
  runner->start(charge(p1, open_effect::Void), now);
  BOOST_TEST(bank.calls.size() == 1u);
  BOOST_TEST(runner->under_way() == 1u);
  bank.answer("charge " + p1.str(), paid);
  BOOST_TEST(enum_name(only().status) == "approved");
  BOOST_TEST(runner->under_way() == 0u);
  runner->start(charge(p1), now);
  BOOST_TEST(bank.calls.size() == 2u);
}

BOOST_AUTO_TEST_CASE(beyond_the_bound_calls_wait_their_turn_and_then_are_dropped) {
  auto runner = make({.under_way_max = 1, .waiting_max = 1});
  runner->start(charge(p1), now);
  runner->start(charge(p2), now);
  runner->start(charge(p3), now);  // The record keeps it.
  BOOST_TEST(bank.calls.size() == 1u);
  bank.answer("charge " + p1.str(), paid);
  BOOST_TEST((bank.calls == std::vector<std::string>{"charge " + p1.str(), "charge " + p2.str()}));
  bank.answer("charge " + p2.str(), paid);
  BOOST_TEST(bank.calls.size() == 2u);
  BOOST_TEST(runner->under_way() == 0u);
}

BOOST_AUTO_TEST_CASE(a_queued_call_is_replaced_by_a_newer_one_of_its_payment) {
  auto runner = make({.under_way_max = 1});
  runner->start(charge(p1), now);
  runner->start(charge(p2), now);
  runner->start(charge(p2, open_effect::Void), now);
  bank.answer("charge " + p1.str(), paid);
  BOOST_TEST(bank.calls.back() == "cancel " + p2.str());
  BOOST_TEST(bank.calls.size() == 2u);
}

BOOST_AUTO_TEST_CASE(silence_is_reported_as_unknown_after_the_timeout_and_frees_the_place) {
  auto runner = make({.under_way_max = 1, .timeout = seconds{3}});
  runner->start(charge(p1), now);
  runner->start(charge(p2), now);
  runner->tick(now + seconds{3} - microseconds{1});
  BOOST_TEST(answers.size() == 0u);
  runner->tick(now + seconds{3});
  auto a = only();
  BOOST_TEST(enum_name(a.status) == "unknown");
  BOOST_TEST(a.code == "timeout");
  BOOST_TEST(bank.calls.size() == 2u);
  BOOST_TEST_CONTEXT("a late definite answer is delivered, an uncertain one is not") {
    bank.answer("charge " + p1.str(), silence);
    BOOST_TEST(answers.size() == 0u);
    runner->start(charge(p1), now + seconds{3});
    bank.answer("charge " + p2.str(), paid);
    answers.take(1);
    runner->tick(now + seconds{20});  // Its timeout starts here: it was started from a callback.
    runner->tick(now + seconds{23});
    BOOST_TEST(enum_name(only().status) == "unknown");
    bank.answer("charge " + p1.str(), paid);
    BOOST_TEST(enum_name(only().status) == "approved");
  }
}

BOOST_AUTO_TEST_CASE(a_late_answer_does_not_end_the_call_that_came_after) {
  auto runner = make({.timeout = seconds{3}});
  runner->start(charge(p1), now);
  runner->tick(now + seconds{3});
  answers.take(1);
  runner->start(charge(p1), now + seconds{4});
  BOOST_TEST(bank.open.size() == 2u);
  bank.answer("charge " + p1.str(), silence);  // One of the two; the first has ended.
  bank.answer("charge " + p1.str(), paid);
  BOOST_TEST(answers.take(1).size() >= 1u);
  BOOST_TEST(runner->under_way() == 0u);
}

BOOST_AUTO_TEST_CASE(a_gateway_that_answers_at_once_does_not_nest) {
  bank.at_once = silence;
  auto runner = make({.under_way_max = 2});
  for (int i = 0; i < 1000; ++i) runner->start(charge({system_ids().next_v7()}), now);
  BOOST_TEST(answers.take(1000).size() == 1000u);
  BOOST_TEST(bank.depth_max == 1);
  BOOST_TEST(runner->under_way() == 0u);
}

BOOST_AUTO_TEST_CASE(a_token_that_cannot_be_decrypted_is_unknown_for_it_may_have_been_charged) {
  auto runner = make({});
  auto e = charge(p1).as<call_gateway>();
  e.sealed_token = "of another server secret";
  runner->start(any_message::of(e), now);
  const auto a = only();
  BOOST_TEST(enum_name(a.status) == "unknown");
  BOOST_TEST(a.code == "instrument_unreadable");
  BOOST_TEST(bank.calls.empty());
  e.operation = open_effect::Void;  // Settles it without the token.
  runner->start(any_message::of(e), now);
  bank.answer("cancel " + p1.str(), paid);
  BOOST_TEST(enum_name(only().status) == "approved");
}

BOOST_AUTO_TEST_CASE(a_card_number_is_not_sent_to_the_gateway) {
  auto runner = make({});
  runner->start(charge(p1, open_effect::Authorize, "4242424242424242"), now);
  const auto a = only();
  BOOST_TEST(enum_name(a.status) == "declined");
  BOOST_TEST(a.code == "invalid_token");
  BOOST_TEST(a.detail.find("4242") == std::string::npos);
  BOOST_TEST(bank.calls.empty());
}

BOOST_AUTO_TEST_CASE(a_gateway_that_throws_is_unknown) {
  bank.throws = true;
  auto runner = make({});
  runner->start(charge(p1), now);
  BOOST_TEST(enum_name(only().status) == "unknown");
  BOOST_TEST(runner->under_way() == 0u);
}

BOOST_AUTO_TEST_CASE(an_answer_after_the_runners_end_goes_nowhere) {
  auto runner = make({.under_way_max = 1});
  runner->start(charge(p1), now);
  runner->start(charge(p2), now);
  runner.reset();
  bank.answer("charge " + p1.str(), paid);
  BOOST_TEST(answers.size() == 0u);
  BOOST_TEST(bank.calls.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
