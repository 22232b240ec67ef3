// The sandbox bank: its answers by token and key, and that its books are written before it answers.

#include "net/gateway/sandbox.hpp"

#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace stoa;
using gateways::charge_state;
using gateways::read_ledger;
using gateways::sandbox;
using payment::gateway_answer;
using payment::gateway_status;

namespace {

std::unique_ptr<sandbox> open_bank(const std::filesystem::path& file) {
  auto bank = sandbox::open({.ledger_file = file});
  BOOST_REQUIRE_MESSAGE(bank.has_value(), "the bank does not open");
  return std::move(*bank);
}

// Starts a call and waits for its callback; nothing when none comes. Stopping the bank
// distinguishes "never" from "not yet": it returns after the last callback.
template <class Start>
std::optional<gateway_answer> ask(Start start, std::chrono::milliseconds wait = 5s) {
  auto promise = std::make_shared<std::promise<gateway_answer>>();
  auto future = promise->get_future();
  start([promise](gateway_answer a) { promise->set_value(std::move(a)); });
  if (future.wait_for(wait) != std::future_status::ready) return std::nullopt;
  return future.get();
}

std::optional<gateway_answer> charge(sandbox& bank, const std::string& key, std::string token,
                                     std::int64_t amount = 1299, std::string currency = "EUR",
                                     std::chrono::milliseconds wait = 5s) {
  return ask(
      [&](auto done) {
        bank.authorize({key, "order-of-" + key, {amount, currency}, token}, done);
      },
      wait);
}
std::optional<gateway_answer> cancel(sandbox& bank, const std::string& key) {
  return ask([&](auto done) { bank.void_authorization({{key, {}}, {}, {}}, done); });
}
std::optional<gateway_answer> refund(sandbox& bank, const std::string& key,
                                     const std::string& charge, std::int64_t amount,
                                     std::string currency = "EUR") {
  return ask([&](auto done) { bank.refund({key, {charge, {}}, {amount, currency}}, done); });
}

bool approved(const std::optional<gateway_answer>& a) {
  return a && a->status == gateway_status::approved && !a->transaction_id.empty() &&
         a->code.empty();
}
std::string code(const std::optional<gateway_answer>& a) {
  if (!a) return "(silent)";
  return a->status == gateway_status::declined ? a->code : "(not declined)";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sandbox_bank)

BOOST_AUTO_TEST_CASE(each_token_has_its_outcome) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  for (const char* token : {"tok_visa", "tok_mastercard", "tok_amex", "tok_visa_debit"}) {
    BOOST_TEST(approved(charge(*bank, token, token)), token);
  }
  const std::map<std::string, std::string> declines{
      {"tok_chargeDeclined", "card_declined"},
      {"tok_chargeDeclinedInsufficientFunds", "insufficient_funds"},
      {"tok_chargeDeclinedExpiredCard", "expired_card"},
      {"tok_chargeDeclinedIncorrectCvc", "incorrect_cvc"},
      {"tok_chargeDeclinedProcessingError", "processing_error"},
      {"tok_chargeDeclinedFraudulent", "fraudulent"},
      {"tok_visa ", "invalid_token"},
      {"", "invalid_token"}};
  for (const auto& [token, why] : declines) {
    const auto answer = charge(*bank, "key-" + token, token);
    BOOST_TEST(code(answer) == why);
    BOOST_TEST((answer && answer->transaction_id.empty() && !answer->detail.empty()));
  }
}

BOOST_AUTO_TEST_CASE(a_repeat_gets_the_first_answer_also_after_a_restart) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  const auto paid = charge(*bank, "p1", "tok_visa");
  const auto refused = charge(*bank, "p2", "tok_chargeDeclined");
  BOOST_TEST((charge(*bank, "p1", "tok_visa") == paid));
  bank.reset();
  bank = open_bank(dir / "bank.db");
  BOOST_TEST((charge(*bank, "p1", "tok_visa") == paid));
  BOOST_TEST((charge(*bank, "p2", "tok_chargeDeclined") == refused));
  BOOST_TEST(approved(paid));
  BOOST_TEST(read_ledger(dir / "bank.db").size() == 2u);
}

