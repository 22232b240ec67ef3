// Clients check out while every component fails: nodes, PostgreSQL, Redis and NATS are killed,
// nodes are frozen, connections are cut, reset, delayed and held, the broker loses its data.
// Afterwards every answer that a customer received holds, and the books, the stock and the mails
// add up.
//
// STOA_TEST_STORM_EVENTS: how many faults (60). STOA_TEST_SEED: repeats the same faults, as far as
// that is possible with several processes.

#include "tests/support/storm.hpp"

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/outbox_watch.hpp"
#include "tests/support/skip.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>

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

shopper_options customers_of(const cluster& nodes, const check_options& check, std::uint64_t seed) {
  shopper_options o;
  const auto ports = nodes.ports();
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

}  // namespace

BOOST_AUTO_TEST_SUITE(storm)

BOOST_AUTO_TEST_CASE(nothing_is_lost_or_doubled_in_a_storm) {
  const auto events = number_from_environment("STOA_TEST_STORM_EVENTS", 60);
  const auto seed = static_cast<std::uint64_t>(
      number_from_environment("STOA_TEST_SEED", static_cast<std::int64_t>(std::random_device{}())));
  const ground_options on{.redis = true, .nats = true, .gates = true, .fsync = true};
  const auto missing = cluster_ground::missing(on);
  if (!missing.empty()) return skip(missing);
  BOOST_TEST_MESSAGE("storm: " << events << " events, STOA_TEST_SEED=" << seed);

  temp_dir dir;
  cluster_ground ground(on);
  cluster nodes(ground, {.program = {},
                         .data = dir / "data",
                         .settings = short_cluster_timeouts(),
                         .links_gated = true});
  nodes.load(20, 5000);
  nodes.start();
  watch_outboxes(ground.postgres(), "shop");
  check_options check{nodes.data(), true, true, read_stock(nodes.data()), {}};
  shoppers customers(customers_of(nodes, check, seed));
  weather outside(ground, nodes, seed);
  customers.start();
  outside.rage(events);
  outside.calm();
  const auto healed = steady_clock::now();
  customers.finish();
  const auto shopped = steady_clock::now();
  const bool quiet = await_quiet(check.data, settle_limit);
  const auto settled = std::chrono::duration_cast<milliseconds>(steady_clock::now() - shopped);
  BOOST_TEST(quiet, "work is still open after "
                        << settle_limit.count() << " s"
                        << (quiet ? "" : what_stays_open(check.data, settle_limit)));

  auto shopping = customers.take();
  const auto purchases = static_cast<std::int64_t>(shopping.reported.size());
  check.reported = std::move(shopping.reported);
  const auto report = check_store(check);
  for (const auto& v : report.violations) BOOST_ERROR(v);
  for (const auto& n : numbers_used_twice(ground.postgres(), "shop")) BOOST_ERROR(n);
  // At least 99.9 % of the purchases have a final answer; no answer is invalid.
  const auto unanswered = shopping.counts["without a final answer"];
  BOOST_TEST(unanswered * 1000 <= purchases);
  BOOST_TEST(shopping.counts["complaints"] == unanswered);
  for (const auto& c : shopping.complaints)
    BOOST_TEST_MESSAGE("invalid answer to a customer: " << c);
  // A frozen node does not answer; any other meets the deadlines.
  std::int64_t late = 0;
  for (const auto& w : shopping.waits) {
    if (outside.was_frozen(w.port, w.begin, w.end)) continue;
    ++late;
    BOOST_ERROR("a request exceeded its deadline: " << w.what);
  }
  BOOST_TEST_MESSAGE(report.text());
  for (const auto& [what, many] : outside.counts()) BOOST_TEST_MESSAGE(what << ": " << many);
  for (const auto& [what, many] : shopping.counts) BOOST_TEST_MESSAGE(what << ": " << many);
  BOOST_TEST_MESSAGE("purchases: "
                     << purchases << ", the longest request " << shopping.longest_wait.count()
                     << " ms, the last purchase "
                     << std::chrono::duration_cast<milliseconds>(shopped - healed).count()
                     << " ms after the storm, all settled " << settled.count() << " ms later");
  if (!quiet || !report.clean()) BOOST_TEST_MESSAGE(nodes.logs());
  // Without these the test would not have covered its subject.
  BOOST_TEST(report.facts.at("orders bought") > events / 4);
  BOOST_TEST(report.facts.at("orders cancelled") > 0);
  BOOST_TEST(
      shopping.counts["retried: no answer"] + shopping.counts["retried: connection refused"] > 0);
}

BOOST_AUTO_TEST_SUITE_END()
