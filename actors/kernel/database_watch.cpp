#include "actors/kernel/database_watch.hpp"

#include "config/log.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::kernel {

namespace {

/// Between two log lines during an outage.
constexpr seconds reminder_interval{30};
/// Minimum duration: answers sent before the outage must not end it.
constexpr seconds shortest{1};
/// After an outage connections may still be in their reconnect pause: no new outage begins.
constexpr seconds settling{3};

}  // namespace

bool database_watch::failed(std::string_view operation, const db::error& e) {
  if (e.kind() != db::error_kind::unavailable) return false;
  const auto now = process_time().now();
  std::lock_guard lock(mutex_);
  ++failures_;
  const bool begins = since_us_ == 0;
  if (now - logged_at_ < (begins ? settling : reminder_interval)) return true;
  if (begins) since_us_ = now.us;
  logged_at_ = now;
  log::error("database cannot be reached", {{"service", service_},
                                            {"operation", operation},
                                            {"error", std::string_view(e.what())},
                                            {"failing_for_ms", (now.us - since_us_) / 1000},
                                            {"failures", failures_}});
  return true;
}

void database_watch::end() {
  const auto now = process_time().now();
  std::lock_guard lock(mutex_);
  const auto since = since_us_.load();
  if (since == 0 || now - timestamp{since} < shortest) return;
  since_us_ = 0;
  logged_at_ = now;
  log::info_limited(
      "database is reachable again",
      {{"service", service_}, {"failed_for_ms", (now.us - since) / 1000}, {"failures", failures_}});
  failures_ = 0;
}

}  // namespace stoa::kernel
