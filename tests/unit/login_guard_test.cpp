// Password guessing on a simulated clock: how many guesses an attacker gets from one address and
// from many, and how long the account's owner waits meanwhile.

#include "net/front/login_guard.hpp"

#include "config/settings.hpp"
#include "net/front/shared_limits.hpp"
#include "net/token/device_token.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace stoa::front;

namespace {

constexpr std::int64_t start_ns = 1000 * second_ns;
constexpr std::int64_t minute_ns = 60 * second_ns;
constexpr std::int64_t hour_ns = 60 * minute_ns;
constexpr std::uint64_t account = 4711;
constexpr std::uint64_t owner_address = 1;

login_limits usual() {
  login_limits l;
  l.client = {5, second_ns, 900 * second_ns, 1800 * second_ns, 21};
  l.address = {20, second_ns, minute_ns, minute_ns, 36};
  l.site = {640, second_ns, minute_ns, minute_ns, 656};
  l.account = limit_of(360, hour_ns, 20);
  l.known_ns = 180 * 24 * hour_ns;
  l.clients_max = 8192;
  return l;
}

struct guarded {
  explicit guarded(login_limits l = usual()) : guard(l, keys, nullptr) {}
  limit_keys keys{std::string(32, 's')};
  login_guard guard;

  static login_attempt from(std::uint64_t address, std::uint64_t at = account) {
    login_attempt a;
    a.account = at;
    a.address = address;
    return a;
  }
  bool fails(const login_attempt& a, std::int64_t now) { return guard.admit(a, now).allowed(); }
  bool succeeds(const login_attempt& a, std::int64_t now) {
    const auto v = guard.admit(a, now);
    if (v.allowed()) guard.succeeded(a, v, now);
    return v.allowed();
  }
};

/// How long an owner waits who retries after the time of Retry-After; -1 when that is more than an
/// hour.
std::int64_t owner_waits_ns(guarded& g, login_attempt owner, std::int64_t from,
                            const std::function<void(std::int64_t)>& attack) {
  auto next = from;
  for (auto now = from; now < from + hour_ns; now += second_ns / 10) {
    attack(now);
    if (now < next) continue;
    const auto v = g.guard.admit(owner, now);
    if (v.allowed()) return now - from;
    next = now + v.retry_after_ns;
  }
  return -1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failures)

BOOST_AUTO_TEST_CASE(delays_grow_and_are_forgotten) {
  const auto p = usual().client;
  BOOST_TEST(p.delay_ns(5) == 0);
  BOOST_TEST(p.delay_ns(6) == second_ns);
  BOOST_TEST(p.delay_ns(7) == 2 * second_ns);
  BOOST_TEST(p.delay_ns(15) == 512 * second_ns);
  BOOST_TEST(p.delay_ns(16) == 900 * second_ns);
  BOOST_TEST(p.delay_ns(1000) == 900 * second_ns);
  failure_record r;
  for (int i = 0; i < 6; ++i) BOOST_TEST(r.charge(p, start_ns) == 0);
  BOOST_TEST(r.charge(p, start_ns) == second_ns);
  BOOST_TEST(r.failures(p, start_ns) == 6);
  BOOST_TEST(r.failures(p, start_ns + p.forget_ns) == 5);
  BOOST_TEST(r.failures(p, start_ns + 6 * p.forget_ns) == 0);
  for (int i = 0; i < 100; ++i) r.charge(p, start_ns + i * hour_ns / 4);
  BOOST_TEST(r.failures(p, start_ns + 25 * hour_ns) <= p.count_max);
}

BOOST_AUTO_TEST_CASE(one_address_gets_a_handful_of_guesses) {
  guarded g;
  int first_hour = 0;
  int second_hour = 0;
  for (auto now = start_ns; now < start_ns + 2 * hour_ns; now += second_ns / 70) {
    if (!g.fails(guarded::from(9), now)) continue;
    ++(now < start_ns + hour_ns ? first_hour : second_hour);
  }
  BOOST_TEST_MESSAGE("one address, one account: " << first_hour << " guesses in the first hour, "
                                                  << second_hour << " in the second");
  BOOST_TEST(first_hour <= 20);
  BOOST_TEST(second_hour <= 6);
}

BOOST_AUTO_TEST_CASE(guesses_made_at_once_count_before_they_are_found_wrong) {
  guarded g;
  int allowed = 0;
  for (int i = 0; i < 1000; ++i) allowed += g.fails(guarded::from(9), start_ns) ? 1 : 0;
  BOOST_TEST(allowed == 6);
}

BOOST_AUTO_TEST_CASE(many_addresses_share_one_rate) {
  guarded g;
  int guesses = 0;
  std::uint64_t address = 100;
  for (auto now = start_ns; now < start_ns + hour_ns; now += second_ns / 20) {
    guesses += g.fails(guarded::from(++address), now) ? 1 : 0;
  }
  BOOST_TEST_MESSAGE("72000 addresses, one account: " << guesses << " guesses in an hour");
  BOOST_TEST(guesses <= 380);
  // 200 addresses that retry at their time.
  guarded h;
  guesses = 0;
  std::vector<std::int64_t> next(200, 0);
  for (auto now = start_ns; now < start_ns + hour_ns; now += second_ns / 5) {
    for (std::size_t i = 0; i < next.size(); ++i) {
      if (now < next[i]) continue;
      const auto v = h.guard.admit(guarded::from(100 + i), now);
      guesses += v.allowed() ? 1 : 0;
      next[i] = now + v.retry_after_ns;
    }
  }
  BOOST_TEST_MESSAGE("200 addresses in turn, one account: " << guesses << " guesses in an hour");
  BOOST_TEST(guesses >= 300);
  BOOST_TEST(guesses <= 380);
}

BOOST_AUTO_TEST_CASE(one_address_against_many_accounts_is_slowed_down) {
  guarded g;
  int guesses = 0;
  std::uint64_t at = 1;
  for (auto now = start_ns; now < start_ns + hour_ns; now += second_ns / 10) {
    guesses += g.fails(guarded::from(9, ++at), now) ? 1 : 0;
  }
  BOOST_TEST_MESSAGE("one address, 36000 accounts: " << guesses << " guesses in an hour");
  BOOST_TEST(guesses <= 100);
  auto exempt = guarded::from(9, at);
  exempt.exempt = true;
  BOOST_TEST(g.fails(exempt, start_ns + hour_ns));
}

BOOST_AUTO_TEST_CASE(the_addresses_of_an_ipv6_site_count_together_too) {
  guarded g;
  int guesses = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    auto a = guarded::from(100 + i, 10'000 + i);
    a.site = 7;
    guesses += g.fails(a, start_ns) ? 1 : 0;
  }
  BOOST_TEST(guesses == 641);
  auto other = guarded::from(9999, 9999);
  other.site = 8;
  BOOST_TEST(g.fails(other, start_ns));
}

BOOST_AUTO_TEST_CASE(a_success_forgives_the_client_but_not_the_address) {
  guarded g;
  for (int i = 0; i < 5; ++i) BOOST_TEST(g.fails(guarded::from(1), start_ns));
  BOOST_TEST(g.succeeds(guarded::from(1), start_ns));
  for (int i = 0; i < 5; ++i) BOOST_TEST(g.fails(guarded::from(1), start_ns));
  // The attacker's own account does not clear the failures at other accounts.
  guarded h;
  int allowed = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    allowed += h.fails(guarded::from(9, 100 + i), start_ns) ? 1 : 0;
    h.succeeds(guarded::from(9, 7), start_ns);
  }
  BOOST_TEST(allowed <= 21);
}