BOOST_AUTO_TEST_CASE(another_request_under_a_used_key_is_refused_and_changes_nothing) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  const auto paid = charge(*bank, "p", "tok_visa", 500);
  BOOST_TEST(code(charge(*bank, "p", "tok_visa", 501)) == "idempotency_mismatch");
  BOOST_TEST(code(charge(*bank, "p", "tok_amex", 500)) == "idempotency_mismatch");
  BOOST_TEST(code(charge(*bank, "p", "tok_visa", 500, "USD")) == "idempotency_mismatch");
  BOOST_TEST((charge(*bank, "p", "tok_visa", 500) == paid));
  BOOST_TEST(code(charge(*bank, "q", "no_such_token")) == "invalid_token");
  BOOST_TEST(code(charge(*bank, "q", "no_other_token")) == "idempotency_mismatch");
}

BOOST_AUTO_TEST_CASE(impossible_charges_are_declined) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  BOOST_TEST(code(charge(*bank, "a", "tok_visa", 0)) == "invalid_amount");
  BOOST_TEST(code(charge(*bank, "b", "tok_visa", -5)) == "invalid_amount");
  BOOST_TEST(code(charge(*bank, "c", "tok_visa", 5, "XQX")) == "invalid_amount");
  BOOST_TEST(code(charge(*bank, "d", "tok_visa", INT64_MAX)) == "invalid_amount");
  BOOST_TEST(code(charge(*bank, "", "tok_visa")) == "invalid_key");
  BOOST_TEST(code(charge(*bank, std::string(256, 'k'), "tok_visa")) == "invalid_key");
}

BOOST_AUTO_TEST_CASE(a_silent_charge_is_in_the_books_and_a_repeat_is_answered) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  // The second request is decided after the first, so its answer shows that the first was
  // processed.
  std::atomic<bool> called = false;
  bank->authorize({"t1", "o", {1, "EUR"}, "tok_timeoutPaid"}, [&](auto&&) { called = true; });
  bank->authorize({"t2", "o", {1, "EUR"}, "tok_timeoutDeclined"}, [&](auto&&) { called = true; });
  BOOST_TEST(approved(charge(*bank, "other", "tok_visa")));
  BOOST_TEST(!called);

  const auto again = ask([&](auto done) {
    bank->authorize({"t1", "o", {1, "EUR"}, "tok_timeoutPaid"}, done);
  });
  BOOST_TEST(approved(again));
  const auto declined = ask([&](auto done) {
    bank->authorize({"t2", "o", {1, "EUR"}, "tok_timeoutDeclined"}, done);
  });
  BOOST_TEST(code(declined) == "card_declined");
  bank->stop();
  BOOST_TEST(!called);
  const auto books = read_ledger(dir / "bank.db");
  BOOST_REQUIRE(books.size() == 3u);
  BOOST_TEST((books[0].key == "t1" && books[0].status == charge_state::paid));
  BOOST_TEST((books[1].key == "t2" && books[1].status == charge_state::declined));
}

BOOST_AUTO_TEST_CASE(cancel_settles_a_key_permanently) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  BOOST_TEST(code(cancel(*bank, "never")) == "canceled");
  BOOST_TEST(code(charge(*bank, "never", "tok_visa")) == "canceled");
  BOOST_TEST(code(cancel(*bank, "never")) == "canceled");

  const auto paid = charge(*bank, "paid", "tok_visa");
  BOOST_TEST((cancel(*bank, "paid") == paid));
  bank->authorize({"slow", "order-of-slow", {1299, "EUR"}, "tok_timeoutPaid"}, [](auto&&) {});
  BOOST_TEST(approved(cancel(*bank, "slow")));
  BOOST_TEST(code(charge(*bank, "bad", "tok_chargeDeclined")) == "card_declined");
  BOOST_TEST(code(cancel(*bank, "bad")) == "card_declined");
  BOOST_TEST(code(refund(*bank, "r", "never", 1)) == "charge_not_paid");
}

BOOST_AUTO_TEST_CASE(refunds_never_exceed_the_charge) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  BOOST_TEST(approved(charge(*bank, "p", "tok_visa", 1000)));
  const auto first = refund(*bank, "r1", "p", 700);
  BOOST_TEST(approved(first));
  BOOST_TEST((refund(*bank, "r1", "p", 700) == first));
  BOOST_TEST(code(refund(*bank, "r1", "p", 699)) == "idempotency_mismatch");
  BOOST_TEST(code(refund(*bank, "r2", "p", 301)) == "exceeds_charge");
  BOOST_TEST(code(refund(*bank, "r2", "p", 301)) == "exceeds_charge");
  BOOST_TEST(code(refund(*bank, "r3", "p", 100, "USD")) == "invalid_amount");
  BOOST_TEST(code(refund(*bank, "r4", "p", 0)) == "invalid_amount");
  BOOST_TEST(code(refund(*bank, "r5", "p", -1)) == "invalid_amount");
  BOOST_TEST(code(refund(*bank, "r6", "nobody", 1)) == "charge_not_found");
  BOOST_TEST(approved(refund(*bank, "r7", "p", 300)));
  BOOST_TEST(code(refund(*bank, "r8", "p", 1)) == "exceeds_charge");
  BOOST_TEST(read_ledger(dir / "bank.db")[0].refunded == 1000);
}

