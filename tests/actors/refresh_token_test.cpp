#include "actors/user/refresh_token.hpp"

#include "actors/user/password.hpp"
#include "actors/user/password_workers.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <latch>

using namespace stoa;
using namespace stoa::user;

namespace {

const std::string key(32, 'k');

}  // namespace

BOOST_AUTO_TEST_SUITE(refresh_tokens)

BOOST_AUTO_TEST_CASE(what_was_made_is_read) {
  refresh_claim claim{{system_ids().next_v4()}, 7};
  auto text = make_refresh_token(key, claim);
  BOOST_TEST(text.size() <= refresh_token_bytes_max);
  auto read = check_refresh_token(key, text);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST((*read == claim));
  BOOST_TEST(make_refresh_token(key, claim) == text);  // A retry gets the same answer.
  claim.generation = std::numeric_limits<std::int64_t>::max();
  BOOST_TEST(check_refresh_token(key, make_refresh_token(key, claim)).has_value());
}

BOOST_AUTO_TEST_CASE(nothing_else_is_read) {
  auto text = make_refresh_token(key, {{system_ids().next_v4()}, 7});
  BOOST_TEST(!check_refresh_token(std::string(32, 'x'), text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto other = text;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    BOOST_TEST(!check_refresh_token(key, other));
    BOOST_TEST(!check_refresh_token(key, text.substr(0, i)));
  }
  auto first = text.find('.');
  auto next = text.substr(0, first) + ".8" + text.substr(text.rfind('.'));
  for (const auto& bad : {std::string(), std::string("."), std::string(".."), std::string("a.1."),
                          text + "A", text + ".", next, std::string(5000, '.')}) {
    BOOST_TEST(!check_refresh_token(key, bad));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(workers)

BOOST_AUTO_TEST_CASE(hash_and_verify) {
  password_workers pool({2, 8, 8});
  std::promise<result<std::string>> hashed;
  BOOST_REQUIRE(pool.hash({}, "correct horse", [&](auto r) { hashed.set_value(std::move(r)); }));
  auto hash = hashed.get_future().get().value();
  BOOST_TEST(!needs_rehash(hash));
  const auto check = [&](const std::string& against, const std::string& password) {
    std::promise<bool> right;
    BOOST_REQUIRE(
        pool.verify({}, against, password, [&](result<bool> r) { right.set_value(r.value()); }));
    return right.get_future().get();
  };
  BOOST_TEST(check(hash, "correct horse"));
  BOOST_TEST(!check(hash, "wrong horse"));
  BOOST_TEST(!check("", "correct horse"));
  BOOST_TEST(!check("", ""));
}

BOOST_AUTO_TEST_CASE(the_queue_is_bounded_and_stop_ends_it) {
  password_workers pool({1, 2, 2});
  std::latch started(1);
  std::latch release(1);
  BOOST_REQUIRE(pool.verify({}, "", "first", [&](result<bool>) {
    started.count_down();
    release.wait();
  }));
  started.wait();
  std::atomic<int> called{0};
  const auto count = [&](result<bool>) { ++called; };
  BOOST_TEST(pool.verify({}, "", "second", count));
  BOOST_TEST(pool.verify({}, "", "third", count));
  BOOST_TEST(!pool.verify({}, "", "fourth", count));
  BOOST_TEST(pool.waiting() == 2u);
  release.count_down();
  for (int i = 0; i < 1000 && called < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  BOOST_TEST(called == 2);
  pool.stop();
  BOOST_TEST(!pool.verify({}, "", "late", count));
  BOOST_TEST(called == 2);
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws_does_not_stop_the_pool) {
  password_workers pool({1, 4, 4});
  pool.verify({}, "", "x", [](result<bool>) { throw std::runtime_error("planted"); });
  std::promise<bool> right;
  BOOST_REQUIRE(pool.verify({}, "", "y", [&](result<bool> r) { right.set_value(r.value()); }));
  BOOST_TEST(!right.get_future().get());
}

namespace {

/// A pool of one thread that is blocked until release().
struct held_pool {
  explicit held_pool(password_limits limits, const stoa::clock& time = system_time())
      : pool(limits, time) {
    pool.verify({99, false, {}}, "", "held", [this](result<bool>) {
      started.count_down();
      released.wait();
    });
    started.wait();
  }
  ~held_pool() { release(); }
  void release() {
    if (!std::exchange(is_released, true)) released.count_down();
  }
  /// A job of the client that records its outcome: "1" when done, "1!" when rejected.
  bool add(std::uint64_t client, bool exempt = false, timestamp deadline = {}) {
    return pool.verify({client, exempt, deadline}, "", "x", [this, client](const result<bool>& r) {
      const std::lock_guard lock(mutex);
      done.push_back(std::to_string(client) + (r ? "" : "!"));
    });
  }
  std::vector<std::string> wait_for(std::size_t count) {
    for (int i = 0; i < 1000; ++i) {
      {
        const std::lock_guard lock(mutex);
        if (done.size() >= count) return done;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const std::lock_guard lock(mutex);
    return done;
  }

  std::latch started{1};
  std::latch released{1};
  bool is_released = false;
  std::mutex mutex;
  std::vector<std::string> done;
  password_workers pool;
};
using outcomes = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(clients_are_served_in_turn) {
  held_pool held({1, 16, 16});
  for (int i = 0; i < 4; ++i) BOOST_TEST(held.add(1));
  BOOST_TEST(held.add(2));
  BOOST_TEST(held.add(3));
  BOOST_TEST(held.add(3));
  held.release();
  BOOST_TEST(held.wait_for(7) == (outcomes{"1", "2", "3", "1", "3", "1", "1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_queue_takes_from_the_client_with_the_most) {
  held_pool held({1, 6, 6});
  for (int i = 0; i < 6; ++i) BOOST_TEST(held.add(1));
  BOOST_TEST(!held.add(1));
  BOOST_TEST(held.add(2));
  BOOST_TEST(held.add(3));
  BOOST_TEST(held.add(2));
  BOOST_TEST(held.wait_for(3) == (outcomes{"1!", "1!", "1!"}), boost::test_tools::per_element());
  // Three of the first user, two of the second and one of the third: the difference is at most two.
  BOOST_TEST(!held.add(2));
  BOOST_TEST(!held.add(1));
  BOOST_TEST(held.pool.waiting() == 6U);
  BOOST_TEST(held.pool.refused() == 6U);
  held.release();
  const auto all = held.wait_for(9);
  BOOST_TEST(outcomes(all.begin() + 3, all.end()) == (outcomes{"1", "2", "3", "1", "2", "1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_client_has_a_bound_unless_it_is_exempt) {
  held_pool held({1, 6, 2});
  BOOST_TEST(held.add(1));
  BOOST_TEST(held.add(1));
  BOOST_TEST(!held.add(1));
  for (int i = 0; i < 4; ++i) BOOST_TEST(held.add(2, true));
  BOOST_TEST(!held.add(2, true));
}

BOOST_AUTO_TEST_CASE(what_is_too_late_is_not_hashed) {
  manual_clock time({1'000'000});
  held_pool held({1, 6, 6}, time);
  BOOST_TEST(held.add(1, false, {1'500'000}));
  BOOST_TEST(held.add(1, false, {9'000'000}));
  time.advance(seconds{1});
  held.release();
  BOOST_TEST(held.wait_for(2) == (outcomes{"1!", "1"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
