#pragma once
// Pulls one service's events from its consumers over one connection: keeps a request open at each
// consumer while there is room for events, hands events on, and settles them.

#include "net/nats/bus_core.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace stoa::nats {

/// What a delivery's acknowledgement subject tells: $JS.ACK.... Nothing for any other subject.
struct delivery_info {
  std::int64_t delivered = 0;  ///< 1 the first time
  timestamp stored_at;         ///< by the broker's clock
};
std::optional<delivery_info> read_delivery(std::string_view ack_subject);

/// Thread-safe. Must be held by a shared_ptr: events that are not settled come back to it.
class puller : public std::enable_shared_from_this<puller> {
 public:
  /// `inbox`: a subject of its own, below which the events come.
  puller(core_ptr core, std::string service, std::string inbox);

  /// What to subscribe to.
  std::string subject() const { return inbox_ + ".*"; }
  /// Asks for events where there is room, and again where an answer is overdue.
  void tick(timestamp now);
  /// Forgets what was asked for: the consumers are others now.
  void ask_anew();
  /// A message below the inbox: an event, or the broker's word on a request.
  void take(natsMsg* m);
  /// From now on events go back to the broker, for another instance.
  void close();
  /// The event is settled, or was given up.
  void settled(std::size_t feed);

 private:
  struct feed {
    std::string subject;       ///< of its events
    std::string next_subject;  ///< where to ask for events
    unsettled_count unsettled;
    std::string consumer;
    std::int64_t asked_for = 0;  ///< and not come yet
    timestamp ask_again;         ///< if nothing is asked for: not before; else: overdue
    timestamp silent_since;      ///< it has been asked, and not answered; zero: nothing is owed
    microseconds patience;       ///< with its silence
  };

  void ask(feed& f, std::size_t index, timestamp now);
  /// The consumer lives: it has sent an event, or what only it can say.
  void heard(feed& f, timestamp now);
  bool too_silent(const feed& f, timestamp now) const;
  void take_event(natsMsg* m, std::size_t index);
  void hand_on(natsMsg* m, std::size_t index, std::int64_t delivered);
  void take_status(natsMsg* m, std::size_t index);
  void refuse(natsMsg* m, const std::string& why);
  void drop_old(natsMsg* m, timestamp stored_at);

  const core_ptr core_;
  const std::string service_;
  const std::string inbox_;
  std::mutex mutex_;
  std::vector<feed> feeds_;
  bool closed_ = false;
  timestamp ticked_at_;
  rarely complains_;
  rarely complains_of_age_;
};

}  // namespace stoa::nats