BOOST_AUTO_TEST_CASE(books_hold_no_unknown_token) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  const std::string card = "4242424242424242";
  BOOST_TEST(code(charge(*bank, "p", card)) == "invalid_token");
  bank.reset();
  for (const auto& file : std::filesystem::directory_iterator(dir.path())) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    BOOST_TEST(bytes.find(card) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_full_queue_and_a_stopped_bank_say_unknown) {
  const test::temp_dir dir;
  auto opened = sandbox::open({.ledger_file = dir / "bank.db", .queue_max = 4, .batch_max = 1});
  BOOST_REQUIRE(opened.has_value());
  auto& bank = **opened;
  // The first callback blocks the bank's thread until the queue is full.
  std::promise<void> held;
  std::promise<void> release;
  bank.authorize({"hold", "o", {1, "EUR"}, "tok_visa"}, [&](auto&&) {
    held.set_value();
    release.get_future().wait();
  });
  held.get_future().wait();
  std::vector<gateway_answer> answers;
  std::mutex mutex;
  for (int i = 0; i < 7; ++i) {
    bank.authorize({"k" + std::to_string(i), "o", {1, "EUR"}, "tok_visa"}, [&](gateway_answer a) {
      const std::scoped_lock lock(mutex);
      answers.push_back(std::move(a));
    });
  }
  BOOST_TEST(answers.size() == 3u);
  for (const auto& a : answers)
    BOOST_TEST((a.status == gateway_status::unknown && a.code == "overloaded"));
  release.set_value();
  bank.stop();
  bank.stop();
  BOOST_TEST(answers.size() == 7u);
  const auto late = charge(bank, "late", "tok_visa");
  BOOST_TEST((late && late->status == gateway_status::unknown && late->code == "stopping"));
  BOOST_TEST(read_ledger(dir / "bank.db").size() == 5u);
}

BOOST_AUTO_TEST_CASE(a_locked_or_foreign_file_gives_clear_errors) {
  const test::temp_dir dir;
  std::ofstream(dir / "text.db") << std::string(8192, 'x');
  const auto text = sandbox::open({.ledger_file = dir / "text.db"});
  BOOST_REQUIRE(text.has_error());
  BOOST_TEST(text.error().detail.find("not a database") != std::string::npos);
  BOOST_TEST(sandbox::open({.ledger_file = dir / "text.db" / "below.db"}).has_error());
  BOOST_CHECK_THROW(read_ledger(dir / "missing.db"), gateways::ledger_failure);
}

BOOST_AUTO_TEST_CASE(two_banks_on_one_file_agree) {
  const test::temp_dir dir;
  auto one = open_bank(dir / "bank.db");
  auto two = open_bank(dir / "bank.db");
  std::vector<std::thread> clients;
  std::mutex mutex;
  std::map<std::string, std::set<std::string>> transactions;
  for (auto* bank : {one.get(), two.get()}) {
    clients.emplace_back([&, bank] {
      for (int i = 0; i < 100; ++i) {
        const auto key = "p" + std::to_string(i);
        const auto answer = charge(*bank, key, "tok_visa", 1299, "EUR", 20s);
        const std::scoped_lock lock(mutex);
        transactions[key].insert(answer ? answer->transaction_id : "(none)");
      }
    });
  }
  for (auto& c : clients) c.join();
  BOOST_TEST(transactions.size() == 100u);
  for (const auto& [key, ids] : transactions)
    BOOST_TEST((ids.size() == 1 && !ids.contains("")), key);
  BOOST_TEST(read_ledger(dir / "bank.db").size() == 100u);
}

