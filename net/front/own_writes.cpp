#include "net/front/own_writes.hpp"

#include "config/settings.hpp"
#include "net/front/exchange.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace stoa::front {

namespace {

using std::chrono::steady_clock;

/// About 200 bytes each; up to twice as many entries are kept.
constexpr std::size_t users_remembered_max = 25'000;
const std::string field_name = "Stoa-Consistency";

std::string signature_of(std::string_view secret, std::string_view content) {
  return text::base64url(text::keyed_hash(secret, "consistency:" + std::string(content)));
}

}  // namespace

std::string consistency_token::sign(std::string_view secret, const service_set& written,
                                    timestamp until) {
  auto content = std::to_string(until.us / 1000);
  for (const auto& service : written) content += "." + service;
  return content + "." + signature_of(secret, content);
}

std::optional<service_set> consistency_token::verify(std::string_view secret,
                                                     std::string_view token, timestamp now) {
  const auto last = token.rfind('.');
  if (last == std::string_view::npos) return std::nullopt;
  auto content = token.substr(0, last);
  if (!text::equal_secret(token.substr(last + 1), signature_of(secret, content))) {
    return std::nullopt;
  }
  std::int64_t until_ms = 0;
  std::from_chars(content.data(), content.data() + content.size(), until_ms);
  service_set written;
  if (now.us / 1000 > until_ms) return written;
  for (auto dot = content.find('.'); dot != std::string_view::npos;) {
    const auto next = content.find('.', dot + 1);
    written.emplace(
        content.substr(dot + 1, next == std::string_view::npos ? next : next - dot - 1));
    dot = next;
  }
  return written;
}

void own_writes::note(stoa::user_id user, const service_set& written, time_point now) {
  users_until forgotten;  // freed outside the lock
  std::scoped_lock lock(mutex_);
  if (now >= turn_at_) forgotten = turn(now);
  if (recent_.size() >= users_max_ && !recent_.contains(user.value)) {
    all_until_ = now + lag_max_;
    return;
  }
  auto& services = recent_[user.value];
  for (const auto& service : written) services[service] = now + lag_max_;
}

bool own_writes::has_written(stoa::user_id user, std::string_view service, time_point now) const {
  std::scoped_lock lock(mutex_);
  if (now < all_until_) return true;
  return std::ranges::any_of(std::array{&recent_, &earlier_}, [&](const users_until* users) {
    const auto found = users->find(user.value);
    if (found == users->end()) return false;
    const auto until = found->second.find(service);
    return until != found->second.end() && now < until->second;
  });
}

/// Entries from before the last rotation have expired at this one; returned to be freed.
own_writes::users_until own_writes::turn(time_point now) {
  turn_at_ = now + lag_max_;
  return std::exchange(earlier_, std::exchange(recent_, {}));
}

std::unique_ptr<own_writes> own_writes::of(const settings& s) {
  if (s.data.store != "postgres" || s.postgres.replica_url.empty()) return nullptr;
  return std::make_unique<own_writes>(milliseconds{s.postgres.replica_lag_ms_max},
                                      users_remembered_max);
}

void read_consistency(exchange& x) {
  const auto shown = x.request->header(field_name);
  if (!shown) return;
  auto services = consistency_token::verify(x.shared->secret->bytes, *shown, store_time().now());
  if (!services) {
    fail({400,
          "invalid_request",
          "Invalid Stoa-Consistency.",
          {{"#Stoa-Consistency", "format", "the value from an earlier response, unchanged"}}});
  }
  x.client_writes = std::move(*services);
}

void add_consistency(const exchange& x, http::response& r) {
  auto* writes = x.shared->writes;
  if (writes == nullptr || x.written.empty()) return;
  // Also when it is unknown whether the request has written.
  if (x.context.who.is_user()) writes->note(x.context.who.user, x.written, steady_clock::now());
  if (r.status >= 400) return;
  const auto until = store_time().now() + writes->lag_max() + consistency_token::clock_slack;
  r.headers.emplace_back(field_name,
                         consistency_token::sign(x.shared->secret->bytes, x.written, until));
}

}  // namespace stoa::front
