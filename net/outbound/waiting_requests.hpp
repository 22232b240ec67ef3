#pragma once
// The queue of a client's requests. Internal to net/outbound; one thread.

#include "net/outbound/transfer.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace stoa::outbound {

using transfer_ptr = std::unique_ptr<transfer>;

/// First in, first out per origin; round-robin over the origins, each with a limit of requests in
/// flight.
class waiting_requests {
 public:
  explicit waiting_requests(std::size_t in_flight_per_origin_max)
      : in_flight_max_(in_flight_per_origin_max) {}

  void push(transfer_ptr t);
  /// The next request that may start; it counts as in flight until ended(). Null if none.
  transfer_ptr next();
  void ended(const std::string& origin);
  /// Removes a request; null when it is not in the queue.
  transfer_ptr remove(http_client::id id);
  /// Removes the requests whose deadline has passed.
  std::vector<transfer_ptr> take_expired(steady::time_point now);
  std::vector<transfer_ptr> take_all();
  std::optional<steady::time_point> first_deadline() const;

 private:
  struct origin_queue {
    std::deque<http_client::id> ids;
    std::size_t in_flight = 0;
    bool in_turn = false;
  };

  void schedule(const std::string& origin, origin_queue& q);

  const std::size_t in_flight_max_;
  std::map<http_client::id, transfer_ptr> waiting_;
  std::set<std::pair<steady::time_point, http_client::id>> deadlines_;
  std::map<std::string, origin_queue> origins_;
  std::deque<std::string> turns_;  ///< origins with a request that may start
};

}  // namespace stoa::outbound
