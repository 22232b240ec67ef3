// The relay without its actor: which subscriber gets which event when, and retries without an
// answer.

#include "actors/kernel/relay_core.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace stoa;
using namespace stoa::kernel;

struct fixture {
  subscription_map subscriptions{{"e", {"a", "b"}}, {"only_a", {"a"}}};
  timestamp now{1'000'000'000};
  relay_limits limits;
  run_ptr run = std::make_shared<outbox_run>(outbox_run{system_ids().next_v4(), 1, 0, {}});
  std::optional<relay_core> relay;

  fixture() { start(); }
  void start() {
    relay.emplace("source", subscriptions, limits, run);
    relay->read({}, relay->read_max(), now);  // An empty outbox: it has caught up.
  }
  static event_ptr made(std::int64_t seq, std::uint8_t aggregate, std::string type = "only_a") {
    uuid id;
    id.bytes[0] = aggregate;
    return std::make_shared<event>(
        event{seq, {}, "source", std::move(type), id, "{}", "", timestamp{999'000'000}});
  }
  /// "subscriber:seq" of the events to send now.
  std::vector<std::string> sent() {
    std::vector<std::string> list;
    for (const auto& d : relay->due(now)) {
      list.push_back(d.subscriber + ":" + std::to_string(d.what->seq) + (d.dead ? "!" : ""));
    }
    return list;
  }
  std::int64_t low_water() {
    relay->committed({made(relay->read_from() + 1, 99)}, now);
    auto list = relay->due(now);
    BOOST_REQUIRE(!list.empty());
    return list.back().low_water;
  }
};
using list = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(relay, fixture)

BOOST_AUTO_TEST_CASE(events_of_one_aggregate_keep_their_order_and_others_do_not_wait) {
  relay->committed({made(1, 1), made(2, 1), made(3, 2)}, now);
  BOOST_TEST((sent() == list{"a:1", "a:3"}));
  BOOST_TEST(sent().empty());
  relay->acknowledged("a", 3);
  BOOST_TEST(sent().empty());
  relay->acknowledged("a", 1);
  BOOST_TEST((sent() == list{"a:2"}));
}

BOOST_AUTO_TEST_CASE(deliveries_tell_their_run_and_a_verdict_on_another_event_settles_nothing) {
  auto mine = std::make_shared<event>(*made(1, 1));
  mine->event_id = {system_ids().next_v7()};
  relay->committed({mine}, now);
  const auto first = relay->due(now);
  BOOST_REQUIRE(first.size() == 1U);
  BOOST_TEST((first[0].from->run == run->run));
  BOOST_TEST(relay->may_settle(1, mine->event_id));
  BOOST_TEST(!relay->may_settle(1, stoa::event_id{system_ids().next_v7()}));
  BOOST_TEST(relay->may_settle(1, std::nullopt));  // From a node that does not report it.
}

BOOST_AUTO_TEST_CASE(an_event_is_finished_when_every_subscriber_has_it) {
  relay->committed({made(1, 1, "e"), made(2, 1, "nobody")}, now);
  BOOST_TEST((sent() == list{"a:1", "b:1"}));
  BOOST_TEST((relay->take_finished(now) == std::vector<std::int64_t>{2}));
  relay->acknowledged("b", 1);
  relay->acknowledged("b", 1);  // A second answer to a repeated delivery counts once.
  BOOST_TEST(relay->take_finished(now).empty());
  BOOST_TEST(relay->held() == 1U);
  relay->acknowledged("a", 1);
  BOOST_TEST((relay->take_finished(now) == std::vector<std::int64_t>{1}));
  BOOST_TEST(relay->held() == 0U);
}

BOOST_AUTO_TEST_CASE(a_refused_event_comes_again_after_longer_and_longer_waits) {
  limits.retry_min = milliseconds{100};
  limits.retry_max = milliseconds{300};
  start();
  relay->committed({made(1, 1), made(2, 1)}, now);
  for (auto wait : {milliseconds{100}, milliseconds{200}, milliseconds{300}, milliseconds{300}}) {
    BOOST_TEST((sent() == list{"a:1"}));
    relay->refused("a", 1, "no", true, now);
    now = now + wait - microseconds{1};
    BOOST_TEST(sent().empty(), "sent before " << wait.count() << " ms");
    now = now + microseconds{1};
  }
  BOOST_TEST((sent() == list{"a:1"}));
}

BOOST_AUTO_TEST_CASE(after_too_many_refusals_an_event_is_a_dead_letter) {
  limits.attempts_max = 3;
  start();
  relay->committed({made(1, 1), made(2, 1)}, now);
  for (int i = 0; i < 20; ++i) {  // A subscriber that is down makes no event dead.
    BOOST_TEST((sent() == list{"a:1"}));
    relay->refused("a", 1, "down", false, now);
    now = now + seconds{60};
  }
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST((sent() == list{"a:1"}));
    relay->refused("a", 1, "broken", true, now);
    now = now + seconds{60};
  }
  auto due = relay->due(now);
  BOOST_REQUIRE(due.size() == 1U);
  BOOST_TEST(due[0].dead);
  BOOST_TEST(due[0].error == "broken");
  relay->acknowledged("a", 1);
  BOOST_TEST((sent() == list{"a:2"}));
}

