#pragma once
// A bounded table of client states: a fixed number of entries in buckets of eight, so that a lookup
// reads two cache lines and allocates nothing. An entry has expired when its time `until_ns` has
// passed; its slot is free then. When a bucket is full of entries that have not expired, the one
// that would expire first is evicted, and its client has a full burst again. This does not help an
// attacker: filling the table takes as many addresses as it has entries, and each new address has a
// full burst anyway.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <type_traits>

namespace stoa::front {

/// Value: trivially copyable, with a member `until_ns`; all zero is an unknown client. Keys must be
/// evenly distributed (limit_keys.hpp). Thread-safe: one lock per 64th of the table.
template <class Value>
class limit_table {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  /// Room for at least that many entries. Memory is committed as entries are added.
  explicit limit_table(std::size_t entries_min) {
    while (buckets_ * ways < entries_min) buckets_ *= 2;
    // calloc instead of `new`: untouched zeroed pages take no memory.
    table_.reset(static_cast<bucket*>(std::calloc(buckets_, sizeof(bucket))));
    if (!table_) throw std::bad_alloc();
  }

  /// Calls f with the value of the key, under the lock, and returns its result.
  template <class F>
  auto update(std::uint64_t key, std::int64_t now_ns, F f) {
    key = std::max<std::uint64_t>(key, 1);  // 0 marks an unused entry
    const std::scoped_lock lock(lock_of(key));
    return f(place_of(key, now_ns).value);
  }

  /// The value, if there is one; never inserts.
  std::optional<Value> find(std::uint64_t key) const {
    key = std::max<std::uint64_t>(key, 1);
    const std::scoped_lock lock(lock_of(key));
    for (const auto& e : bucket_of(key).entries) {
      if (e.key == key) return e.value;
    }
    return std::nullopt;
  }

  std::size_t entries_max() const { return buckets_ * ways; }
  /// Entries ever used, expired ones included.
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  /// Entries evicted before they expired.
  std::uint64_t evicted() const { return evicted_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t ways = 8;
  static constexpr std::size_t locks = 64;

  struct entry {
    std::uint64_t key;
    Value value;
  };
  struct bucket {
    std::array<entry, ways> entries;
  };
  struct alignas(64) guarded {
    mutable std::mutex mutex;
  };
  struct release {
    void operator()(bucket* b) const { std::free(b); }
  };

  std::mutex& lock_of(std::uint64_t key) const {
    return locks_[(key & (buckets_ - 1)) % locks].mutex;
  }
  bucket& bucket_of(std::uint64_t key) const { return table_.get()[key & (buckets_ - 1)]; }

  entry& place_of(std::uint64_t key, std::int64_t now_ns) {
    entry* victim = nullptr;
    for (auto& e : bucket_of(key).entries) {
      if (e.key == key) return e;
      if (!victim || e.value.until_ns < victim->value.until_ns) victim = &e;
    }
    if (victim->key == 0) {
      used_.fetch_add(1, std::memory_order_relaxed);
    } else if (victim->value.until_ns > now_ns) {
      evicted_.fetch_add(1, std::memory_order_relaxed);
    }
    *victim = {key, Value{}};
    return *victim;
  }

  std::size_t buckets_ = locks;
  std::unique_ptr<bucket[], release> table_;
  std::array<guarded, locks> locks_;
  std::atomic<std::uint64_t> used_{0};
  std::atomic<std::uint64_t> evicted_{0};
};

}  // namespace stoa::front
