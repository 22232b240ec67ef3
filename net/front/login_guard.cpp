#include "net/front/login_guard.hpp"

#include "net/front/shared_limits.hpp"

namespace stoa::front {

namespace {

/// Distinguishes the uses of a key; part of the hash.
enum class salt : std::uint64_t { client = 101, address, account, known, site };

std::uint64_t number(salt s) {
  return static_cast<std::uint64_t>(s);
}

shared_kind kind_of(login_scope s) {
  if (s == login_scope::address) return shared_kind::address_failures;
  return s == login_scope::site ? shared_kind::site_failures : shared_kind::client_failures;
}

/// An account's queue takes four times the memory of a failure record, and only accounts with login
/// attempts from unknown clients have one.
constexpr std::size_t clients_per_account = 8;

}  // namespace

std::string_view to_string(login_scope s) {
  switch (s) {
    case login_scope::none:
      return "none";
    case login_scope::client:
      return "client";
    case login_scope::address:
      return "address";
    case login_scope::site:
      return "site";
    case login_scope::account:
      return "account";
  }
  return "none";
}

std::int64_t failure_policy::delay_ns(std::int64_t failures) const {
  if (failures <= free) return 0;
  auto delay = delay_min_ns;
  for (auto n = free + 1; n < failures && delay < delay_max_ns; ++n) delay *= 2;
  return std::min(delay, delay_max_ns);
}

std::int64_t failure_record::failures(const failure_policy& p, std::int64_t now_ns) const {
  if (until_ns <= now_ns) return 0;
  return (until_ns - now_ns + p.forget_ns - 1) / p.forget_ns;
}

std::int64_t failure_record::charge(const failure_policy& p, std::int64_t now_ns) {
  if (allowed_at_ns > now_ns) return allowed_at_ns - now_ns;
  until_ns = std::min(std::max(until_ns, now_ns) + p.forget_ns, now_ns + p.forget_ns * p.count_max);
  allowed_at_ns = now_ns + p.delay_ns(failures(p, now_ns));
  return 0;
}

void failure_record::take_back(const failure_policy& p) {
  until_ns = std::max<std::int64_t>(0, until_ns - p.forget_ns);
  allowed_at_ns = 0;
}

void failure_record::raise(const failure_policy& p, std::int64_t to_until_ns, std::int64_t now_ns) {
  if (to_until_ns <= until_ns) return;
  until_ns = to_until_ns;
  allowed_at_ns = std::max(allowed_at_ns, now_ns + p.delay_ns(failures(p, now_ns)));
}

turn_queue::answer turn_queue::take(const rate_limit& limit, std::uint64_t client,
                                    std::int64_t failures, std::int64_t now_ns) {
  place* open = nullptr;
  place* worst = nullptr;
  for (auto& p : places) {
    if (p.client != 0 && p.at_ns + grace_ns <= now_ns) p = {};
    if (p.client == client) {
      if (p.at_ns > now_ns) return {p.at_ns - now_ns, false};
      p = {};
      return {0, false};
    }
    if (p.client == 0) {
      open = &p;
    } else if (!worst || p.failures > worst->failures) {
      worst = &p;
    }
  }
  const auto verdict = spend(limit, until_ns, now_ns);
  if (verdict.allowed) return {0, false};
  if (open) {
    *open = {client, now_ns + verdict.retry_after_ns, failures};
    until_ns += limit.interval_ns;
    return {verdict.retry_after_ns, true};
  }
  if (worst && worst->failures > failures) {
    *worst = {client, worst->at_ns, failures};
    return {std::max<std::int64_t>(1, worst->at_ns - now_ns), true};
  }
  return {static_cast<std::int64_t>(places_max) * limit.interval_ns, false};
}

login_guard::login_guard(login_limits limits, const limit_keys& keys, shared_limits* shared)
    : limits_(limits),
      keys_(keys),
      shared_(shared),
      failures_(limits.clients_max),
      turns_(limits.clients_max / clients_per_account),
      known_(limits.clients_max) {}

/// A device token has its own failure count, independent of the address.
std::uint64_t login_guard::client_key(const login_attempt& a) const {
  return keys_.of(a.account, a.device.value_or(a.address),
                  number(salt::client) + (a.device ? 1000 : 0));
}

std::size_t login_guard::charges_of(const login_attempt& a,
                                    std::array<charged, charged_max>& out) const {
  std::size_t count = 0;
  out[count++] = {login_scope::client, client_key(a)};
  if (a.exempt) return count;
  out[count++] = {login_scope::address, keys_.of(a.address, 0, number(salt::address))};
  if (a.site) out[count++] = {login_scope::site, keys_.of(*a.site, 0, number(salt::site))};
  return count;
}

const failure_policy& login_guard::policy_of(login_scope s) const {
  if (s == login_scope::address) return limits_.address;
  return s == login_scope::site ? limits_.site : limits_.client;
}

std::uint64_t login_guard::account_key(const login_attempt& a) const {
  return keys_.of(a.account, 0, number(salt::account));
}

std::uint64_t login_guard::known_key(const login_attempt& a) const {
  return keys_.of(a.account, a.address, number(salt::known));
}

std::int64_t login_guard::turns_cap_ns() const {
  return limits_.account.window_ns() +
         static_cast<std::int64_t>(turn_queue::places_max) * limits_.account.interval_ns;
}

std::int64_t login_guard::charge(const charged& c, std::int64_t now_ns) {
  const auto& p = policy_of(c.scope);
  const auto wait =
      failures_.update(c.key, now_ns, [&](failure_record& r) { return r.charge(p, now_ns); });
  if (wait == 0 && shared_) {
    shared_->add({kind_of(c.scope), c.key}, p.forget_ns, p.forget_ns * p.count_max);
  }
  return wait;
}

void login_guard::take_back(const charged& c, std::int64_t now_ns) {
  const auto& p = policy_of(c.scope);
  failures_.update(c.key, now_ns, [&](failure_record& r) { r.take_back(p); });
  if (shared_) {
    shared_->add({kind_of(c.scope), c.key}, -p.forget_ns, p.forget_ns * p.count_max);
  }
}

turn_queue::answer login_guard::turn(const login_attempt& a, std::int64_t now_ns) {
  const auto client = client_key(a);
  const auto record = failures_.find(client);
  // Excludes the current attempt, which has been counted already.
  const auto failed =
      record ? std::max<std::int64_t>(0, record->failures(limits_.client, now_ns) - 1) : 0;
  const auto key = account_key(a);
  const auto answer = turns_.update(
      key, now_ns, [&](turn_queue& q) { return q.take(limits_.account, client, failed, now_ns); });
  if (shared_) {
    if (answer.wait_ns == 0) {
      shared_->add({shared_kind::turns, key}, limits_.account.interval_ns, turns_cap_ns());
    } else {
      // Another node may know the client; the next attempt finds the result.
      shared_->add({shared_kind::known, known_key(a)}, 0, limits_.known_ns);
    }
  }
  return answer;
}

login_verdict login_guard::admit(const login_attempt& a, std::int64_t now_ns) {
  std::array<charged, charged_max> charges;
  const auto count = charges_of(a, charges);
  for (std::size_t i = 0; i < count; ++i) {
    const auto wait = charge(charges[i], now_ns);
    if (wait == 0) continue;
    for (std::size_t done = 0; done < i; ++done) {
      take_back(charges[done], now_ns);
    }
    return {charges[i].scope, wait, false};
  }
  const auto known = known_.find(known_key(a));
  if (a.device || (known && known->until_ns > now_ns)) return {};
  const auto [wait, new_place] = turn(a, now_ns);
  if (wait == 0) return {login_scope::none, 0, true};
  // A place counts as an attempt: clients that leave their turns unused come last.
  for (std::size_t i = new_place ? 1 : 0; i < count; ++i) {
    take_back(charges[i], now_ns);
  }
  return {login_scope::account, wait, false};
}

void login_guard::cancel_attempt(const login_attempt& a, const login_verdict& v,
                                 std::int64_t now_ns) {
  std::array<charged, charged_max> charges;
  const auto count = charges_of(a, charges);
  for (std::size_t i = 0; i < count; ++i) {
    take_back(charges[i], now_ns);
  }
  if (!v.in_turn) return;
  turns_.update(account_key(a), now_ns,
                [&](turn_queue& q) { refund(limits_.account, q.until_ns); });
  if (shared_) {
    shared_->add({shared_kind::turns, account_key(a)}, -limits_.account.interval_ns,
                 turns_cap_ns());
  }
}

void login_guard::succeeded(const login_attempt& a, const login_verdict& v, std::int64_t now_ns) {
  cancel_attempt(a, v, now_ns);
  // The client's earlier failures were typing errors. Those of the address may be at other
  // accounts.
  failures_.update(client_key(a), now_ns, [](failure_record& r) { r = {}; });
  known_.update(known_key(a), now_ns,
                [&](known_client& k) { k.until_ns = now_ns + limits_.known_ns; });
  if (!shared_) return;
  const auto all = limits_.client.forget_ns * limits_.client.count_max;
  shared_->add({shared_kind::client_failures, client_key(a)}, -all, all);
  shared_->add({shared_kind::known, known_key(a)}, limits_.known_ns, limits_.known_ns);
}

void login_guard::merge(shared_key key, std::int64_t ahead_ns, std::int64_t now_ns) {
  if (ahead_ns <= 0) return;
  const auto until = now_ns + ahead_ns;
  const auto raise_failures = [&](const failure_policy& p) {
    failures_.update(key.key, now_ns, [&](failure_record& r) { r.raise(p, until, now_ns); });
  };
  switch (key.kind) {
    case shared_kind::rate:
    case shared_kind::code_owner_failures:
    case shared_kind::code_address_failures:
    case shared_kind::code_site_failures:
      return;
    case shared_kind::client_failures:
      return raise_failures(limits_.client);
    case shared_kind::address_failures:
      return raise_failures(limits_.address);
    case shared_kind::site_failures:
      return raise_failures(limits_.site);
    case shared_kind::turns:
      return turns_.update(key.key, now_ns,
                           [&](turn_queue& q) { q.until_ns = std::max(q.until_ns, until); });
    case shared_kind::known:
      return known_.update(key.key, now_ns,
                           [&](known_client& k) { k.until_ns = std::max(k.until_ns, until); });
  }
}

}  // namespace stoa::front
