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
  password_workers pool(2, 8);
  std::promise<result<std::string>> hashed;
  BOOST_REQUIRE(pool.hash("correct horse", [&](auto r) { hashed.set_value(std::move(r)); }));
  auto hash = hashed.get_future().get().value();
  BOOST_TEST(!needs_rehash(hash));
  const auto check = [&](const std::string& against, const std::string& password) {
    std::promise<bool> right;
    BOOST_REQUIRE(pool.verify(against, password, [&](bool r) { right.set_value(r); }));
    return right.get_future().get();
  };
  BOOST_TEST(check(hash, "correct horse"));
  BOOST_TEST(!check(hash, "wrong horse"));
  BOOST_TEST(!check("", "correct horse"));
  BOOST_TEST(!check("", ""));
}

BOOST_AUTO_TEST_CASE(the_queue_is_bounded_and_stop_ends_it) {
  password_workers pool(1, 2);
  std::latch started(1);
  std::latch release(1);
  BOOST_REQUIRE(pool.verify("", "first", [&](bool) {
    started.count_down();
    release.wait();
  }));
  started.wait();
  std::atomic<int> called{0};
  const auto count = [&](bool) { ++called; };
  BOOST_TEST(pool.verify("", "second", count));
  BOOST_TEST(pool.verify("", "third", count));
  BOOST_TEST(!pool.verify("", "fourth", count));
  BOOST_TEST(pool.waiting() == 2u);
  release.count_down();
  for (int i = 0; i < 1000 && called < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  BOOST_TEST(called == 2);
  pool.stop();
  BOOST_TEST(!pool.verify("", "late", count));
  BOOST_TEST(called == 2);
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws_stops_nobody) {
  password_workers pool(1, 4);
  pool.verify("", "x", [](bool) { throw std::runtime_error("planted"); });
  std::promise<bool> right;
  BOOST_REQUIRE(pool.verify("", "y", [&](bool r) { right.set_value(r); }));
  BOOST_TEST(!right.get_future().get());
}

BOOST_AUTO_TEST_SUITE_END()
