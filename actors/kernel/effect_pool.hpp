#pragma once
// The calls of effect runners to external systems: at most one call per key at a time, a bounded
// number in progress, a bounded number waiting, and a timeout for each.

#include "actors/kernel/service_definition.hpp"

#include <mutex>

namespace stoa::kernel {

struct effect_limits {
  std::size_t under_way_max = 64;
  std::size_t waiting_max = 4096;  ///< excess calls are dropped: the sweep starts them again
  microseconds timeout = seconds{3};
};

/// Thread-safe. Must be owned by a shared_ptr: late callbacks keep it alive.
class effect_pool : public std::enable_shared_from_this<effect_pool> {
 public:
  /// Receives the result as a command to report. `certain` is false for an unknown outcome, which
  /// is dropped when it arrives after the timeout has reported the same.
  using answered = std::function<void(any_message result, bool certain)>;

  struct call {
    uuid key;
    std::function<void(answered)> begin;  ///< starts the call; must not block
    any_message when_late;                ///< reported on timeout
  };

  effect_pool(effect_limits limits, command_sink report)
      : limits_(limits), report_(std::move(report)) {}

  /// Starts the call, or queues it. Dropped when a call with its key is in progress; replaces one
  /// that is still waiting.
  void add(call c, timestamp now);
  /// Reports the calls that have timed out, and starts others.
  void tick(timestamp now);
  std::size_t under_way() const;
  std::size_t waiting() const;
  /// Drops all calls; nothing is started or reported afterwards.
  void close();

 private:
  struct running {
    std::uint64_t number = 0;
    std::optional<timestamp> deadline;  ///< empty until the next tick when started by a callback
    any_message when_late;
  };

  void pump(std::optional<timestamp> now);
  void begin(const call& c, std::uint64_t number);
  void finish(const uuid& key, std::uint64_t number, any_message result, bool certain);

  const effect_limits limits_;
  const command_sink report_;
  mutable std::mutex mutex_;
  std::unordered_map<uuid, running> running_;
  std::unordered_map<uuid, call> waiting_;
  std::deque<uuid> turns_;  ///< keys of waiting_, in order of arrival
  std::uint64_t last_number_ = 0;
  bool pumping_ = false;
  bool closed_ = false;
};

}  // namespace stoa::kernel
