#pragma once
// A limit on the memory that many requests hold together.

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace stoa::http {

/// Counts bytes up to a maximum. Thread-safe.
class byte_budget {
 public:
  explicit byte_budget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// False, and nothing taken, if the maximum would be exceeded.
  bool take(std::size_t bytes) {
    const auto before = held_.fetch_add(bytes, std::memory_order_relaxed);
    if (bytes <= bytes_max_ && before <= bytes_max_ - bytes) return true;
    held_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  void release(std::size_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t held() const { return held_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> held_{0};
};

/// A part of a budget; returned on destruction. Keeps the budget alive.
class byte_lease {
 public:
  byte_lease() = default;
  explicit byte_lease(std::shared_ptr<byte_budget> home) : home_(std::move(home)) {}
  byte_lease(byte_lease&& other) noexcept
      : home_(std::move(other.home_)), bytes_(std::exchange(other.bytes_, 0)) {}
  byte_lease& operator=(byte_lease&& other) noexcept {
    std::swap(home_, other.home_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  byte_lease(const byte_lease&) = delete;
  byte_lease& operator=(const byte_lease&) = delete;
  ~byte_lease() {
    if (home_) home_->release(bytes_);
  }

  /// Sets the size of the lease. False, and the lease unchanged, when the budget is exhausted.
  bool resize(std::size_t bytes) {
    if (bytes > bytes_ && !home_->take(bytes - bytes_)) return false;
    if (bytes < bytes_) home_->release(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<byte_budget> home_;
  std::size_t bytes_ = 0;
};

}  // namespace stoa::http
