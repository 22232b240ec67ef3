#include "net/front/client_limits.hpp"

#include "actors/user/password_workers.hpp"
#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/front/route.hpp"
#include "net/front/security_log.hpp"
#include "net/http/client_address.hpp"
#include "storage/base/identity.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/text.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cstring>
#include <mutex>

namespace stoa::front {

namespace {

constexpr std::int64_t minute_ns = 60 * second_ns;
constexpr std::int64_t hour_ns = 60 * minute_ns;
constexpr std::int64_t day_ns = 24 * hour_ns;
/// Failures counted beyond the free ones: enough for the longest delay.
constexpr std::int64_t counted_beyond_free = 16;
/// How long a client is known to an account after a login.
constexpr microseconds known_for = std::chrono::hours{180 * 24};
constexpr std::string_view device_field = "Device-Token";

/// Unknown codes of one account or cart, and of one address, before delays start.
constexpr std::int64_t unknown_codes_free = 10;
constexpr std::int64_t address_unknown_codes_free = 40;

enum class key_of_what : std::uint64_t { account = 1, login, session, guest, cart };

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::uint64_t address_of(const exchange& x) {
  return static_cast<std::uint64_t>(http::key_of(x.request->client));
}

/// The /48 of an IPv6 address; nothing for IPv4.
std::optional<std::uint64_t> site_of(const exchange& x) {
  if (x.request->client.is_v4()) return std::nullopt;
  return x.request->client.high >> 16;
}

login_attempt attempt_of(const exchange& x) {
  login_attempt a;
  a.address = address_of(x);
  a.site = site_of(x);
  a.exempt = x.request->client_exempt;
  return a;
}

std::uint64_t bits_of(stoa::user_id id) {
  std::uint64_t bits = 0;  // The last 8 bytes of a UUIDv7 are random except for two bits.
  std::memcpy(&bits, id.value.bytes.data() + sizeof bits, sizeof bits);
  return bits;
}

login_limits login_limits_of(const limits_settings& s) {
  login_limits l;
  l.client = {s.login_failures_free, s.login_delay_s_min * second_ns,
              s.login_delay_s_max * second_ns, s.login_forget_s * second_ns,
              s.login_failures_free + counted_beyond_free};
  l.address = {s.login_address_failures_free, s.login_delay_s_min * second_ns, minute_ns, minute_ns,
               s.login_address_failures_free + counted_beyond_free};
  l.site = l.address;
  l.site.free *= s.ipv6_site_factor;
  l.site.count_max = l.site.free + counted_beyond_free;
  l.account = limit_of(s.login_account_per_hour, hour_ns, s.login_account_burst);
  l.known_ns = known_for.count() * 1000;
  l.clients_max = static_cast<std::size_t>(s.clients_max);
  return l;
}

code_limits code_limits_of(const limits_settings& s) {
  code_limits l;
  const auto delayed = [&](std::int64_t free, std::int64_t delay_max_ns, std::int64_t forget_ns) {
    return failure_policy{free, s.login_delay_s_min * second_ns, delay_max_ns, forget_ns,
                          free + counted_beyond_free};
  };
  l.owner =
      delayed(unknown_codes_free, s.login_delay_s_max * second_ns, s.login_forget_s * second_ns);
  l.address = delayed(address_unknown_codes_free, 10 * minute_ns, minute_ns);
  l.site = delayed(address_unknown_codes_free * s.ipv6_site_factor, 10 * minute_ns, minute_ns);
  l.clients_max = static_cast<std::size_t>(s.clients_max);
  return l;
}

std::string in_words(std::int64_t ns) {
  const auto s = (ns + second_ns - 1) / second_ns;
  return std::to_string(s) + (s == 1 ? " second." : " seconds.");
}

}  // namespace

struct client_limits::metrics {
  explicit metrics(prometheus::Registry& r)
      : limited(prometheus::BuildCounter()
                    .Name("stoa_http_rate_limited_total")
                    .Help("Requests rejected with 429, by route class and scope")
                    .Register(r)),
        logins(prometheus::BuildCounter()
                   .Name("stoa_login_throttled_total")
                   .Help("Logins rejected before the password check, by scope")
                   .Register(r)),
        codes(prometheus::BuildCounter()
                  .Name("stoa_code_lookups_throttled_total")
                  .Help("Requests with codes rejected before the codes were looked up, by scope")
                  .Register(r)),
        unknown_codes(prometheus::BuildCounter()
                          .Name("stoa_unknown_codes_total")
                          .Help("Codes of gift cards and promotions that did not exist")
                          .Register(r)),
        evicted(prometheus::BuildCounter()
                    .Name("stoa_limit_evictions_total")
                    .Help("Entries evicted from rate limit tables before they expired")
                    .Register(r)),
        unshared(prometheus::BuildCounter()
                     .Name("stoa_limit_unshared_total")
                     .Help("Rate limit updates that did not reach Redis")
                     .Register(r)),
        refused(prometheus::BuildCounter()
                    .Name("stoa_password_rejected_total")
                    .Help("Password jobs rejected, displaced or expired")
                    .Register(r)),
        clients(prometheus::BuildGauge()
                    .Name("stoa_limit_clients")
                    .Help("Entries in use in rate limit tables")
                    .Register(r)),
        shared(
            prometheus::BuildGauge()
                .Name("stoa_limit_shared")
                .Help("Whether rate limits are shared through Redis (1) or local to the node (0)")
                .Register(r)),
        queue(prometheus::BuildGauge()
                  .Name("stoa_password_queue")
                  .Help("Password jobs in the queue")
                  .Register(r)) {}

