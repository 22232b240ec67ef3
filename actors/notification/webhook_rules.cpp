#include "actors/notification/webhook_rules.hpp"

#include "storage/base/backoff.hpp"

#include <algorithm>

namespace stoa::notification {

namespace {

/// The id makes the decision repeatable.
microseconds spread(microseconds delay, const webhook_delivery_row& d) {
  const auto share = (d.delivery_id.value.bytes.back() + 37 * d.attempts) % 256;
  return delay - delay * share / 1024;
}

}  // namespace

bool wants(const webhook_endpoint_row& endpoint, std::string_view event_type) {
  return std::ranges::any_of(endpoint.event_types, [&](const std::string& wanted) {
    return wanted == "*" || wanted == event_type;
  });
}

std::optional<timestamp> next_attempt(const webhook_delivery_row& delivery, timestamp now,
                                      std::optional<std::int64_t> retry_after_s,
                                      const webhook_options& options) {
  if (now >= delivery.retry_until) return std::nullopt;
  auto delay = spread(backoff(delivery.attempts, options.retry_min, options.retry_max), delivery);
  if (retry_after_s) {
    const auto longest = std::chrono::duration_cast<seconds>(options.retry_max).count();
    delay = std::max<microseconds>(
        delay, seconds{std::clamp(*retry_after_s, std::int64_t{0}, std::int64_t{longest})});
  }
  return std::min(now + delay, delivery.retry_until);
}

bool has_failed_too_long(const webhook_endpoint_row& endpoint, timestamp now,
                         const webhook_options& options) {
  return endpoint.failing_since && now - *endpoint.failing_since >= options.disable_after;
}

}  // namespace stoa::notification
