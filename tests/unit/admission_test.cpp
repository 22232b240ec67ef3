// How many requests are admitted, on a simulated clock: a queue that is served at a known rate
// represents the node.

#include "net/front/admission.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <thread>
#include <vector>

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using stoa::front::admission;
using stoa::front::admission_limits;
using time_point = admission::clock::time_point;

struct simulated_node {
  admission& entrance;
  std::int64_t cost = 1;  ///< of each request
  time_point now{seconds{1000}};
  struct request {
    admission::place place;
    time_point since;
  };
  std::deque<request> queue{};
  double served_part = 0;

  struct seen {
    std::int64_t refused = 0;
    std::int64_t answered = 0;
    milliseconds slowest{0};
  };
  /// Offers so many requests per millisecond for `lasting` and serves so many.
  seen run(milliseconds lasting, int offered_per_ms, double served_per_ms) {
    seen s;
    for (const auto end = now + lasting; now < end; now += milliseconds{1}) {
      for (int i = 0; i < offered_per_ms; ++i) {
        auto place = entrance.enter(cost, now);
        if (place) {
          queue.push_back({std::move(place), now});
        } else {
          ++s.refused;
        }
      }
      for (served_part += served_per_ms; served_part >= 1; served_part -= 1) {
        if (queue.empty()) continue;
        const auto took = std::chrono::duration_cast<milliseconds>(now - queue.front().since);
        s.slowest = std::max(s.slowest, took);
        queue.front().place.leave(now);
        queue.pop_front();
        ++s.answered;
      }
    }
    return s;
  }
};

