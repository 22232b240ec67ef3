#pragma once
// Rate, errors and duration of requests by route template, and purchases by outcome.

#include "storage/base/time.hpp"

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace stoa::front {

struct route;

/// Thread-safe. Does nothing without a registry.
class front_metrics {
 public:
  explicit front_metrics(prometheus::Registry* registry);
  ~front_metrics();
  front_metrics(const front_metrics&) = delete;
  front_metrics& operator=(const front_metrics&) = delete;

  /// `r` is null for a request that matched no route.
  void request(const route* r, int status, microseconds took);
  /// A request rejected by admission control (admission.hpp).
  void refused();
  /// The cost in flight and its limit.
  void load(std::int64_t in_flight, std::int64_t limit);
  /// The number of revoked sessions in the table, and the table's age.
  void revocations(std::size_t count, microseconds age);
  /// A session check at the user service: good, revoked, unavailable.
  void session_check(const std::string& outcome);
  /// confirmed, declined, sold_out, pending, refused.
  void purchase(const std::string& outcome);
  /// applied, repeated, ignored, rejected.
  void webhook(const std::string& gateway, std::string_view outcome);
  /// The same for the reports of an SMS provider.
  void delivery_report(const std::string& provider, std::string_view outcome);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace stoa::front
