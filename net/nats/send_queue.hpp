#pragma once
// The queue of messages to the broker. Adding never blocks; one thread sends while connected.

#include "actors/kernel/bus.hpp"
#include "net/nats/headers.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace stoa::nats {

/// A message that is ready to send: an acknowledgement, a pull request, or verdicts.
struct plain_message {
  std::string subject;
  std::string reply;  ///< empty: none
  std::string data;
  header_list headers = {};
};

class send_queue {
 public:
  explicit send_queue(std::size_t events_max) : events_max_(events_max) {}

  /// False when the queue is full. An event that is already queued is not added again: all of its
  /// subscribers share one message.
  bool add(const kernel::published& e);
  /// Dropped when the queue is full.
  void add(const kernel::bus_verdict& v);
  void add(plain_message m);

  struct load {
    std::vector<kernel::published> events;
    std::vector<kernel::bus_verdict> verdicts;
    std::vector<plain_message> plain;
  };
  /// Waits for messages, at most `limit`, and takes all of them, but at most `events_max` events.
  /// Messages other than events are collected for a millisecond.
  load take(std::size_t events_max, microseconds limit);
  /// Ends a wait in take(), so that it is called again with a larger `events_max`.
  void wake();
  /// Drops messages that expect a reply, because the connection for it is lost.
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
