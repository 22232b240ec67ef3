// Client rate limits on a simulated clock: GCRA, the table, classes and scopes, the fields of
// answers.

#include "net/front/rate_limits.hpp"

#include "config/settings.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <thread>
#include <vector>

using namespace stoa::front;

namespace {

constexpr std::int64_t start_ns = 1000 * second_ns;
const std::string secret(32, 's');

struct arrival {
  std::int64_t until_ns = 0;
};

/// The maximum in any window of length `period`.
std::int64_t most_within(const std::vector<std::int64_t>& at, std::int64_t period) {
  std::int64_t most = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < at.size(); ++i) {
    while (at[i] - at[first] >= period) ++first;
    most = std::max(most, static_cast<std::int64_t>(i - first + 1));
  }
  return most;
}

std::string field(const stoa::http::response& r, std::string_view name) {
  for (const auto& [n, v] : r.headers) {
    if (n == name) return v;
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gcra)

BOOST_AUTO_TEST_CASE(a_burst_then_one_an_interval) {
  const auto limit = limit_of(60, 60 * second_ns, 5);
  std::int64_t until = 0;
  for (std::int64_t left = 4; left >= 0; --left) {
    const auto v = spend(limit, until, start_ns);
    BOOST_TEST(v.allowed);
    BOOST_TEST(v.remaining == left);
    BOOST_TEST(v.full_after_ns == (5 - left) * second_ns);
  }
  const auto before = until;
  const auto refused = spend(limit, until, start_ns);
  BOOST_TEST(!refused.allowed);
  BOOST_TEST(refused.retry_after_ns == second_ns);
  BOOST_TEST(until == before);
  BOOST_TEST(!spend(limit, until, start_ns + second_ns - 1).allowed);
  BOOST_TEST(spend(limit, until, start_ns + second_ns).allowed);
  BOOST_TEST(!spend(limit, until, start_ns + second_ns).allowed);
  BOOST_TEST(spend(limit, until, start_ns + 100 * second_ns).remaining == 4);
}

BOOST_AUTO_TEST_CASE(retry_after_is_the_time_until_a_request_is_allowed) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    const auto limit = limit_of(1 + static_cast<std::int64_t>(random() % 10'000), 60 * second_ns,
                                1 + static_cast<std::int64_t>(random() % 50));
    std::int64_t until = 0;
    auto now = start_ns;
    for (int i = 0; i < 60; ++i) {
      now +=
          static_cast<std::int64_t>(random() % (2 * static_cast<std::uint64_t>(limit.interval_ns)));
      auto copy = until;
      const auto v = spend(limit, until, now);
      if (v.allowed) continue;
      BOOST_TEST(v.retry_after_ns > 0);
      auto early = copy;
      BOOST_TEST(!spend(limit, early, now + v.retry_after_ns - 1).allowed);
      BOOST_TEST(spend(limit, copy, now + v.retry_after_ns).allowed);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_window_sees_more_than_rate_and_burst) {
  const auto limit = limit_of(600, 60 * second_ns, 20);
  std::mt19937_64 random(11);
  std::int64_t until = 0;
  std::vector<std::int64_t> allowed;
  for (auto now = start_ns; now < start_ns + 120 * second_ns;
       now += static_cast<std::int64_t>(random() % 20'000'000)) {
    if (spend(limit, until, now).allowed) allowed.push_back(now);
  }
  BOOST_TEST(most_within(allowed, 60 * second_ns) <= 600 + 20);
  BOOST_TEST(most_within(allowed, second_ns) <= 10 + 20);
  BOOST_TEST(allowed.size() >= 1200U);
}

BOOST_AUTO_TEST_CASE(no_setting_makes_times_overflow) {
  for (const std::int64_t burst : {1LL, 100'000'000LL, 100'000'000LL * 65'536}) {
    for (const std::int64_t count : {1LL, 60LL, 100'000'000LL, 100'000'000LL * 65'536}) {
      const auto limit = limit_of(count, 86'400 * second_ns, burst);
      BOOST_TEST(limit.burst >= 1);
      BOOST_TEST(limit.window_ns() > 0);
      BOOST_TEST(limit.window_ns() <= window_ns_max);
      std::int64_t until = 0;
      BOOST_TEST(spend(limit, until, start_ns).allowed);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_taken_back_can_be_spent_again) {
  const auto limit = limit_of(60, 60 * second_ns, 1);
  std::int64_t until = 0;
  BOOST_TEST(spend(limit, until, start_ns).allowed);
  BOOST_TEST(!spend(limit, until, start_ns).allowed);
  refund(limit, until);
  BOOST_TEST(spend(limit, until, start_ns).allowed);
  std::int64_t none = 0;
  refund(limit, none);
  BOOST_TEST(none == 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(table)

BOOST_AUTO_TEST_CASE(entries_are_kept_apart_and_found) {
  limit_table<arrival> t(16'384);
  const limit_keys keys(secret);
  for (std::uint64_t i = 0; i < 500; ++i) {
    t.update(keys.of(i), start_ns,
             [&](arrival& a) { a.until_ns = start_ns + static_cast<std::int64_t>(i) + 1; });
  }
  BOOST_TEST(t.used() == 500U);
  for (std::uint64_t i = 0; i < 500; ++i) {
    const auto found = t.find(keys.of(i));
    BOOST_REQUIRE(found);
    BOOST_TEST(found->until_ns == start_ns + static_cast<std::int64_t>(i) + 1);
  }
  BOOST_TEST(!t.find(keys.of(500)));
  BOOST_TEST(t.evicted() == 0U);
}

BOOST_AUTO_TEST_CASE(a_full_table_gives_up_what_lapses_first_and_counts_it) {
  limit_table<arrival> t(512);
  BOOST_TEST(t.entries_max() == 512U);
  // One bucket: keys with equal lowest six bits.
  for (std::uint64_t i = 1; i <= 8; ++i) {
    t.update(i * 64, start_ns,
             [&](arrival& a) { a.until_ns = start_ns + static_cast<std::int64_t>(i) * second_ns; });
  }
  BOOST_TEST(t.evicted() == 0U);
  t.update(9 * 64, start_ns, [](arrival& a) {
    BOOST_TEST(a.until_ns == 0);
    a.until_ns = start_ns + 9 * second_ns;
  });
  BOOST_TEST(t.evicted() == 1U);
  BOOST_TEST(!t.find(64));
  BOOST_TEST(t.find(128).has_value());
  // Expired entries are evicted without being counted.
  t.update(10 * 64, start_ns + 3 * second_ns,
           [](arrival& a) { a.until_ns = start_ns + 99 * second_ns; });
  BOOST_TEST(t.evicted() == 1U);
  BOOST_TEST(!t.find(128));
  BOOST_TEST(t.used() == 8U);
}

BOOST_AUTO_TEST_CASE(a_flood_of_clients_does_not_evict_one_that_is_held_back) {
  // The throttled client's entry expires last, so that new clients evict each other.
  limit_table<arrival> t(512);
  const limit_keys keys(secret);
  const auto attacker = keys.of(1, 2, 3);
  t.update(attacker, start_ns, [](arrival& a) { a.until_ns = start_ns + 60 * second_ns; });
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    t.update(keys.of(i), start_ns, [](arrival& a) { a.until_ns = start_ns + second_ns; });
  }
  BOOST_TEST(t.find(attacker).has_value());
  BOOST_TEST(t.evicted() > 90'000U);
}

BOOST_AUTO_TEST_CASE(threads_share_it) {
  limit_table<arrival> t(1024);
  const limit_keys keys(secret);
  const auto limit = limit_of(1, 3600 * second_ns, 1000);
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        const auto v = t.update(keys.of(7), start_ns,
                                [&](arrival& a) { return spend(limit, a.until_ns, start_ns); });
        allowed += v.allowed ? 1 : 0;
      }
    });
  }
  for (auto& one : threads) one.join();
  BOOST_TEST(allowed == 1000);
}

BOOST_AUTO_TEST_CASE(keys_depend_on_the_secret_and_on_each_number) {
  const limit_keys keys(secret);
  const limit_keys same(secret);
  const limit_keys other(std::string(32, 't'));
  BOOST_TEST(keys.of(1) == same.of(1));
  BOOST_TEST(keys.of(1) != other.of(1));
  BOOST_TEST(keys.of(1, 0) != keys.of(0, 1));
  BOOST_TEST(keys.of(1, 2, 3) != keys.of(1, 3, 2));
  BOOST_TEST(keys.of("ann") != keys.of("bob"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rates)

BOOST_AUTO_TEST_CASE(classes_scopes_and_clients_have_separate_limits) {
  stoa::limits_settings s;
  s.checkout_per_minute = 6;
  s.checkout_burst = 2;
  const limit_keys keys(secret);
  rate_limits limits(s, keys, nullptr);
  const auto admit = [&](limit_class c, limit_scope scope, std::uint64_t client,
                         std::int64_t now = start_ns) {
    limit_notes notes;
    return limits.admit(c, scope, client, now, notes);
  };
  BOOST_TEST(admit(limit_class::checkout, limit_scope::address, 1));
  BOOST_TEST(admit(limit_class::checkout, limit_scope::address, 1));
  BOOST_TEST(!admit(limit_class::checkout, limit_scope::address, 1));
  BOOST_TEST(admit(limit_class::checkout, limit_scope::address, 2));
  BOOST_TEST(admit(limit_class::checkout, limit_scope::account, 1));
  BOOST_TEST(admit(limit_class::read, limit_scope::address, 1));
  BOOST_TEST(admit(limit_class::none, limit_scope::address, 1));
  BOOST_TEST(admit(limit_class::checkout, limit_scope::address, 1, start_ns + 10 * second_ns));
}

BOOST_AUTO_TEST_CASE(a_daily_limit_holds_and_costs_nothing_of_the_minute) {
  stoa::limits_settings s;
  s.register_per_minute = 60;
  s.register_burst = 60;
  s.register_per_day = 3;
  const limit_keys keys(secret);
  rate_limits limits(s, keys, nullptr);
  for (int i = 0; i < 3; ++i) {
    limit_notes notes;
    BOOST_TEST(
        limits.admit(limit_class::register_account, limit_scope::address, 1, start_ns, notes));
  }
  limit_notes notes;
  BOOST_TEST(
      !limits.admit(limit_class::register_account, limit_scope::address, 1, start_ns, notes));
  BOOST_TEST(notes.retry_after_ns == 28'800 * second_ns);
  limit_notes later;
  BOOST_TEST(limits.admit(limit_class::register_account, limit_scope::address, 1,
                          start_ns + 28'800 * second_ns, later));
  BOOST_REQUIRE(later.count == 2);
  BOOST_TEST(later.notes[0].verdict.remaining == 59);
}

BOOST_AUTO_TEST_CASE(a_site_has_a_multiple_of_the_limits_of_an_address) {
  stoa::limits_settings s;
  s.cart_create_burst = 10;
  s.ipv6_site_factor = 4;
  const limit_keys keys(secret);
  rate_limits limits(s, keys, nullptr);
  int allowed = 0;
  for (int i = 0; i < 100; ++i) {
    limit_notes notes;
    allowed +=
        limits.admit(limit_class::cart_create, limit_scope::site, 1, start_ns, notes) ? 1 : 0;
  }
  BOOST_TEST(allowed == 40);
}

BOOST_AUTO_TEST_CASE(answers_say_what_is_left) {
  stoa::limits_settings s;
  s.read_per_minute = 60;
  s.read_burst = 2;
  const limit_keys keys(secret);
  rate_limits limits(s, keys, nullptr);
  const auto answer = [&](std::int64_t now) {
    limit_notes notes;
    limits.admit(limit_class::read, limit_scope::address, 1, now, notes);
    stoa::http::response r;
    if (notes.retry_after_ns > 0) r.headers.emplace_back("Retry-After", "1");
    add_limit_fields(notes, r);
    return r;
  };
  const auto first = answer(start_ns);
  BOOST_TEST(field(first, "RateLimit-Policy") == R"("read-address";q=2;w=2)");
  BOOST_TEST(field(first, "RateLimit") == R"("read-address";r=1;t=1)");
  BOOST_TEST(field(first, "Retry-After") == "");
  answer(start_ns);
  const auto refused = answer(start_ns);
  BOOST_TEST(field(refused, "RateLimit") == R"("read-address";r=0;t=2)");
  BOOST_TEST(field(refused, "Retry-After") == "1");
  stoa::http::response bare;
  add_limit_fields({}, bare);
  BOOST_TEST(bare.headers.empty());
}

BOOST_AUTO_TEST_CASE(what_other_nodes_have_seen_counts) {
  stoa::limits_settings s;
  s.login_per_minute = 60;
  s.login_burst = 10;
  const limit_keys keys(secret);
  rate_limits limits(s, keys, nullptr);
  limit_notes notes;
  BOOST_TEST(limits.admit(limit_class::login, limit_scope::address, 1, start_ns, notes));
  const auto key = keys.of(1, static_cast<std::uint64_t>(limit_class::login) * limit_scopes, 0);
  limits.merge(key, 9 * second_ns, start_ns);
  limit_notes next;
  BOOST_TEST(limits.admit(limit_class::login, limit_scope::address, 1, start_ns, next));
  limit_notes refused;
  BOOST_TEST(!limits.admit(limit_class::login, limit_scope::address, 1, start_ns, refused));
  limits.merge(key, 0, start_ns);  // This node's own count remains.
  BOOST_TEST(!limits.admit(limit_class::login, limit_scope::address, 1, start_ns, refused));
}

BOOST_AUTO_TEST_SUITE_END()