BOOST_AUTO_TEST_CASE(an_unanswered_delivery_is_sent_again) {
  limits.answer_timeout = seconds{10};
  start();
  relay->committed({made(1, 1)}, now);
  BOOST_TEST((sent() == list{"a:1"}));
  now = now + seconds{9};
  BOOST_TEST(sent().empty());
  now = now + seconds{1};
  BOOST_TEST((sent() == list{"a:1"}));
  relay->acknowledged("a", 1);
  now = now + seconds{60};
  BOOST_TEST(sent().empty());
}

BOOST_AUTO_TEST_CASE(an_unavailable_subscriber_is_retried_less_often_until_a_change) {
  limits.answer_timeout = seconds{10};
  start();
  relay->committed({made(1, 1)}, now);
  for (auto wait : {seconds{10}, seconds{20}, seconds{30}, seconds{30}}) {
    BOOST_TEST((sent() == list{"a:1"}));
    now = now + wait - microseconds{1};
    BOOST_TEST(sent().empty(), "sent before " << wait.count() << " s");
    now = now + microseconds{1};
  }
  BOOST_TEST((sent() == list{"a:1"}));
  now = now + seconds{1};
  relay->send_again(now);
  BOOST_TEST((sent() == list{"a:1"}));
  now = now + seconds{10};
  BOOST_TEST((sent() == list{"a:1"}));
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_again_so_soon_that_a_broker_would_swallow_it) {
  limits.repeat_pause = seconds{6};
  limits.answer_timeout = seconds{10};
  start();
  relay->committed({made(1, 1)}, now);
  BOOST_TEST((sent() == list{"a:1"}));
  for (int i = 0; i < 5; ++i) {  // However often it is requested.
    now = now + seconds{1};
    relay->send_again(now);
    BOOST_TEST(sent().empty());
  }
  now = now + seconds{1};
  BOOST_TEST((sent() == list{"a:1"}));
  now = now + seconds{7};
  relay->send_again(now);
  BOOST_TEST((sent() == list{"a:1"}));
}

/// The relay of a killed node has published the first two; their answers are lost.
BOOST_AUTO_TEST_CASE(what_the_relay_before_may_have_sent_is_soon_sent_again_over_a_broker) {
  limits.repeat_pause = seconds{2};
  limits.answer_timeout = seconds{10};
  run = std::make_shared<outbox_run>(outbox_run{system_ids().next_v7(), 2, 2, {}});
  start();
  relay->committed({made(1, 1), made(2, 2), made(3, 3)}, now);
  BOOST_TEST((sent() == list{"a:1", "a:2", "a:3"}));
  relay->acknowledged("a", 2);
  now = now + seconds{2};
  BOOST_TEST((sent() == list{"a:1"}));
  now = now + seconds{8};
  BOOST_TEST((sent() == list{"a:3"}));
  now = now + seconds{12};
  BOOST_TEST((sent() == list{"a:1"}));
}

BOOST_AUTO_TEST_CASE(who_was_not_able_is_asked_at_once_when_something_has_changed) {
  limits.retry_min = seconds{5};
  start();
  relay->committed({made(1, 1), made(2, 2)}, now);
  BOOST_TEST((sent() == list{"a:1", "a:2"}));
  relay->refused("a", 1, "moving", false, now);
  relay->refused("a", 2, "broken", true, now);
  relay->send_again(now);
  BOOST_TEST((sent() == list{"a:1"}));
  now = now + seconds{5};
  BOOST_TEST((sent() == list{"a:2"}));
}

