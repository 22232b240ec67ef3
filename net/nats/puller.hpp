#pragma once
// Pulls one service's events from its consumers over one connection: keeps a pull request open per
// consumer while there is room, forwards events, and settles them.

#include "net/nats/bus_core.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace stoa::nats {

/// Parsed acknowledgement subject of a delivery ($JS.ACK...). Nothing for any other subject.
struct delivery_info {
  std::int64_t delivered = 0;  ///< delivery count, starting at 1
  timestamp stored_at;         ///< by the broker's clock
};
std::optional<delivery_info> read_delivery(std::string_view ack_subject);

/// Thread-safe. Must be owned by a shared_ptr: unsettled events keep a reference to it.
class puller : public std::enable_shared_from_this<puller> {
 public:
  /// `inbox`: a subject unique to this puller; events arrive below it.
  puller(core_ptr core, std::string service, std::string inbox);

  /// The subject to subscribe to.
  std::string subject() const { return inbox_ + ".*"; }
  /// Sends pull requests where there is room, and repeats overdue ones.
  void tick(timestamp now);
  /// Forgets open requests, after consumers were recreated.
  void reset_requests();
  /// Handles a message below the inbox: an event or a status message.
  void take(natsMsg* m);
  /// From now on returns events to the broker for other instances.
  void close();
  /// An event was settled or released.
  void settled(std::size_t feed);

 private:
  struct feed {
    std::string subject;       ///< of its events
    std::string next_subject;  ///< where pull requests are sent
    unsettled_count unsettled;
    std::string consumer;
    std::int64_t requested = 0;  ///< events requested and not yet received
    timestamp next_request;  ///< earliest time of the next request, or when an open one is overdue
    timestamp silent_since;  ///< time of the oldest unanswered request; zero: none
    microseconds patience;   ///< maximum silence
  };

  void request(feed& f, std::size_t index, timestamp now);
  /// The consumer has responded with an event or a status message.
  void mark_responsive(feed& f, timestamp now);
  bool is_unresponsive(const feed& f, timestamp now) const;
  void take_event(natsMsg* m, std::size_t index);
  void forward_event(natsMsg* m, std::size_t index, std::int64_t delivered);
  void take_status(natsMsg* m, std::size_t index);
  void reject(natsMsg* m, const std::string& why);
  void drop_old(natsMsg* m, timestamp stored_at);

  const core_ptr core_;
  const std::string service_;
  const std::string inbox_;
  std::mutex mutex_;
  std::vector<feed> feeds_;
  bool closed_ = false;
  timestamp ticked_at_;
  log_limiter limiter_;
  log_limiter age_limiter_;
};

}  // namespace stoa::nats