admission_limits target(milliseconds t) {
  return {2048, t};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(admission_suite)

BOOST_AUTO_TEST_CASE(no_more_are_admitted_than_the_limit) {
  admission entrance({2, milliseconds{500}});
  auto a = entrance.enter();
  auto b = entrance.enter();
  BOOST_TEST((a && b));
  BOOST_TEST(!entrance.enter());
  BOOST_TEST(entrance.in_flight() == 2);
  auto moved = std::move(a);
  moved.leave();
  moved.leave();  // no effect the second time
  BOOST_TEST(entrance.in_flight() == 1);
  { auto c = entrance.enter(); }
  b = {};
  BOOST_TEST(entrance.in_flight() == 0);
}

BOOST_AUTO_TEST_CASE(a_request_takes_the_room_of_its_cost) {
  admission entrance({20, milliseconds{500}});
  auto large = entrance.enter(8);
  auto small = entrance.enter(1);
  BOOST_TEST((large && small));
  BOOST_TEST(entrance.in_flight() == 9);
  BOOST_TEST(!entrance.enter(12), "20 in all, 9 are taken");
  auto fits = entrance.enter(11);
  BOOST_TEST(!!fits);
  BOOST_TEST(entrance.in_flight() == 20);
  auto moved = std::move(large);
  moved.leave();
  BOOST_TEST(entrance.in_flight() == 12);
  small = {};
  fits.leave();
  BOOST_TEST(entrance.in_flight() == 0);
}

BOOST_AUTO_TEST_CASE(costs_are_kept_within_their_range) {
  admission entrance({2048, milliseconds{500}});
  auto none = entrance.enter(0);
  BOOST_TEST(entrance.in_flight() == 1);
  auto most = entrance.enter(1'000'000);
  BOOST_TEST(entrance.in_flight() == 1 + admission::cost_max);
}

BOOST_AUTO_TEST_CASE(a_request_above_the_bound_is_accepted_alone) {
  admission entrance({2, milliseconds{500}});
  auto large = entrance.enter(admission::cost_max);
  BOOST_TEST(!!large);
  BOOST_TEST(!entrance.enter());
}

BOOST_AUTO_TEST_CASE(a_node_that_keeps_up_rejects_nothing) {
  admission entrance(target(milliseconds{500}));
  simulated_node node{entrance};
  const auto s = node.run(seconds{10}, 10, 20);
  BOOST_TEST(s.refused == 0);
  BOOST_TEST(entrance.limit() == 2048);
}

BOOST_AUTO_TEST_CASE(an_overloaded_node_answers_admitted_requests_in_time) {
  for (const double served_per_ms : {0.1, 0.5, 2.0}) {
    admission entrance(target(milliseconds{500}));
    simulated_node node{entrance};
    // Requests admitted before the node's speed is known take longer.
    node.run(seconds{1}, 10, served_per_ms);
    node.run(milliseconds{static_cast<int>(2048 / served_per_ms)}, 10, served_per_ms);
    const auto s = node.run(seconds{10}, 10, served_per_ms);
    BOOST_TEST(s.slowest < milliseconds{1000}, served_per_ms << ": " << s.slowest.count());
    BOOST_TEST(s.answered >= static_cast<std::int64_t>(0.95 * 10'000 * served_per_ms));
    BOOST_TEST(s.refused > 0);
  }
}

BOOST_AUTO_TEST_CASE(the_bound_is_right_for_requests_that_cost_more) {
  const double served_per_ms = 0.2;
  admission entrance(target(milliseconds{500}));
  simulated_node node{entrance, 8};
  node.run(seconds{30}, 10, served_per_ms);
  const auto s = node.run(seconds{10}, 10, served_per_ms);
  // By Little's law 8 x 0.2/ms x 500 ms.
  BOOST_TEST(entrance.limit() > 400);
  BOOST_TEST(entrance.limit() < 1600);
  BOOST_TEST(s.slowest < milliseconds{1000}, s.slowest.count());
  BOOST_TEST(s.answered >= static_cast<std::int64_t>(0.95 * 10'000 * served_per_ms));
}

BOOST_AUTO_TEST_CASE(with_a_fixed_bound_it_would_not) {
  admission entrance(target(seconds{1000}));
  simulated_node node{entrance};
  node.run(seconds{30}, 10, 0.1);
  const auto s = node.run(seconds{10}, 10, 0.1);
  BOOST_TEST(s.slowest > seconds{10});
}

BOOST_AUTO_TEST_CASE(after_the_rush_it_takes_in_as_many_as_before) {
  admission entrance(target(milliseconds{500}));
  simulated_node node{entrance};
  node.run(seconds{60}, 10, 0.1);
  BOOST_TEST(entrance.limit() < 100);
  node.run(seconds{5}, 1, 10);
  BOOST_TEST(entrance.limit() == 2048);
  BOOST_TEST(node.run(seconds{5}, 5, 10).refused == 0);
}

BOOST_AUTO_TEST_CASE(after_a_standstill_it_takes_in_as_many_as_before) {
  admission entrance(target(milliseconds{500}));
  simulated_node node{entrance};
  node.run(seconds{5}, 5, 20);
  node.run(seconds{5}, 5, 0);
  BOOST_TEST(entrance.in_flight() == 2048);
  node.run(seconds{2}, 5, 20);
  BOOST_TEST(entrance.limit() == 2048);
  BOOST_TEST(node.run(seconds{5}, 5, 20).refused == 0);
}

BOOST_AUTO_TEST_CASE(slow_requests_alone_are_no_overload) {
  admission entrance(target(milliseconds{500}));
  time_point now{seconds{1000}};
  for (int i = 0; i < 100; ++i) {
    auto place = entrance.enter(1, now);
    now += seconds{3};
    place.leave(now);
  }
  BOOST_TEST(entrance.limit() == 2048);
}

BOOST_AUTO_TEST_CASE(refusals_are_reported_once_a_second) {
  admission entrance({1, milliseconds{500}});
  const auto in = entrance.enter();
  time_point now{seconds{1000}};
  BOOST_TEST(entrance.take_unreported(now) == 0U);
  for (int i = 0; i < 5; ++i) BOOST_TEST(!entrance.enter());
  BOOST_TEST(entrance.take_unreported(now + milliseconds{999}) == 0U);
  BOOST_TEST(entrance.take_unreported(now + milliseconds{1000}) == 5U);
  BOOST_TEST(entrance.take_unreported(now + milliseconds{3000}) == 0U);
}

BOOST_AUTO_TEST_CASE(threads_share_it) {
  admission entrance({8, milliseconds{1}});
  std::atomic<std::int64_t> inside = 0;
  std::atomic<std::int64_t> most = 0;
  std::atomic<std::int64_t> let_in = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      std::vector<admission::place> held;
      for (int i = 0; i < 20'000; ++i) {
        if (auto place = entrance.enter()) {
          const auto now = ++inside;
          for (auto seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);) {
          }
          ++let_in;
          held.push_back(std::move(place));
        }
        if (held.size() == 3) {
          inside -= 3;
          held.clear();
        }
      }
      inside -= static_cast<std::int64_t>(held.size());
    });
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(most <= 8);
  BOOST_TEST(let_in > 0);
  BOOST_TEST(entrance.in_flight() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
