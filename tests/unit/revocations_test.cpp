// A node's table of revoked sessions, and when it must not decide by itself.

#include "net/front/revocations.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace stoa;
using front::revocations;
using front::token_session;
using verdict = front::revocations::verdict;
using clock_type = front::revocations::clock;

namespace {

constexpr timestamp later{1'000'000};

session_id session(int n) {
  session_id id;
  id.value.bytes[0] = static_cast<std::uint8_t>(n >> 8);
  id.value.bytes[15] = static_cast<std::uint8_t>(n);
  return id;
}

struct list {
  verdict look(session_id family, std::int64_t epoch = 0) const {
    return known.look({family, epoch}, now);
  }
  revocations known{1000};
  clock_type::time_point now = clock_type::now();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(revoked_sessions, list)

BOOST_AUTO_TEST_CASE(nothing_is_good_before_the_user_service_has_answered) {
  BOOST_TEST((look(session(1)) == verdict::unknown));
  BOOST_TEST(known.add(session(2), 1, later));
  BOOST_TEST((look(session(2)) == verdict::revoked));
  known.known_as_of(now);
  BOOST_TEST((look(session(1)) == verdict::good));
}

BOOST_AUTO_TEST_CASE(a_node_that_has_lost_touch_must_ask) {
  known.add(session(1), 1, later);
  known.known_as_of(now);
  now += revocations::age_max;
  BOOST_TEST((look(session(2)) == verdict::good));
  now += milliseconds{1};
  BOOST_TEST((look(session(2)) == verdict::unknown));
  BOOST_TEST((look(session(1)) == verdict::revoked));
  known.known_as_of(now - milliseconds{500});
  BOOST_TEST((look(session(2)) == verdict::good));
  // A late answer to an older query does not make it older.
  known.known_as_of(now - seconds{5});
  BOOST_TEST((look(session(2)) == verdict::good));
}

BOOST_AUTO_TEST_CASE(epochs_only_rise) {
  known.known_as_of(now);
  known.add(session(1), 2, later);
  known.add(session(1), 1, later);
  BOOST_TEST(known.size() == 1u);
  BOOST_TEST((look(session(1), 1) == verdict::revoked));
  BOOST_TEST((look(session(1), 2) == verdict::good));
}

BOOST_AUTO_TEST_CASE(what_no_token_can_outlive_is_forgotten) {
  known.known_as_of(now);
  known.add(session(1), 1, {10});
  known.add(session(1), 2, {20});
  known.add(session(2), 1, {10});
  known.forget({9});
  BOOST_TEST(known.size() == 2u);
  known.forget({10});
  BOOST_TEST(known.size() == 1u);
  BOOST_TEST((look(session(1)) == verdict::revoked));
  BOOST_TEST((look(session(2)) == verdict::good));
  known.forget({20});
  BOOST_TEST(known.size() == 0u);
  BOOST_TEST((look(session(1)) == verdict::good));
}

BOOST_AUTO_TEST_CASE(beyond_its_bound_it_guesses_nothing) {
  known.known_as_of(now);
  for (int i = 0; i < 1000; ++i) BOOST_TEST_REQUIRE(known.add(session(i), 1, later));
  BOOST_TEST(known.add(session(5), 2, later));  // Not one more.
  BOOST_TEST((look(session(1001)) == verdict::good));
  BOOST_TEST(!known.add(session(1000), 1, later));
  BOOST_TEST(known.size() == 0u);
  for (int i = 0; i <= 1001; ++i) BOOST_TEST_REQUIRE((look(session(i)) == verdict::unknown));
}

// A revocation known as of a moment is visible to all later lookups, while entries are added and
// removed.
BOOST_AUTO_TEST_CASE(lookups_on_other_threads_see_what_was_added) {
  std::atomic<int> revoked{0};
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      while (!done) {
        const int upto = revoked;
        for (int i = upto; i > 0 && i > upto - 20; --i) {
          wrong += known.look({session(i - 1), 0}, clock_type::now()) != verdict::revoked;
        }
        known.look({session(2000), 0}, clock_type::now());
      }
    });
  }
  for (int i = 0; i < 900; ++i) {
    known.add(session(i), 1, later);
    known.known_as_of(clock_type::now());
    revoked = i + 1;
    if (i % 50 == 0) known.forget({0});
    std::this_thread::yield();
  }
  done = true;
  for (auto& r : readers) r.join();
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()
