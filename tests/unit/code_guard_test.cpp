// Limits of guesses of codes: what an attacker gets, and that honest clients are not affected.

#include "net/front/code_guard.hpp"

#include "net/front/shared_limits.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa::front;

namespace {

constexpr std::int64_t minute_ns = 60 * second_ns;
constexpr std::int64_t start_ns = 1'000'000 * second_ns;

code_limits limits_of() {
  code_limits l;
  l.owner = {10, second_ns, 900 * second_ns, 30 * minute_ns, 26};
  l.address = {40, second_ns, 10 * minute_ns, minute_ns, 56};
  l.site = {80, second_ns, 10 * minute_ns, minute_ns, 96};
  l.clients_max = 4096;
  return l;
}

struct guarded {
  limit_keys keys{"0123456789abcdef0123456789abcdef"};
  code_guard guard{limits_of(), keys, nullptr};

  static code_attempt of(std::uint64_t owner, std::uint64_t address) {
    return {owner, address, std::nullopt, false};
  }
  /// Whether the codes were looked up; so many of them do not exist.
  bool looks_up(const code_attempt& a, std::int64_t unknown, std::int64_t now_ns) {
    if (guard.admit(a, now_ns).refused_by != code_scope::none) return false;
    guard.settle(a, unknown, now_ns);
    return true;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(code_guards)

BOOST_FIXTURE_TEST_CASE(a_guesser_is_slowed_down_by_owner_and_by_address, guarded) {
  int found = 0;
  for (auto now = start_ns; now < start_ns + 60 * minute_ns; now += second_ns) {
    found += looks_up(of(1, 1), 1, now) ? 1 : 0;
  }
  BOOST_TEST(found >= 11);
  BOOST_TEST(found <= 25);
  // A new cart for each guess: the address counts.
  found = 0;
  for (int i = 0; i < 3600; ++i) {
    found += looks_up(of(1000 + static_cast<std::uint64_t>(i), 2), 1, start_ns + i * second_ns);
  }
  BOOST_TEST(found >= 41);
  BOOST_TEST(found <= 120);
  const auto refused = guard.admit(of(9, 2), start_ns + 3600 * second_ns);
  BOOST_TEST((refused.refused_by == code_scope::address));
  BOOST_TEST(refused.retry_after_ns > 0);
}

BOOST_FIXTURE_TEST_CASE(codes_that_exist_do_not_count, guarded) {
  for (int i = 0; i < 1000; ++i) BOOST_TEST(looks_up(of(1, 1), 0, start_ns));
  for (int i = 0; i < 11; ++i) BOOST_TEST(looks_up(of(1, 1), 1, start_ns));
  BOOST_TEST(!looks_up(of(1, 1), 0, start_ns));
  // Others at the address, and the owner elsewhere at another time.
  BOOST_TEST(looks_up(of(2, 1), 0, start_ns));
  BOOST_TEST(looks_up(of(1, 3), 0, start_ns + 2 * second_ns));
}

BOOST_FIXTURE_TEST_CASE(each_code_of_a_request_counts, guarded) {
  BOOST_TEST(looks_up(of(1, 1), 10, start_ns));
  BOOST_TEST(looks_up(of(1, 1), 10, start_ns));
  BOOST_TEST((guard.admit(of(1, 1), start_ns).refused_by == code_scope::owner));
}

BOOST_FIXTURE_TEST_CASE(requests_at_once_count_before_they_are_answered, guarded) {
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) {
    admitted += guard.admit(of(1, 1), start_ns).refused_by == code_scope::none ? 1 : 0;
  }
  BOOST_TEST(admitted == 11);
  // A refused one counts towards no other limit.
  BOOST_TEST(looks_up(of(2, 1), 0, start_ns));
}

BOOST_FIXTURE_TEST_CASE(an_exempt_address_has_no_limit_and_a_site_has_one, guarded) {
  for (int i = 0; i < 200; ++i) {
    code_attempt a{std::nullopt, 5, std::nullopt, true};
    BOOST_TEST(looks_up(a, 1, start_ns));
  }
  int found = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    code_attempt a{std::nullopt, 1000 + i, 7, false};
    found += looks_up(a, 1, start_ns) ? 1 : 0;
  }
  BOOST_TEST(found == 81);
}

BOOST_FIXTURE_TEST_CASE(failures_at_other_nodes_count, guarded) {
  code_guard other{limits_of(), keys, nullptr};
  const auto key = keys.of(1, 0, 201 + static_cast<std::uint64_t>(code_scope::owner));
  other.merge({shared_kind::code_owner_failures, key}, 12 * 30 * minute_ns, start_ns);
  BOOST_TEST((other.admit(of(1, 1), start_ns).refused_by == code_scope::owner));
  BOOST_TEST((other.admit(of(2, 1), start_ns).refused_by == code_scope::none));
}

BOOST_AUTO_TEST_SUITE_END()