BOOST_AUTO_TEST_CASE(an_attempt_that_was_not_made_does_not_count) {
  guarded g;
  for (int i = 0; i < 100; ++i) {
    const auto a = guarded::from(9);
    const auto v = g.guard.admit(a, start_ns);
    BOOST_REQUIRE(v.allowed());
    g.guard.cancel_attempt(a, v, start_ns);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(owner)

BOOST_AUTO_TEST_CASE(from_a_known_address_the_owner_does_not_wait) {
  guarded g;
  BOOST_TEST(g.succeeds(guarded::from(owner_address), start_ns));
  std::uint64_t address = 100;
  const auto attack = [&](std::int64_t now) { g.fails(guarded::from(++address), now); };
  for (auto now = start_ns; now < start_ns + hour_ns; now += second_ns) attack(now);
  BOOST_TEST(owner_waits_ns(g, guarded::from(owner_address), start_ns + hour_ns, attack) == 0);
}

BOOST_AUTO_TEST_CASE(with_a_device_token_the_owner_does_not_wait) {
  guarded g;
  std::uint64_t address = 100;
  const auto attack = [&](std::int64_t now) { g.fails(guarded::from(++address), now); };
  for (auto now = start_ns; now < start_ns + hour_ns; now += second_ns) attack(now);
  auto owner = guarded::from(2);
  owner.device = 77;
  BOOST_TEST(owner_waits_ns(g, owner, start_ns + hour_ns, attack) == 0);
  // Failures of others at the same address do not matter either.
  for (int i = 0; i < 10; ++i) g.fails(guarded::from(2), start_ns + hour_ns);
  BOOST_TEST(owner_waits_ns(g, owner, start_ns + hour_ns, attack) == 0);
  // A stolen token gets no more guesses than an address.
  owner.device = 78;
  int guesses = 0;
  for (int i = 0; i < 1000; ++i) guesses += g.fails(owner, start_ns + hour_ns) ? 1 : 0;
  BOOST_TEST(guesses <= 6);
}

BOOST_AUTO_TEST_CASE(from_a_new_address_the_owner_waits_for_a_turn) {
  guarded g;
  // 1000 addresses that retry repeatedly.
  std::uint64_t n = 0;
  const auto attack = [&](std::int64_t now) {
    for (int i = 0; i < 10; ++i) g.fails(guarded::from(100 + n++ % 1000), now);
  };
  for (auto now = start_ns; now < start_ns + 4 * hour_ns; now += second_ns) attack(now);
  std::int64_t longest = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto waits = owner_waits_ns(
        g, guarded::from(5000 + i),
        start_ns + 4 * hour_ns + static_cast<std::int64_t>(i) * 2 * minute_ns, attack);
    BOOST_REQUIRE(waits >= 0);
    longest = std::max(longest, waits);
  }
  BOOST_TEST_MESSAGE("owner from a new address during an attack from 1000: " << longest / second_ns
                                                                             << " s at most");
  BOOST_TEST(longest <= 61 * second_ns);
}

BOOST_AUTO_TEST_CASE(places_that_are_taken_and_left_unused_do_not_keep_the_owner_out) {
  guarded g;
  // Six addresses occupy the places in the queue and never retry at their time.
  std::vector<std::int64_t> next(12, 0);
  const auto attack = [&](std::int64_t now) {
    for (std::size_t i = 0; i < next.size(); ++i) {
      if (now < next[i]) continue;
      const auto v = g.guard.admit(guarded::from(100 + i), now);
      next[i] = now + (v.allowed() ? 0 : v.retry_after_ns + turn_queue::grace_ns);
    }
  };
  for (auto now = start_ns; now < start_ns + hour_ns; now += second_ns / 10) attack(now);
  const auto waits = owner_waits_ns(g, guarded::from(5000), start_ns + hour_ns, attack);
  BOOST_TEST(waits >= 0);
  BOOST_TEST(waits <= 61 * second_ns);
}

BOOST_AUTO_TEST_CASE(without_an_attack_there_is_no_wait) {
  guarded g;
  for (std::uint64_t i = 0; i < 50; ++i) {
    BOOST_TEST(g.succeeds(guarded::from(100 + i), start_ns + static_cast<std::int64_t>(i)));
  }
}

BOOST_AUTO_TEST_CASE(what_other_nodes_know_counts) {
  guarded g;
  const auto owner = guarded::from(owner_address);
  for (std::uint64_t i = 0; i < 40; ++i) g.fails(guarded::from(100 + i), start_ns);
  BOOST_TEST(!g.fails(owner, start_ns));
  g.guard.merge({shared_kind::known, g.keys.of(account, owner_address, 104)}, hour_ns, start_ns);
  BOOST_TEST(g.fails(owner, start_ns));
  // Seven failures at other nodes: the next attempt must wait.
  guarded h;
  const auto guesser = guarded::from(9);
  BOOST_TEST(h.fails(guesser, start_ns));
  h.guard.merge({shared_kind::client_failures, h.keys.of(account, 9, 101)},
                7 * usual().client.forget_ns, start_ns);
  BOOST_TEST(h.guard.admit(guesser, start_ns).retry_after_ns == 2 * second_ns);
  BOOST_TEST(h.fails(guesser, start_ns + 2 * second_ns));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(device_tokens)

BOOST_AUTO_TEST_CASE(are_good_for_one_account_and_a_time) {
  const std::string secret(32, 's');
  const stoa::user_id ann{stoa::system_ids().next_v7()};
  const stoa::user_id bob{stoa::system_ids().next_v7()};
  const stoa::timestamp now{1'000'000'000};
  const auto text =
      stoa::token::make_device_token(secret, ann, {0xFEDCBA9876543210, now + stoa::seconds{60}});
  BOOST_TEST(text.starts_with("dt_"));
  const auto read = stoa::token::check_device_token(secret, ann, text, now);
  BOOST_REQUIRE(read);
  BOOST_TEST(read->number == 0xFEDCBA9876543210);
  BOOST_TEST((read->expires_at == now + stoa::seconds{60}));
  BOOST_TEST(!stoa::token::check_device_token(secret, bob, text, now));
  BOOST_TEST(!stoa::token::check_device_token(std::string(32, 't'), ann, text, now));
  BOOST_TEST(!stoa::token::check_device_token(secret, ann, text, now + stoa::seconds{60}));
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto bad = text;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    BOOST_TEST(!stoa::token::check_device_token(secret, ann, bad, now), "changed at " << i);
  }
  for (const auto& bad : {std::string(), std::string("dt_"), text + "A", text.substr(1),
                          "dt_" + std::string(10'000, 'A')}) {
    BOOST_TEST(!stoa::token::check_device_token(secret, ann, bad, now));
  }
}

BOOST_AUTO_TEST_SUITE_END()
