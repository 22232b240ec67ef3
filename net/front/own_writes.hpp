#pragma once
// Read-your-writes consistency: while a replica may lag, reads of a client that has written use the
// primary. This front end recognizes signed-in users by id. Any client can prove its writes to any
// front end with the header Stoa-Consistency from the response.

#include "net/http/message.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace stoa {
struct settings;
}

namespace stoa::front {

class exchange;

/// Names of services.
using service_set = std::set<std::string, std::less<>>;

/// The header's value: the services, and until when their reads must use the primary; signed.
class consistency_token {
 public:
  /// Maximum difference between the front ends' clocks.
  static constexpr milliseconds clock_slack{2000};

  static std::string sign(std::string_view secret, const service_set& written, timestamp until);
  /// The services whose reads must use the primary at that time; nothing when the signature is
  /// invalid.
  static std::optional<service_set> verify(std::string_view secret, std::string_view token,
                                           timestamp now);
};

/// The recent writes of users, by service. Thread-safe, bounded: when more than `users_max` users
/// write within the maximum lag, all users count as having written.
class own_writes {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  own_writes(milliseconds lag_max, std::size_t users_max)
      : lag_max_(lag_max), users_max_(users_max) {}
  /// Null when no replica is configured.
  static std::unique_ptr<own_writes> of(const settings& s);

  milliseconds lag_max() const { return lag_max_; }
  void note(stoa::user_id user, const service_set& written, time_point now);
  bool has_written(stoa::user_id user, std::string_view service, time_point now) const;

 private:
  using services_until = std::map<std::string, time_point, std::less<>>;
  using users_until = std::unordered_map<uuid, services_until>;
  users_until turn(time_point now);

  const milliseconds lag_max_;
  const std::size_t users_max_;
  mutable std::mutex mutex_;
  users_until recent_;    ///< written since the last rotation
  users_until earlier_;   ///< written in the period before it
  time_point turn_at_{};  ///< when all entries in `earlier_` have expired
  time_point all_until_{};
};

/// Reads the header Stoa-Consistency of a read request. Fails with 400 for an invalid value.
void read_consistency(exchange& x);
/// Records what the request has written and adds the header to a successful response.
void add_consistency(const exchange& x, http::response& r);

}  // namespace stoa::front