// A child process charges and reports through a pipe; killed at any moment, each reported charge is
// in the books.
BOOST_AUTO_TEST_CASE(what_was_answered_survives_sigkill) {
  const test::temp_dir dir;
  std::map<std::string, std::string> reported;
  for (int round = 0; round < 5; ++round) {
    int pipe_ends[2];
    BOOST_REQUIRE(::pipe(pipe_ends) == 0);
    const auto child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
      ::close(pipe_ends[0]);
      auto bank = sandbox::open({.ledger_file = dir / "bank.db"});
      for (int i = 0; bank; ++i) {
        const auto key = std::to_string(round) + "-" + std::to_string(i);
        const auto a = charge(**bank, key, "tok_visa");
        const auto line = key + " " + (a ? a->transaction_id : "") + "\n";
        if (::write(pipe_ends[1], line.data(), line.size()) < 0) break;
      }
      ::_exit(1);
    }
    ::close(pipe_ends[1]);
    std::string said;
    char part[4096];
    for (ssize_t got = 0; (got = ::read(pipe_ends[0], part, sizeof part)) > 0;) {
      said.append(part, static_cast<std::size_t>(got));
      if (std::count(said.begin(), said.end(), '\n') > 40 + 17 * round) ::kill(child, SIGKILL);
    }
    ::close(pipe_ends[0]);
    ::waitpid(child, nullptr, 0);
    std::istringstream lines(said);
    for (std::string key, transaction; lines >> key >> transaction;) reported[key] = transaction;
  }
  BOOST_TEST(reported.size() > 200u);
  std::map<std::string, std::string> books;
  for (const auto& entry : read_ledger(dir / "bank.db")) books[entry.key] = entry.transaction_id;
  for (const auto& [key, transaction] : reported) BOOST_TEST(books[key] == transaction);
}

BOOST_AUTO_TEST_CASE(many_at_once_share_commits) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  constexpr int total = 10'000;
  constexpr int in_flight = 64;
  std::mutex mutex;
  std::condition_variable moved;
  int running = 0;
  int good = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < total; ++i) {
    std::unique_lock lock(mutex);
    moved.wait(lock, [&] { return running < in_flight; });
    ++running;
    lock.unlock();
    bank->authorize({"k" + std::to_string(i), "o", {100, "EUR"}, "tok_visa"},
                    [&](gateway_answer a) {
                      const std::scoped_lock done(mutex);
                      --running;
                      good += a.status == gateway_status::approved;
                      moved.notify_one();
                    });
    // An external reader, like the checkers, must not disturb.
    if (i == total / 2) BOOST_TEST(!read_ledger(dir / "bank.db").empty());
  }
  bank->stop();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  BOOST_TEST(good == total);
  BOOST_TEST_MESSAGE("sandbox: " << static_cast<int>(total / took.count()) << " charges/s at "
                                 << in_flight << " in flight");
  // One commit per charge would take far longer than this on any real disk.
  BOOST_TEST(total / took.count() > 500);
}

BOOST_AUTO_TEST_CASE(a_payment_that_waits_for_the_customer_is_confirmed_declined_or_voided) {
  const test::temp_dir dir;
  manual_clock time{{1'700'000'000'000'000}};
  auto bank = *sandbox::open({.ledger_file = dir / "bank.db"}, time);
  const auto look_up = [&](const std::string& key) {
    return ask([&](auto done) { bank->look_up({key, ""}, done); }).value().status;
  };
  for (const auto* token :
       {"tok_requiresAction", "tok_requiresActionDeclined", "tok_requiresActionAbandoned"}) {
    const auto first = charge(*bank, token, token).value();
    BOOST_TEST(enum_name(first.status) == "action_required");
    BOOST_TEST(!first.action_url.empty());
    BOOST_TEST((charge(*bank, token, token).value() == first));
    BOOST_TEST(enum_name(look_up(token)) == "action_required");
  }
  time.advance(2s);
  BOOST_TEST(enum_name(look_up("tok_requiresAction")) == "approved");
  BOOST_TEST(enum_name(look_up("tok_requiresActionDeclined")) == "declined");
  BOOST_TEST(enum_name(look_up("tok_requiresActionAbandoned")) == "action_required");
  BOOST_TEST(code(cancel(*bank, "tok_requiresActionAbandoned")) == "canceled");
  BOOST_TEST(enum_name(look_up("tok_requiresActionAbandoned")) == "declined");
  BOOST_TEST(approved(cancel(*bank, "tok_requiresAction")));
  BOOST_TEST(enum_name(look_up("unknown")) == "declined");
}

BOOST_AUTO_TEST_CASE(an_authorisation_is_captured_or_voided) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  const auto authorize = [&](const std::string& key, const std::string& token) {
    return ask([&](auto done) { bank->authorize({key, "o", {100, "EUR"}, token, false}, done); });
  };
  const auto capture = [&](const std::string& key, const std::string& of) {
    return ask([&](auto done) { bank->capture({key, {of, ""}, {100, "EUR"}}, done); });
  };
  BOOST_TEST(approved(authorize("a", "tok_visa")));
  BOOST_TEST(code(refund(*bank, "r", "a", 1)) == "charge_not_paid");
  BOOST_TEST(approved(capture("c", "a")));
  BOOST_TEST(approved(capture("c", "a")));
  BOOST_TEST(enum_name(read_ledger(dir / "bank.db")[0].status) == "paid");
  BOOST_TEST(approved(authorize("b", "tok_visa")));
  BOOST_TEST(code(cancel(*bank, "b")) == "canceled");
  BOOST_TEST(code(capture("c2", "b")) == "canceled");
  BOOST_TEST(approved(authorize("d", "tok_captureDeclined")));
  BOOST_TEST(code(capture("c3", "d")) == "capture_declined");
  BOOST_TEST(code(capture("c4", "unknown")) == "charge_not_found");
  BOOST_TEST(approved(authorize("e", "tok_authorizationExpires")));
  BOOST_TEST(code(capture("c5", "e")) == "canceled");
  BOOST_TEST(code(cancel(*bank, "e")) == "canceled");
}

BOOST_AUTO_TEST_CASE(the_first_refund_of_a_test_token_is_declined) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  BOOST_TEST(approved(charge(*bank, "k", "tok_refundDeclined")));
  BOOST_TEST(code(refund(*bank, "r1", "k", 500)) == "refund_declined");
  BOOST_TEST(code(refund(*bank, "r1", "k", 500)) == "refund_declined");
  BOOST_TEST(approved(refund(*bank, "r2", "k", 500)));
  BOOST_TEST(read_ledger(dir / "bank.db")[0].refunded == 500);
}

