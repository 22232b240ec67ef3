#pragma once
// State shared by the bus, its connection and the library's threads. Lives until the last thread
// and unsettled event release it.

#include "net/nats/bus_metrics.hpp"
#include "net/nats/handles.hpp"
#include "net/nats/inspector.hpp"
#include "net/nats/nats_bus.hpp"
#include "net/nats/send_queue.hpp"

#include <condition_variable>
#include <mutex>
#include <set>
#include <shared_mutex>

namespace stoa::nats {

using subscriptions = std::map<std::string, std::vector<std::string>>;

/// Number of received but unsettled events of a consumer, over all connections.
using unsettled_count = std::shared_ptr<std::atomic<std::int64_t>>;

struct bus_core {
  explicit bus_core(nats_options o)
      : options(std::move(o)),
        metrics(options.registry),
        inspect(options, metrics),
        queue(options.queue_max) {}

  const nats_options options;
  bus_metrics metrics;
  inspector inspect;
  send_queue queue;

  // Set by start(), before other threads use them.
  subscriptions wanted;  ///< service -> types of events
  kernel::event_bus::on_event deliver;
  kernel::event_bus::on_verdict verdict;
  kernel::event_bus::on_back back;
  std::map<std::string, unsettled_count> unsettled;  ///< by consumer

  /// True while the stream and the consumers exist, as far as known.
  std::atomic<bool> ready = false;

  /// Runs a callback unless the bus has been stopped; logs its exception.
  template <class F>
  void call(F&& callback) {
    std::shared_lock lock(calling_);
    if (stopped_) return;
    try {
      callback();
    } catch (const std::exception& e) {
      log::error("event bus: callback failed", {{"error", e.what()}});
    }
  }
  /// Waits for running callbacks and prevents further ones.
  void stop_calling() {
    std::unique_lock lock(calling_);
    stopped_ = true;
  }

  /// Makes the keeper check the connection, the stream and the consumers now.
  void poke() {
    std::lock_guard lock(mutex_);
    poked_ = true;
    changed_.notify_all();
  }
  /// Waits for a poke, at most `limit`; true when there was one.
  bool await_poke(microseconds limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return poked_; });
    return std::exchange(poked_, false);
  }

  /// Reports an unresponsive consumer to the keeper.
  void suspect(const std::string& consumer) {
    {
      std::lock_guard lock(mutex_);
      suspects_.insert(consumer);
    }
    poke();
  }
  std::set<std::string> take_suspects() {
    std::lock_guard lock(mutex_);
    return std::exchange(suspects_, {});
  }

  std::int64_t unsettled_events() const {
    std::int64_t n = 0;
    for (const auto& [consumer, count] : unsettled) n += count->load();
    return n;
  }

 private:
  std::shared_mutex calling_;
  bool stopped_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool poked_ = false;
  std::set<std::string> suspects_;
};

using core_ptr = std::shared_ptr<bus_core>;

}  // namespace stoa::nats
