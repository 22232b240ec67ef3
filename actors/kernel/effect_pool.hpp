#pragma once
// What effect runners share: calls to the outside, each under a key, never two of one key at a
// time, a bounded number under way, a bounded number waiting for their turn, and a timeout for
// each.

#include "actors/kernel/service_definition.hpp"

#include <mutex>

namespace stoa::kernel {

struct effect_limits {
  std::size_t under_way_max = 64;
  std::size_t waiting_max = 4096;  ///< further calls are dropped: the sweep starts them again
  microseconds timeout = seconds{3};
};

/// Thread-safe. Must be held by a shared_ptr: a callback that comes late keeps it alive.
class effect_pool : public std::enable_shared_from_this<effect_pool> {
 public:
  /// Takes what came back as the command that tells of it. `certain` is false for "not known": such
  /// an answer is dropped when it comes after the timeout, which has said so already.
  using answered = std::function<void(any_message result, bool certain)>;

  struct call {
    uuid key;
    std::function<void(answered)> begin;  ///< makes the call; must not block
    any_message when_late;                ///< what is reported when no answer comes in time
  };

  effect_pool(effect_limits limits, command_sink report)
      : limits_(limits), report_(std::move(report)) {}

  /// Begins the call now or in its turn. Dropped when one with its key is under way; takes the
  /// place of one that is still waiting.
  void add(call c, timestamp now);
  /// Reports the calls that have taken too long, and begins others in their place.
  void tick(timestamp now);
  std::size_t under_way() const;
  std::size_t waiting() const;
  /// Nothing is begun or reported from now on.
  void close();

 private:
  struct running {
    std::uint64_t number = 0;
    std::optional<timestamp> deadline;  ///< none until the next tick when begun from a callback
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
  std::deque<uuid> turns_;  ///< keys of waiting_, in the order in which they came
  std::uint64_t last_number_ = 0;
  bool pumping_ = false;
  bool closed_ = false;
};

}  // namespace stoa::kernel
