#pragma once
// Who is who on this node: the current handle of each actor, replaced when the supervisor restarts
// one, and the shared counters.

#include "actors/kernel/caf_types.hpp"
#include "actors/kernel/metrics.hpp"

#include <atomic>
#include <mutex>

namespace stoa::kernel {

/// One service's actors and counters.
class service_entry {
 public:
  service_entry(service_definition d, std::size_t readers) : definition(std::move(d)) {
    readers_.resize(readers);
  }

  const service_definition definition;
  /// Unanswered requests from the edge: the bound that a CAF mailbox does not have.
  std::atomic<std::int64_t> commands_in_flight{0};
  std::atomic<std::int64_t> queries_in_flight{0};
  std::atomic<std::int64_t> outbox_lag_us{0};
  std::atomic<std::int64_t> mailbox{0};
  std::atomic<bool> ready{false};

  caf::actor writer() const { return locked(writer_); }
  caf::actor relay() const { return locked(relay_); }
  caf::actor timer() const { return locked(timer_); }
  /// The read actors in turn.
  caf::actor reader() {
    std::lock_guard lock(mutex_);
    return readers_[next_reader_++ % readers_.size()];
  }
  caf::actor reader_at(std::size_t i) const {
    std::lock_guard lock(mutex_);
    return readers_[i];
  }
  std::size_t reader_count() const { return readers_.size(); }

  /// Lets go of all actors.
  void clear() {
    std::lock_guard lock(mutex_);
    writer_ = nullptr;
    relay_ = nullptr;
    timer_ = nullptr;
    for (auto& r : readers_) r = nullptr;
  }

  void set_writer(caf::actor a) { replace(writer_, std::move(a)); }
  void set_relay(caf::actor a) { replace(relay_, std::move(a)); }
  void set_timer(caf::actor a) { replace(timer_, std::move(a)); }
  void set_reader(std::size_t i, caf::actor a) { replace(readers_[i], std::move(a)); }

 private:
  caf::actor locked(const caf::actor& a) const {
    std::lock_guard lock(mutex_);
    return a;
  }
  void replace(caf::actor& slot, caf::actor a) {
    std::lock_guard lock(mutex_);
    slot = std::move(a);
  }

  mutable std::mutex mutex_;
  caf::actor writer_;
  caf::actor relay_;
  caf::actor timer_;
  std::vector<caf::actor> readers_;
  std::size_t next_reader_ = 0;
};

/// What all actors of the node share. Filled before the first actor starts; the map itself never
/// changes afterwards.
struct directory {
  node_options options;
  subscription_map subscriptions;
  std::map<std::string, std::unique_ptr<service_entry>, std::less<>> services;
  std::unique_ptr<kernel_metrics> metrics;
  std::atomic<bool> stopping{false};

  service_entry* find(std::string_view name) const {
    auto it = services.find(name);
    return it == services.end() ? nullptr : it->second.get();
  }
};

/// A port as the node keeps it.
class node_port : public port {
 public:
  /// Lets go of the actor system. Nothing may be posted from another thread at that moment or
  /// later.
  virtual void close() = 0;
};

// The actors, each in its own file.
caf::behavior writer_actor(caf::event_based_actor* self, directory& all, service_entry& service);
caf::behavior reader_actor(caf::event_based_actor* self, directory& all, service_entry& service);
caf::behavior relay_actor(caf::event_based_actor* self, directory& all, service_entry& service);
caf::behavior timer_actor(caf::event_based_actor* self, directory& all, service_entry& service);
std::shared_ptr<node_port> make_port_actor(caf::actor_system& system, directory& all);

}  // namespace stoa::kernel
