#pragma once
// The rules of outgoing webhooks: which endpoints receive an event, when an attempt is retried, and
// how an attempt changes a delivery. Pure.

#include "storage/notification/webhook.hpp"

namespace stoa::notification {

inline constexpr std::size_t webhook_endpoints_max = 20;
/// The old secret also signs for this long after a rotation.
inline constexpr microseconds webhook_secret_overlap = std::chrono::hours{24};
/// Deliveries that one request replays.
inline constexpr std::int64_t webhook_replays_max = 500;
/// Stored part of a response, in bytes.
inline constexpr std::size_t webhook_response_kept = 1024;

struct webhook_options {
  microseconds timeout = seconds{10};  ///< of a request
  /// Added to the timeout before the sweep sends an unanswered delivery again.
  microseconds margin = seconds{5};
  microseconds retry_min = seconds{5};
  microseconds retry_max = std::chrono::hours{12};
  microseconds retry_for = std::chrono::hours{72};  ///< from the event
  /// An endpoint whose attempts have all failed for this long is disabled.
  microseconds disable_after = std::chrono::hours{120};
  microseconds retention = std::chrono::hours{720};  ///< of deliveries
  std::string notice_email{};  ///< receives a notice about disabled endpoints; empty: none
};

/// Whether the endpoint has chosen events of the type. Tests are sent to it whatever it has chosen.
bool wants(const webhook_endpoint_row& endpoint, std::string_view event_type);

/// When to retry after the failure number `attempts`: exponential backoff, reduced by up to a
/// quarter so that deliveries that failed together are not retried together, or later if the
/// receiver asks for it (Retry-After), and not after the last possible time. Nothing: that was the
/// last attempt.
std::optional<timestamp> next_attempt(const webhook_delivery_row& delivery, timestamp now,
                                      std::optional<std::int64_t> retry_after_s,
                                      const webhook_options& options);

/// Whether the endpoint's failures last long enough to disable it.
bool has_failed_too_long(const webhook_endpoint_row& endpoint, timestamp now,
                         const webhook_options& options);

}  // namespace stoa::notification