  using counters = prometheus::Family<prometheus::Counter>;
  using gauges = prometheus::Family<prometheus::Gauge>;
  static void count_to(prometheus::Counter& c, std::uint64_t value) {
    c.Increment(static_cast<double>(value) - c.Value());
  }

  counters& limited;
  counters& logins;
  counters& codes;
  counters& unknown_codes;
  counters& evicted;
  counters& unshared;
  counters& refused;
  gauges& clients;
  gauges& shared;
  gauges& queue;
  std::mutex measuring;  ///< two concurrent scrapes would count twice
};

client_limits::client_limits(const settings& s, const token::server_secret& secret,
                             shared_limits* shared, prometheus::Registry* registry)
    : keys_(secret.bytes),
      secret_(secret.bytes),
      shared_(shared),
      rates_(s.limits, keys_, shared),
      logins_(login_limits_of(s.limits), keys_, shared),
      codes_(code_limits_of(s.limits), keys_, shared),
      metrics_(registry ? std::make_unique<metrics>(*registry) : nullptr) {
  if (shared_) shared_->start([this](shared_key key, std::int64_t ahead) { merge(key, ahead); });
}

client_limits::~client_limits() {
  if (shared_) shared_->stop();
}

void client_limits::merge(shared_key key, std::int64_t ahead_ns) {
  const auto now = now_ns();
  switch (key.kind) {
    case shared_kind::rate:
      return rates_.merge(key.key, ahead_ns, now);
    case shared_kind::code_owner_failures:
    case shared_kind::code_address_failures:
    case shared_kind::code_site_failures:
      return codes_.merge(key, ahead_ns, now);
    default:
      return logins_.merge(key, ahead_ns, now);
  }
}

void client_limits::check_address(exchange& x) {
  if (x.request->client_exempt) return;
  check(x, limit_scope::address, address_of(x));
  if (const auto site = site_of(x)) check(x, limit_scope::site, *site);
}

void client_limits::check_account(exchange& x) {
  if (!x.context.who.is_user()) return;
  check(x, limit_scope::account,
        keys_.of(bits_of(x.context.who.user), static_cast<std::uint64_t>(key_of_what::account)));
}

void client_limits::check(exchange& x, limit_scope scope, std::uint64_t client) {
  // A request without a route counts as a read.
  const auto what = x.matched ? x.matched->info.limit : limit_class::read;
  if (what == limit_class::none) return;
  if (rates_.admit(what, scope, client, now_ns(), x.rate_notes)) return;
  if (metrics_) {
    metrics_->limited
        .Add({{"class", std::string(to_string(what))}, {"scope", std::string(to_string(scope))}})
        .Increment();
  }
  log::info_limited("request rejected by a rate limit",
                    {{"code", "rate_limited"},
                     {"http.route", x.matched ? std::string_view(x.matched->path) : "none"},
                     {"scope", to_string(scope)},
                     {"client.address", x.request->remote_address},
                     {"caller", x.context.who.str()},
                     {"request_id", x.context.request_id}});
  fail({429,
        "rate_limited",
        "Rate limit exceeded: too many requests of this kind from this " +
            std::string(to_string(scope)) + ". The request was not executed. Retry in " +
            in_words(x.rate_notes.retry_after_ns),
        {}});
}

login_try client_limits::start(exchange& x, login_attempt a, std::optional<token::device> d) {
  const auto verdict = logins_.admit(a, now_ns());
  if (verdict.allowed()) return {a, verdict, d};
  if (metrics_) {
    metrics_->logins.Add({{"scope", std::string(to_string(verdict.refused_by))}}).Increment();
  }
  x.rate_notes.retry_after_ns = verdict.retry_after_ns;
  x.shared->security->login_throttled(x, to_string(verdict.refused_by));
  fail({429,
        "too_many_login_attempts",
        "Too many login attempts. The password was not checked. Retry in " +
            in_words(verdict.retry_after_ns),
        {}});
}

login_try client_limits::start_login(exchange& x, std::optional<stoa::user_id> account,
                                     std::string_view login) {
  auto a = attempt_of(x);
  std::optional<token::device> device;
  if (account) {
    a.account = keys_.of(bits_of(*account), static_cast<std::uint64_t>(key_of_what::account));
    if (const auto shown = x.request->header(device_field)) {
      device = token::check_device_token(secret_, *account, *shown, store_time().now());
    }
    if (device) a.device = device->number;
  } else {
    a.account =
        keys_.of(keys_.of(text::login_key(login)), static_cast<std::uint64_t>(key_of_what::login));
  }
  return start(x, a, device);
}

login_try client_limits::start_password_check(exchange& x, stoa::user_id account) {
  auto a = attempt_of(x);
  a.account = keys_.of(bits_of(account), static_cast<std::uint64_t>(key_of_what::account));
  a.device = static_cast<std::uint64_t>(key_of_what::session);
  return start(x, a, std::nullopt);
}

std::string client_limits::login_succeeded(const login_try& t, stoa::user_id account) {
  logins_.succeeded(t.attempt, t.verdict, now_ns());
  token::device device{t.device ? t.device->number : 0, store_time().now() + known_for};
  if (!t.device) {
    const auto random = text::random_bytes(sizeof device.number);
    std::memcpy(&device.number, random.data(), sizeof device.number);
  }
  return token::make_device_token(secret_, account, device);
}

void client_limits::cancel_login_attempt(const login_try& t) {
  logins_.cancel_attempt(t.attempt, t.verdict, now_ns());
}

code_attempt client_limits::start_code_lookup(exchange& x, std::optional<stoa::cart_id> cart) {
  code_attempt a{{}, address_of(x), site_of(x), x.request->client_exempt};
  if (x.context.who.is_user()) {
    a.owner =
        keys_.of(bits_of(x.context.who.user), static_cast<std::uint64_t>(key_of_what::account));
  } else if (cart) {
    a.owner = keys_.of(keys_.of(cart->str()), static_cast<std::uint64_t>(key_of_what::cart));
  }
  const auto verdict = codes_.admit(a, now_ns());
  if (verdict.refused_by == code_scope::none) return a;
  const auto scope = to_string(verdict.refused_by);
  if (metrics_) metrics_->codes.Add({{"scope", std::string(scope)}}).Increment();
  x.rate_notes.retry_after_ns = verdict.retry_after_ns;
  x.shared->security->codes_throttled(x, scope);
  fail({429,
        "too_many_code_attempts",
        "Too many codes that do not exist. The codes were not looked up. Retry in " +
            in_words(verdict.retry_after_ns),
        {}});
}

void client_limits::end_code_lookup(const code_attempt& a, std::int64_t failures) {
  codes_.settle(a, failures, now_ns());
  if (failures > 0 && metrics_) {
    metrics_->unknown_codes.Add({}).Increment(static_cast<double>(failures));
  }
}

user::password_client client_limits::password_client_of(const exchange& x) const {
  return {address_of(x), x.request->client_exempt, x.context.deadline};
}

std::optional<std::int64_t> client_limits::guest_key(const exchange& x) const {
  if (x.request->client_exempt) return std::nullopt;
  const auto key = keys_.of(address_of(x), static_cast<std::uint64_t>(key_of_what::guest));
  return static_cast<std::int64_t>(key >> 1);
}

void client_limits::measure(const user::password_workers& passwords) {
  if (!metrics_) return;
  auto& m = *metrics_;
  const std::scoped_lock lock(m.measuring);
  m.queue.Add({}).Set(static_cast<double>(passwords.waiting()));
  metrics::count_to(m.refused.Add({}), passwords.refused());
  m.clients.Add({{"table", "rates"}}).Set(static_cast<double>(rates_.clients()));
  m.clients.Add({{"table", "logins"}}).Set(static_cast<double>(logins_.clients()));
  m.clients.Add({{"table", "codes"}}).Set(static_cast<double>(codes_.clients()));
  metrics::count_to(m.evicted.Add({{"table", "codes"}}), codes_.evicted());
  metrics::count_to(m.evicted.Add({{"table", "rates"}}), rates_.evicted());
  metrics::count_to(m.evicted.Add({{"table", "logins"}}), logins_.evicted());
  if (!shared_) return;
  m.shared.Add({}).Set(shared_->connected() ? 1 : 0);
  metrics::count_to(m.unshared.Add({}), shared_->dropped() + shared_->failed());
}

}  // namespace stoa::front
