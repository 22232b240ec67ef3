// Clients check out while every component fails: nodes, PostgreSQL, Redis and NATS are killed,
// nodes are frozen, connections are cut, reset, delayed and held, the broker loses its data.
// Customers use codes and gift cards until they are used up. Afterwards every answer that a
// customer received holds, and the books, the stock, the uses of codes, the cards and the mails add
// up. A second storm has Stripe's API over HTTP, which is killed too, mails by SMTP, and a receiver
// of webhooks that fails and is killed.
//
// STOA_TEST_STORM_EVENTS: how many faults (60; 30 in the second). STOA_TEST_SEED: repeats the same
// faults, as far as that is possible with several processes.

#include "tests/support/storm.hpp"

#include "tests/support/allocation_mover.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/outbox_watch.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/smtp_server.hpp"
#include "tests/support/stripe_simulator.hpp"
#include "tests/support/webhook_log.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

constexpr seconds settle_limit{30};
/// How much later than its deadline an answer may come on an overloaded machine.
constexpr milliseconds slack{2000};

std::int64_t number_from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoll(text) : otherwise;
}

std::uint64_t storm_seed() {
  return static_cast<std::uint64_t>(
      number_from_environment("STOA_TEST_SEED", static_cast<std::int64_t>(std::random_device{}())));
}

const ground_options with_all{.redis = true, .nats = true, .gates = true, .fsync = true};

