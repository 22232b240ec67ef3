#pragma once
// Limits that all nodes share (setting limits.store=redis). Each node decides locally and at once,
// and sends the requests that it has allowed to Redis, which adds up those of all nodes and returns
// the sum; the node merges it. No request waits for Redis, and an overrun of a limit by several
// nodes is visible to all of them within one round trip. While Redis is unreachable, each node's
// local limits apply.

#include "storage/db/redis.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace stoa::db {
class redis_client;
}

namespace stoa::front {

/// The table that a key belongs to.
enum class shared_kind : std::uint8_t {
  rate,
  client_failures,
  address_failures,
  site_failures,
  turns,
  known,
  code_owner_failures,
  code_address_failures,
  code_site_failures
};

struct shared_key {
  shared_kind kind = shared_kind::rate;
  std::uint64_t key = 0;

  bool operator==(const shared_key&) const = default;
};

/// Thread-safe.
class shared_limits {
 public:
  /// The key expires `ahead_ns` from now, by the sum of all nodes.
  using merge_function = std::function<void(shared_key key, std::int64_t ahead_ns)>;

  /// Connects in start(). `queue_max`: keys waiting to be sent; excess changes stay local to this
  /// node and are counted.
  explicit shared_limits(db::redis_options options, std::size_t queue_max = 65'536);
  ~shared_limits();
  shared_limits(const shared_limits&) = delete;
  shared_limits& operator=(const shared_limits&) = delete;

  /// Calls `merge` on the thread of this object, once for each key sent.
  void start(merge_function merge);
  void stop();

  /// Adds `by_ns` to the key's time, limited to between now and `cap_ns` from now. By 0: only
  /// queries the other nodes' sum.
  void add(shared_key key, std::int64_t by_ns, std::int64_t cap_ns);

  bool connected() const { return connected_.load(std::memory_order_relaxed); }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }

 private:
  struct change {
    std::int64_t by_ns = 0;
    std::int64_t cap_ns = 0;
  };
  struct key_hash {
    std::size_t operator()(const shared_key& k) const {
      return static_cast<std::size_t>(k.key) ^ static_cast<std::size_t>(k.kind);
    }
  };
  using changes = std::unordered_map<shared_key, change, key_hash>;

  void run();
  bool next(changes& all);
  void send(db::redis_client& client, const changes& all);

  const db::redis_options options_;
  const std::size_t queue_max_;
  merge_function merge_;
  std::mutex mutex_;
  std::condition_variable wake_;
  changes waiting_;
  bool stopping_ = false;
  std::atomic<bool> connected_{false};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::thread thread_;
};

}  // namespace stoa::front
