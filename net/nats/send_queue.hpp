#pragma once
// What waits to be sent to the broker. Filling it never waits; one thread empties it while there is
// a connection.

#include "actors/kernel/bus.hpp"
#include "net/nats/headers.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace stoa::nats {

/// A message that is ready to go: an acknowledgement, a request for events, verdicts.
struct plain_message {
  std::string subject;
  std::string reply;  ///< empty: none
  std::string data;
  header_list headers = {};
};

class send_queue {
 public:
  explicit send_queue(std::size_t events_max) : events_max_(events_max) {}

  /// False when too many wait. An event that waits already is not taken twice: several subscribers
  /// of it are one message here.
  bool add(const kernel::published& e);
  /// Dropped when too many wait.
  void add(const kernel::bus_verdict& v);
  void add(plain_message m);

  struct load {
    std::vector<kernel::published> events;
    std::vector<kernel::bus_verdict> verdicts;
    std::vector<plain_message> plain;
  };
  /// Waits for something to send, for at most `limit`, and takes all of it, but of the events at
  /// most `events_max`. What is no event gathers for a millisecond.
  load take(std::size_t events_max, microseconds limit);
  /// Ends a wait in take(): more events may be taken than it was told.
  void wake();
  /// Drops messages that want a reply: their connection is gone, and so is who would get it.
  void forget_requests();
  bool empty() const;

 private:
  using clock = std::chrono::steady_clock;
  bool small_things() const { return !verdicts_.empty() || !plain_.empty(); }
  void note_small();

  const std::size_t events_max_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<kernel::published> events_;
  std::unordered_set<stoa::event_id> waiting_;
  std::vector<kernel::bus_verdict> verdicts_;
  std::vector<plain_message> plain_;
  clock::time_point small_since_;
  bool woken_ = false;
};

}  // namespace stoa::nats