/// A store of three nodes, its customers, and the faults.
class storm_run {
 public:
  storm_run(std::uint64_t seed, environment settings)
      : nodes_(ground_, {.program = {},
                         .data = dir_ / "data",
                         .settings = std::move(settings),
                         .links_gated = true}) {
    nodes_.load(20, 5000);
    nodes_.create_root();
    nodes_.start();
    watch_outboxes(ground_.postgres(), "shop");
    check = {nodes_.data(), true, true, read_stock(nodes_.data()), {}};
    outside.emplace(ground_, nodes_, seed);
    customers = customers_of(seed);
    // Used up in the course of the storm.
    customers.codes = create_promotions(port(), 200, 60);
    customers.gift_cards = create_gift_cards(port(), 6, 500'000);
    spread_stock(port(), customers.products);
  }

  std::uint16_t port() const { return nodes_.ports().front(); }

  /// The storm, its end, and the checks of the store.
  void run(std::int64_t events) {
    shoppers all(customers);
    all.start();
    allocation_mover staff(port(), customers.seed);
    outside->rage(events);
    outside->calm();
    const auto healed = steady_clock::now();
    all.finish();
    const auto shopped = steady_clock::now();
    staff.finish();
    const bool quiet = await_quiet(check.data, settle_limit);
    const auto settled = std::chrono::duration_cast<milliseconds>(steady_clock::now() - shopped);
    BOOST_TEST(quiet, "work is still open after "
                          << settle_limit.count() << " s"
                          << (quiet ? "" : what_stays_open(check.data, settle_limit)));
    shopping_ = all.take();
    const auto purchases = static_cast<std::int64_t>(shopping_.reported.size());
    check.reported = std::move(shopping_.reported);
    report = check_store(check);
    for (const auto& v : report.violations) BOOST_ERROR(v);
    for (const auto& c : staff.complaints()) BOOST_ERROR("invalid answer to staff: " + c);
    for (const auto& n : numbers_used_twice(ground_.postgres(), "shop")) BOOST_ERROR(n);
    check_answers(purchases);
    BOOST_TEST_MESSAGE(report.text());
    for (const auto& [what, many] : outside->counts()) BOOST_TEST_MESSAGE(what << ": " << many);
    for (const auto& [what, many] : shopping_.counts) BOOST_TEST_MESSAGE(what << ": " << many);
    BOOST_TEST_MESSAGE("purchases: "
                       << purchases << ", the longest request " << shopping_.longest_wait.count()
                       << " ms, the last purchase "
                       << std::chrono::duration_cast<milliseconds>(shopped - healed).count()
                       << " ms after the storm, all settled " << settled.count() << " ms later");
    if (!quiet || !report.clean()) BOOST_TEST_MESSAGE(nodes_.logs());
    // Without these the test would not have covered its subject.
    BOOST_TEST(report.facts.at("orders bought") > events / 4);
    BOOST_TEST(report.facts.at("orders cancelled") > 0);
    BOOST_TEST(report.facts.at("promotions redeemed") > 0);
    BOOST_TEST(report.facts.at("credit redeemed, minor units") > 0);
    BOOST_TEST(report.facts.at("units sold elsewhere") > 0);
    BOOST_TEST_MESSAGE("allocations moved: " << staff.moved());
    BOOST_TEST(staff.moved() > 0);
    BOOST_TEST(shopping_.counts["retried: no answer"] +
                   shopping_.counts["retried: connection refused"] >
               0);
  }

  check_options check;
  check_report report;
  shopper_options customers;
  std::optional<weather> outside;

 private:
  shopper_options customers_of(std::uint64_t seed) const {
    shopper_options o;
    const auto ports = nodes_.ports();
    o.port = ports.front();
    o.other_ports.assign(ports.begin() + 1, ports.end());
    o.seed = seed;
    o.shoppers = 12;
    o.pause = milliseconds{50};
    // The client gives up requests that are not answered by then.
    o.request_limit = request_deadline + checkout_wait + 2 * slack;
    o.long_wait_min = request_deadline + checkout_wait + slack;
    for (const auto& [hex, units] : check.initial) o.products.push_back(uuid_text(hex));
    return o;
  }

  /// At least 99.9 % of the purchases have a final answer; no answer is invalid or late.
  void check_answers(std::int64_t purchases) {
    const auto unanswered = shopping_.counts["without a final answer"];
    BOOST_TEST(unanswered * 1000 <= purchases);
    BOOST_TEST(shopping_.counts["complaints"] == unanswered);
    for (const auto& c : shopping_.complaints)
      BOOST_TEST_MESSAGE("invalid answer to a customer: " << c);
    // A frozen node does not answer; any other meets the deadlines.
    for (const auto& w : shopping_.waits) {
      if (outside->was_frozen(w.port, w.begin, w.end)) continue;
      BOOST_ERROR("a request exceeded its deadline: " << w.what);
    }
  }

  temp_dir dir_;
  cluster_ground ground_{with_all};
  cluster nodes_;
  shopping_result shopping_;
};

/// Rejects, loses and takes mails without a reply, a few of each.
class bad_mail_server {
 public:
  bad_mail_server()
      : server_({.certificate = {}, .key = {}, .reply = [this](const std::string& command) {
                   return reply(command);
                 }}) {}
  std::uint16_t port() const { return server_.port(); }
  /// By Message-ID: mails with the same one are the same mail.
  std::set<std::string> mails() const {
    std::set<std::string> ids;
    for (const auto& m : server_.mails()) {
      const auto at = m.text.find("\r\nMessage-ID: ");
      ids.insert(at == m.text.npos ? "" : m.text.substr(at, m.text.find("\r\n", at + 2) - at));
    }
    return ids;
  }
  std::size_t received() const { return server_.mails().size(); }

 private:
  std::string reply(const std::string& command) {
    const auto n = ++commands_;
    if (command.starts_with("RCPT") && n % 17 == 0) return "451 4.7.1 Try again later";
    if (command == "." && n % 13 == 0) return n % 2 == 0 ? "close" : "take";
    return {};
  }

  std::atomic<std::uint64_t> commands_{0};
  smtp_server server_;
};

/// Stores each webhook, and fails, closes or resets the connection, or responds too late after
/// some of them.
class bad_webhook_receiver {
 public:
  /// webhooks.timeout_ms
  static constexpr milliseconds timeout{1000};

  webhook_receiver& all() { return receiver_; }

  /// Compares what it has accepted with the orders of the store and with the log of deliveries.
  void judge(const std::filesystem::path& data, const std::string& secret) const {
    const auto received = receiver_.received();
    const auto events = events_of_orders(data);
    for (const auto& v : webhook_violations(received, events, secret)) BOOST_ERROR(v);
    const auto log = read_webhook_log(data, received);
    for (const auto& v : log.violations) BOOST_ERROR(v);
    BOOST_TEST(log.deliveries > 0);
    BOOST_TEST_MESSAGE(received.size() << " webhooks received of " << events.size() << " orders, "
                                       << log.deliveries << " deliveries, " << log.attempts
                                       << " attempts, " << log.interrupted << " interrupted");
  }

