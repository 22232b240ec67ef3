#pragma once
// The simulator's random numbers: all come from one seed, so that a run can be repeated.

#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

namespace stoa::simulation {

/// splitmix64: small and equal on every machine (unlike the standard distributions).
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  /// 0 to n - 1; n must not be 0.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  /// `least` to `most`, inclusive.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least + 1)));
  }
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

/// Ids from the injected clock and the seeded random numbers.
class seeded_ids final : public id_source {
 public:
  seeded_ids(const clock& time, std::uint64_t seed) : time_(time), random_(seed) {}

  uuid next_v7() override {
    // The counter precedes the random bits: ids increase, also within a millisecond.
    auto ms = static_cast<std::uint64_t>(time_.now().us / 1000);
    ++count_;
    return make_uuid_v7(ms, count_ >> 32U, count_ << 32U | (random_.next() >> 32U));
  }
  uuid next_v4() override {
    auto u = make_uuid_v7(random_.next(), random_.next(), random_.next());
    u.bytes[6] = static_cast<std::uint8_t>((u.bytes[6] & 0x0FU) | 0x40U);
    return u;
  }

 private:
  const clock& time_;
  random_source random_;
  std::uint64_t count_ = 0;
};

}  // namespace stoa::simulation
