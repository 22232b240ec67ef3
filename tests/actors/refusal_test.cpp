// Which nodes reject each other, and how often that is logged.

#include "actors/kernel/refusal.hpp"

#include "actors/kernel/refused_nodes.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace stoa::kernel;
using std::chrono::milliseconds;
using std::chrono::seconds;

node_state node_of(std::string cluster, std::string name, std::int64_t protocol) {
  node_state s;
  s.cluster = std::move(cluster);
  s.node = std::move(name);
  s.protocol = protocol;
  return s;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(refusal)

BOOST_AUTO_TEST_CASE(nodes_of_one_cluster_and_protocol_are_welcome) {
  const auto me = node_of("shop", "a", 1);
  BOOST_TEST(incompatibility(me, node_of("shop", "b", 1)).empty());
  auto newer = node_of("shop", "b", 1);
  newer.version = "99.0.0";  // Versions may differ while the protocol is the same.
  BOOST_TEST(incompatibility(me, newer).empty());
}

BOOST_AUTO_TEST_CASE(settings_that_differ_are_named_with_both_values) {
  auto me = node_of("shop", "a", 1);
  auto other = node_of("shop", "b", 1);
  me.settings = {{"cart.store", "database"}, {"store.currency", "EUR"}, {"older.name", "1"}};
  other.settings = {{"cart.store", "redis"}, {"store.currency", "EUR"}, {"newer.name", "2"}};
  BOOST_TEST(incompatibility(me, other) == "b has cart.store = redis, a has database");
  BOOST_TEST(incompatibility(other, me) == "a has cart.store = database, b has redis");
  other.settings["store.currency"] = "USD";
  BOOST_TEST(incompatibility(me, other) ==
             "b has cart.store = redis, a has database; b has store.currency = USD, a has EUR");
  // A node of the previous version sends none.
  other.settings.clear();
  BOOST_TEST(incompatibility(me, other).empty());
}

BOOST_AUTO_TEST_CASE(a_reason_of_another_node_is_one_short_line) {
  BOOST_TEST(cut_short("b has cart.store = redis") == "b has cart.store = redis");
  BOOST_TEST(cut_short("a\nb\x1b[2Jc\x7f\xff") == "a?b?[2Jc??");
  BOOST_TEST(cut_short(std::string(300, 'x')) == std::string(200, 'x') + "...");
  BOOST_TEST(cut_short(std::string(199, 'x') + "\u00e9") == std::string(199, 'x') + "?...");
  // A node that lists such a text among its rejections is accepted by the others.
  auto me = node_of("shop", "a", 1);
  for (const std::string& reason : {std::string("\r\n\0", 3), std::string(100'000, '\xff')}) {
    me.refused = {{"b", cut_short(reason, refusal_bytes_max)}};
    BOOST_TEST(validation_error_of(me) == "");
  }
}

BOOST_AUTO_TEST_CASE(keys_may_overlap) {
  auto me = node_of("shop", "a", 1);
  auto other = node_of("shop", "b", 1);
  me.keys = {{"token_keys", "k1 k2"}};
  for (const auto* good : {"k1", "k2 k3", "k3 k1"}) {
    other.keys = {{"token_keys", good}};
    BOOST_TEST(incompatibility(me, other).empty(), good);
  }
  for (const auto* bad : {"k3", "k11", "k k22", ""}) {
    other.keys = {{"token_keys", bad}};
    BOOST_TEST(!incompatibility(me, other).empty(), bad);
  }
  other.keys.clear();
  BOOST_TEST(incompatibility(me, other).empty());
}

BOOST_AUTO_TEST_CASE(settings_and_clocks_in_a_hello_are_bounded) {
  auto s = node_of("shop", "b", 1);
  BOOST_TEST(validation_error_of(s).empty());
  s.settings = {{"auth.audience", "Käse"}};
  BOOST_TEST(validation_error_of(s).empty());
  s.settings = {{"a b", "1"}};
  BOOST_TEST(!validation_error_of(s).empty());
  s.settings = {{"a", std::string(5000, 'x')}};
  BOOST_TEST(!validation_error_of(s).empty());
  s.settings = {{"a", "line\nbreak"}};
  BOOST_TEST(!validation_error_of(s).empty());
  s.settings.clear();
  for (int i = 0; i < 65; ++i) s.keys["k" + std::to_string(i)] = "1";
  BOOST_TEST(!validation_error_of(s).empty());
  s.keys.clear();
  s.refused = {{"c", "why"}};
  BOOST_TEST(validation_error_of(s).empty());
  s.refused = {{"", "why"}};
  BOOST_TEST(!validation_error_of(s).empty());
  s.refused.clear();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  for (const auto us : {std::int64_t{-1}, most}) {
    s.clock_us = us;
    BOOST_TEST(!validation_error_of(s).empty());
    s.clock_us = 0;
    s.time_us = us;
    BOOST_TEST(!validation_error_of(s).empty());
    s.time_us = 0;
  }
  for (const auto us : {std::numeric_limits<std::int64_t>::min(), most}) {
    s.clock_ahead_us = us;
    BOOST_TEST(!validation_error_of(s).empty());
  }
  s.clock_ahead_us = -3'600'000'000;
  BOOST_TEST(validation_error_of(s).empty());
}

BOOST_AUTO_TEST_CASE(another_cluster_or_protocol_is_refused_by_name) {
  const auto me = node_of("shop", "a", 1);
  BOOST_TEST(incompatibility(me, node_of("museum", "b", 1)) ==
             "b belongs to cluster museum, a to shop");
  BOOST_TEST(incompatibility(me, node_of("shop", "b", 2)) == "b uses protocol 2, a uses 1");
  BOOST_TEST(incompatibility(node_of("shop", "b", 2), me) == "a uses protocol 1, b uses 2");
  // Two clusters may use different protocols: that is not the reported reason.
  BOOST_TEST(incompatibility(me, node_of("museum", "b", 2)) ==
             "b belongs to cluster museum, a to shop");
}

BOOST_AUTO_TEST_CASE(the_same_reason_is_logged_once_a_minute) {
  log_throttle log;
  log_throttle::clock::time_point at{};
  std::int64_t reported = 0;
  std::int64_t lines = 0;
  constexpr int times = 12 * 10 + 1;  // every 5 s for ten minutes
  for (int i = 0; i < times; ++i, at += seconds{5}) {
    const auto n = log.happened("b", "why", at);
    reported += n;
    lines += n > 0 ? 1 : 0;
    if (i == 0) BOOST_TEST(n == 1);
    if (i == 12) BOOST_TEST(n == 12);
  }
  BOOST_TEST(lines == 11);
  BOOST_TEST(reported == times);  // None is lost.
}

BOOST_AUTO_TEST_CASE(another_reason_another_node_or_a_new_time_is_logged_at_once) {
  log_throttle log;
  log_throttle::clock::time_point at{};
  BOOST_TEST(log.happened("b", "why", at) == 1);
  BOOST_TEST(log.happened("b", "why", at) == 0);
  BOOST_TEST(log.happened("c", "why", at) == 1);
  BOOST_TEST(log.happened("b", "another", at) == 1);
  BOOST_TEST(log.happened("b", "another", at + log_throttle::interval - milliseconds{1}) == 0);
  BOOST_TEST(log.happened("b", "another", at + log_throttle::interval) == 2);
  BOOST_TEST(log.happened("c", "why", at) == 0);
  log.over("b");
  BOOST_TEST(log.happened("b", "another", at + log_throttle::interval) == 1);
}

BOOST_AUTO_TEST_CASE(two_alternating_reasons_are_logged_once_a_minute_each) {
  log_throttle log;
  log_throttle::clock::time_point at{};
  std::int64_t lines = 0;
  for (int i = 0; i < 12; ++i, at += seconds{5}) {
    lines += log.happened("b", i % 2 == 0 ? "slow" : "broken", at) > 0 ? 1 : 0;
  }
  BOOST_TEST(lines == 2);
  BOOST_TEST(log.happened("b", "slow", at) == 6);
}

BOOST_AUTO_TEST_CASE(names_without_end_do_not_fill_the_memory) {
  log_throttle log;
  const log_throttle::clock::time_point at{};
  for (std::size_t i = 0; i < 3 * log_throttle::kept_max; ++i) {
    BOOST_TEST_REQUIRE(log.happened(std::to_string(i), "why", at) == 1);
    BOOST_TEST_REQUIRE(log.kept() <= log_throttle::kept_max);
  }
}

BOOST_AUTO_TEST_CASE(refused_nodes_are_bounded_and_those_that_are_known_stay) {
  refused_nodes nodes;
  refused_nodes::clock::time_point at{};
  for (std::size_t i = 0; i < refused_nodes::most; ++i)
    nodes.note(std::to_string(i), "old", false, at);
  at += refused_nodes::kept;
  nodes.note("another", "new", true, at);
  BOOST_TEST(nodes.all(at).size() == refused_nodes::most);
  BOOST_TEST(!nodes.differ(at));
  nodes.note("7", "new", true, at);
  BOOST_TEST(nodes.differ(at));
  // Those that have been silent since are removed.
  at += seconds{1};
  const auto left = nodes.all(at);
  BOOST_TEST_REQUIRE(left.size() == 1U);
  BOOST_TEST(left.front().node == "7");
  BOOST_TEST(left.front().reason == "new");
  nodes.note("another", "new", false, at);
  BOOST_TEST(nodes.all(at).size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