 private:
  int respond() {
    const auto n = ++requests_;
    if (n % 23 == 0) std::this_thread::sleep_for(timeout + milliseconds{300});
    if (n % 7 == 0) return n % 2 == 0 ? 500 : 429;
    if (n % 11 == 0) return n % 2 == 0 ? no_response : reset_connection;
    return 204;
  }

  std::atomic<std::uint64_t> requests_{0};
  webhook_receiver receiver_{[this](const received_webhook&) { return respond(); }};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(storm)

BOOST_AUTO_TEST_CASE(nothing_is_lost_or_doubled_in_a_storm) {
  const auto events = number_from_environment("STOA_TEST_STORM_EVENTS", 60);
  const auto seed = storm_seed();
  const auto missing = cluster_ground::missing(with_all);
  if (!missing.empty()) return skip(missing);
  BOOST_TEST_MESSAGE("storm: " << events << " events, STOA_TEST_SEED=" << seed);
  storm_run store(seed, short_cluster_timeouts());
  store.run(events);
}

BOOST_AUTO_TEST_CASE(what_is_outside_the_process_fails_too) {
  const auto events = number_from_environment("STOA_TEST_STORM_EVENTS", 30);
  const auto seed = storm_seed();
  const auto missing = cluster_ground::missing(with_all);
  if (!missing.empty()) return skip(missing);
  BOOST_TEST_MESSAGE("storm: " << events << " events, STOA_TEST_SEED=" << seed);
  stripe_simulator bank;
  bad_mail_server mails;
  bad_webhook_receiver hooks;
  auto settings = bank.store_settings(short_cluster_timeouts());
  const environment email{{"STOA_NOTIFICATION_EMAIL", "smtp"},
                          {"STOA_NOTIFICATION_SMTP_HOST", "127.0.0.1"},
                          {"STOA_NOTIFICATION_SMTP_PORT", std::to_string(mails.port())},
                          {"STOA_NOTIFICATION_SMTP_SECURITY", "none"},
                          {"STOA_NOTIFICATION_SMTP_ALLOWED_NETWORKS", "127.0.0.1"},
                          {"STOA_NOTIFICATION_SMTP_TIMEOUT_MS", "3000"},
                          {"STOA_NOTIFICATION_ATTEMPTS_MAX", "100"},
                          {"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "3000"}};
  settings.insert(settings.end(), email.begin(), email.end());
  for (auto& s : loopback_webhooks(hooks.timeout)) settings.push_back(std::move(s));
  storm_run store(seed, std::move(settings));
  bank.start(store.port());
  store.check.gateway_ledger = bank.ledger_file();
  store.check.read_mails = false;
  store.customers.silent_declined_percent = 0;
  store.customers.cards = {
      .paid = {"pm_card_visa", "pm_card_mastercard"},
      .declined = {"pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds"},
      .silent_paid = {"pm_card_simulator_resetAfterCharging", "pm_card_simulator_500AfterCharging"},
      .silent_declined = {}};
  store.outside->add("gateway killed", 6, [&] {
    bank.kill();
    store.outside->after(store.outside->some_ms(200, 1500), [&] { bank.start(store.port()); });
  });
  const auto secret = subscribe_webhook(store.port(), hooks.all().url());
  store.outside->add("webhook receiver killed", 6, [&] {
    hooks.all().kill();
    store.outside->after(store.outside->some_ms(200, 1500), [&] {
      if (!hooks.all().is_running()) hooks.all().start();
    });
  });
  store.run(events);
  hooks.judge(store.check.data, secret);
  BOOST_TEST(store.report.facts.at("webhooks applied") > 0);
  BOOST_TEST(static_cast<std::int64_t>(mails.mails().size()) ==
             store.report.facts.at("notifications"));
  BOOST_TEST_MESSAGE(mails.received()
                     << " mails received, " << mails.mails().size() << " different ones");
}

BOOST_AUTO_TEST_SUITE_END()
