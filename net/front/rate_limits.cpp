#include "net/front/rate_limits.hpp"

#include "config/settings.hpp"
#include "net/front/shared_limits.hpp"

namespace stoa::front {

namespace {

constexpr std::int64_t minute_s = 60;
constexpr std::int64_t day_s = 86'400;

std::int64_t seconds_up(std::int64_t ns) {
  return (ns + second_ns - 1) / second_ns;
}

}  // namespace

std::string_view to_string(limit_class c) {
  switch (c) {
    case limit_class::by_method:
    case limit_class::none:
      return "none";
    case limit_class::read:
      return "read";
    case limit_class::search:
      return "search";
    case limit_class::write:
      return "write";
    case limit_class::cart_create:
      return "cart_create";
    case limit_class::checkout:
      return "checkout";
    case limit_class::login:
      return "login";
    case limit_class::register_account:
      return "register";
    case limit_class::staff:
      return "staff";
  }
  return "none";
}

std::string_view to_string(limit_scope s) {
  switch (s) {
    case limit_scope::address:
      return "address";
    case limit_scope::site:
      return "site";
    case limit_scope::account:
      return "account";
  }
  return "address";
}

void add_limit_fields(const limit_notes& notes, http::response& r) {
  if (notes.count > 0) {
    std::string policies;
    std::string left;
    for (std::size_t i = 0; i < notes.count; ++i) {
      const auto& [policy, verdict] = notes.notes[i];
      if (i > 0) {
        policies += ", ";
        left += ", ";
      }
      policies += policy->text;
      left += '"';
      left += policy->name;
      left += "\";r=";
      left += std::to_string(verdict.remaining);
      left += ";t=";
      left += std::to_string(seconds_up(verdict.full_after_ns));
    }
    r.headers.emplace_back("RateLimit-Policy", std::move(policies));
    r.headers.emplace_back("RateLimit", std::move(left));
  }
  if (notes.retry_after_ns <= 0) return;
  const auto wait = std::to_string(seconds_up(notes.retry_after_ns));
  for (auto& [name, value] : r.headers) {
    if (name == "Retry-After") value = wait;
  }
}

rate_limits::rate_limits(const limits_settings& s, const limit_keys& keys, shared_limits* shared)
    : keys_(keys),
      site_factor_(s.ipv6_site_factor),
      shared_(shared),
      table_(static_cast<std::size_t>(s.clients_max)) {
  add(limit_class::read, s.read_per_minute, minute_s, s.read_burst);
  add(limit_class::search, s.search_per_minute, minute_s, s.search_burst);
  add(limit_class::write, s.write_per_minute, minute_s, s.write_burst);
  add(limit_class::cart_create, s.cart_create_per_minute, minute_s, s.cart_create_burst);
  add(limit_class::cart_create, s.cart_create_per_day, day_s, s.cart_create_per_day, false);
  add(limit_class::checkout, s.checkout_per_minute, minute_s, s.checkout_burst);
  add(limit_class::login, s.login_per_minute, minute_s, s.login_burst);
  add(limit_class::register_account, s.register_per_minute, minute_s, s.register_burst);
  add(limit_class::register_account, s.register_per_day, day_s, s.register_per_day, false);
  add(limit_class::staff, s.staff_per_minute, minute_s, s.staff_burst);
}

void rate_limits::add(limit_class what, std::int64_t count, std::int64_t period_s,
                      std::int64_t burst, bool for_accounts) {
  for (const auto scope : {limit_scope::address, limit_scope::site, limit_scope::account}) {
    if (scope == limit_scope::account && !for_accounts) continue;
    const auto factor = scope == limit_scope::site ? site_factor_ : 1;
    limit_policy p{
        what, scope, limit_of(count * factor, period_s * second_ns, burst * factor), {}, {}};
    p.name = std::string(to_string(what)) + "-" + std::string(to_string(scope));
    if (period_s == day_s) p.name += "-day";
    p.text = "\"" + p.name + "\";q=" + std::to_string(p.rate.burst) +
             ";w=" + std::to_string(std::max<std::int64_t>(1, seconds_up(p.rate.window_ns())));
    policies_[index(what, scope)].push_back(std::move(p));
  }
}

bool rate_limits::admit(limit_class what, limit_scope scope, std::uint64_t client,
                        std::int64_t now_ns, limit_notes& notes) {
  const auto& all = policies_[index(what, scope)];
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto key = keys_.of(client, index(what, scope), i);
    const auto verdict = table_.update(
        key, now_ns, [&](arrival& a) { return spend(all[i].rate, a.until_ns, now_ns); });
    notes.add(all[i], verdict);
    if (verdict.allowed) {
      share(all[i], key, verdict);
      continue;
    }
    for (std::size_t before = 0; before < i; ++before) {
      table_.update(keys_.of(client, index(what, scope), before), now_ns,
                    [&](arrival& a) { refund(all[before].rate, a.until_ns); });
    }
    notes.retry_after_ns = verdict.retry_after_ns;
    return false;
  }
  return true;
}

/// Rare and expensive classes are always shared. Clients of the other classes are shared once they
/// have used more than half of their burst, so that ordinary clients cause no load on Redis.
bool rate_limits::always_shared(limit_class what) const {
  return what == limit_class::cart_create || what == limit_class::checkout ||
         what == limit_class::login || what == limit_class::register_account;
}

void rate_limits::share(const limit_policy& p, std::uint64_t key, const rate_verdict& v) {
  if (!shared_) return;
  if (!always_shared(p.what) && 2 * v.full_after_ns < p.rate.window_ns()) return;
  shared_->add({shared_kind::rate, key}, p.rate.interval_ns, p.rate.window_ns());
}

void rate_limits::merge(std::uint64_t key, std::int64_t ahead_ns, std::int64_t now_ns) {
  table_.update(key, now_ns,
                [&](arrival& a) { a.until_ns = std::max(a.until_ns, now_ns + ahead_ns); });
}

}  // namespace stoa::front