BOOST_AUTO_TEST_CASE(its_records_are_listed_by_pages) {
  const test::temp_dir dir;
  auto bank = open_bank(dir / "bank.db");
  const std::string id = "0193a9b2-0000-8000-8000-000000000001";
  BOOST_TEST(approved(charge(*bank, id, "tok_visa")));
  BOOST_TEST(code(charge(*bank, "declined", "tok_chargeDeclined")) == "card_declined");
  for (int i = 0; i < 101; ++i) {
    BOOST_TEST(approved(refund(*bank, "refund:" + std::to_string(i), id, 1)));
  }
  BOOST_TEST(code(refund(*bank, "too much", id, 5000)) == "exceeds_charge");
  const auto now = system_time().now();
  const auto listed = [&](payment::gateway_list what, std::string cursor, timestamp to) {
    std::promise<payment::list_page> page;
    bank->list({what, now - std::chrono::hours{1}, to, std::move(cursor)},
               [&](payment::list_page p) { page.set_value(std::move(p)); });
    return page.get_future().get();
  };
  const auto later = now + std::chrono::hours{1};
  const auto charges = listed(payment::gateway_list::payments, "", later);
  BOOST_TEST(charges.known);
  BOOST_REQUIRE(charges.payments.size() == 2u);
  BOOST_TEST(charges.payments[0].payment_id == id);
  BOOST_TEST(charges.payments[0].amount.amount == 1299);
  BOOST_TEST((charges.payments[0].status == payment::gateway_payment_status::captured));
  BOOST_TEST((charges.payments[1].status == payment::gateway_payment_status::none));
  BOOST_TEST(charges.next.empty());
  const auto first = listed(payment::gateway_list::refunds, "", later);
  BOOST_TEST(first.refunds.size() == 100u);
  const auto rest = listed(payment::gateway_list::refunds, first.next, later);
  BOOST_REQUIRE(rest.refunds.size() == 1u);
  BOOST_TEST(rest.refunds[0].key == "refund:100");
  BOOST_TEST(rest.refunds[0].payment_id == id);
  BOOST_TEST(rest.refunds[0].payment_transaction_id == charges.payments[0].transaction_id);
  BOOST_TEST(rest.next.empty());
  BOOST_TEST(listed(payment::gateway_list::payments, "", now - seconds{60}).payments.empty());
  std::promise<payment::gateway_activity> answer;
  bank->read_activity({id, ""},
                      [&](payment::gateway_activity a) { answer.set_value(std::move(a)); });
  const auto activity = answer.get_future().get();
  BOOST_TEST(activity.known);
  BOOST_TEST(activity.refunds.size() == 101u);
  BOOST_TEST(activity.disputes.empty());
}

BOOST_AUTO_TEST_SUITE_END()
