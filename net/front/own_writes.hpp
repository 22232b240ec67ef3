#pragma once
// Whoever has changed something sees it: for as long as a replica may lag, the reads of a client
// that has written go to the primary. This front knows a signed-in user again. Any client can show
// what it has written, to every front, by the field Stoa-Consistency that the answer had.

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

/// The field's value: the services, and until when their answers may not lag, signed.
class consistency_token {
 public:
  /// Fronts' clocks may differ by so much.
  static constexpr milliseconds clock_slack{2000};

  static std::string sign(std::string_view secret, const service_set& written, timestamp until);
  /// The services whose answers may not lag at that moment; nothing for a text that no front has
  /// signed with the secret.
  static std::optional<service_set> verify(std::string_view secret, std::string_view token,
                                           timestamp now);
};

/// What users have written lately, by service. Thread-safe, bounded: when more than `users_max`
/// write within the time that a replica may lag, all users count as having written.
class own_writes {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  own_writes(milliseconds lag_max, std::size_t users_max)
      : lag_max_(lag_max), users_max_(users_max) {}
  /// Null when no replica is set.
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
  users_until recent_;    ///< written since the last turn
  users_until earlier_;   ///< in the turn before it
  time_point turn_at_{};  ///< when all in `earlier_` has lasted
  time_point all_until_{};
};

/// Reads the field Stoa-Consistency of a request that reads. Fails with 400 for a value that no
/// front has given.
void read_consistency(exchange& x);
/// Remembers what the request has written, and gives the field to an answer that says so.
void add_consistency(const exchange& x, http::response& r);

}  // namespace stoa::front