BOOST_AUTO_TEST_CASE(one_subscriber_gets_only_so_many_at_once) {
  limits.in_flight_max = 2;
  start();
  relay->committed({made(1, 1), made(2, 2), made(3, 3)}, now);
  BOOST_TEST((sent() == list{"a:1", "a:2"}));
  relay->acknowledged("a", 2);
  BOOST_TEST((sent() == list{"a:3"}));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_read_from_the_outbox_later_in_order) {
  limits.events_max = 4;
  start();
  relay->committed({made(1, 1), made(2, 2), made(3, 3), made(4, 4), made(5, 1)}, now);
  BOOST_TEST(relay->held() == 4U);
  relay->committed({made(6, 6)}, now);  // Earlier than the read position: not taken.
  BOOST_TEST((sent() == list{"a:1", "a:2", "a:3", "a:4"}));
  BOOST_TEST(!relay->wants_to_read());  // The queue is full.
  for (std::int64_t seq : {1, 2}) relay->acknowledged("a", seq);
  BOOST_TEST(relay->wants_to_read());
  BOOST_TEST(relay->read_from() == 4);
  BOOST_TEST(relay->read_max() == 2U);
  relay->read({made(5, 1), made(6, 6)}, 2, now);
  BOOST_TEST((sent() == list{"a:5", "a:6"}));
  for (std::int64_t seq : {3, 4, 5, 6}) relay->acknowledged("a", seq);
  BOOST_TEST(relay->wants_to_read());  // The read was full: there may be more.
  relay->read({}, relay->read_max(), now);
  BOOST_TEST(!relay->wants_to_read());
}

BOOST_AUTO_TEST_CASE(a_gap_sends_it_to_the_outbox) {
  relay->committed({made(1, 1)}, now);
  relay->committed({made(3, 1)}, now);  // Number 2 was never reported.
  BOOST_TEST((sent() == list{"a:1"}));
  BOOST_TEST(relay->wants_to_read());
  relay->read({made(2, 1), made(3, 1)}, relay->read_max(), now);
  relay->acknowledged("a", 1);
  BOOST_TEST((sent() == list{"a:2"}));
  relay->look_again();
  BOOST_TEST(relay->wants_to_read());
}

BOOST_AUTO_TEST_CASE(a_new_relay_reads_before_it_takes) {
  relay_core fresh("source", subscriptions, limits, run);
  BOOST_TEST(fresh.wants_to_read());
  fresh.committed({made(7, 1)}, now);
  BOOST_TEST(fresh.due(now).empty());
  fresh.read({made(5, 1), made(7, 1)}, 100, now);
  fresh.committed({made(7, 1)}, now);  // Already read.
  BOOST_TEST(fresh.held() == 2U);
  // An answer to the previous relay, which had sent more.
  fresh.acknowledged("a", 7);
  BOOST_TEST(fresh.held() == 2U);
  BOOST_TEST(fresh.due(now).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_low_water_stays_below_what_a_restart_would_send_again) {
  relay->committed({made(1, 1), made(2, 2)}, now);
  BOOST_TEST((sent() == list{"a:1", "a:2"}));
  relay->acknowledged("a", 1);
  relay->acknowledged("a", 2);
  BOOST_TEST((relay->take_finished(now) == std::vector<std::int64_t>{1, 2}));
  BOOST_TEST(low_water() == 1);  // The writer may have died before it could delete them.
  BOOST_TEST(relay->take_finished(now).empty());
  now = now + limits.answer_timeout;
  BOOST_TEST((relay->take_finished(now) == std::vector<std::int64_t>{1, 2}));
  relay->deleted({1, 2});
  BOOST_TEST(low_water() == 3);
}

BOOST_AUTO_TEST_CASE(the_lag_is_the_age_of_the_oldest_event) {
  BOOST_TEST(relay->lag(now).count() == 0);
  relay->committed({made(1, 1)}, now);
  BOOST_TEST(relay->lag(now).count() == 1'000'000);
}

BOOST_AUTO_TEST_SUITE_END()
