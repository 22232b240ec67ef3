#include "storage/base/uuid.hpp"

#include "storage/base/service_clock.hpp"

#include <sodium.h>

#include <chrono>
#include <mutex>

namespace stoa {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class system_id_source final : public id_source {
 public:
  uuid next_v7() override {
    const auto ms = static_cast<std::uint64_t>(store_time().now().us / 1000);
    std::lock_guard lock(mutex_);
    if (ms > last_ms_ || last_ms_ - ms > step_min_ms) {
      last_ms_ = ms;
      high_ = random64() & 0x7FF;  // the top bit of rand_a stays 0 as room for the counter
      low_ = random64();
    } else {
      // The same millisecond, or a corrected estimate: increment the last value. A clock that was
      // set back is followed; otherwise the ids would stay ahead of it.
      std::uint64_t before = low_;
      // make_uuid_v7 drops the two low bits, so a step of four yields a different id.
      low_ += (1 + (random64() & 0xFFFFFFFF)) << 2;
      if (low_ < before && ++high_ > 0xFFF) {
        high_ = 0;
        ++last_ms_;
      }
    }
    return make_uuid_v7(last_ms_, high_, low_);
  }

  uuid next_v4() override {
    uuid u;
    randombytes_buf(u.bytes.data(), u.bytes.size());
    u.bytes[6] = static_cast<std::uint8_t>((u.bytes[6] & 0x0F) | 0x40);
    u.bytes[8] = static_cast<std::uint8_t>((u.bytes[8] & 0x3F) | 0x80);
    return u;
  }

 private:
  // One system call per block of numbers instead of one per id.
  std::uint64_t random64() {
    if (next_ == pool_.size()) {
      randombytes_buf(pool_.data(), sizeof(pool_));
      next_ = 0;
    }
    return pool_[next_++];
  }

  static constexpr std::uint64_t step_min_ms = 1000;

  std::mutex mutex_;
  std::uint64_t last_ms_ = 0;
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
  std::array<std::uint64_t, 128> pool_{};
  std::size_t next_ = 128;
};

}  // namespace

std::string uuid::str() const {
  std::string text(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    text[at++] = hex_digits[bytes[i] >> 4];
    text[at++] = hex_digits[bytes[i] & 0x0F];
  }
  return text;
}

std::optional<uuid> uuid::parse(std::string_view text) noexcept {
  if (text.size() != 36) return std::nullopt;
  uuid result;
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      if (text[at++] != '-') return std::nullopt;
    }
    int high = hex_value(text[at++]);
    int low = hex_value(text[at++]);
    if (high < 0 || low < 0) return std::nullopt;
    result.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return result;
}

uuid make_uuid_v7(std::uint64_t unix_ms, std::uint64_t random_high,
                  std::uint64_t random_low) noexcept {
  uuid u;
  for (std::size_t i = 0; i < 6; ++i)
    u.bytes[i] = static_cast<std::uint8_t>(unix_ms >> (40 - 8 * i));
  u.bytes[6] = static_cast<std::uint8_t>(0x70 | (random_high >> 8 & 0x0F));
  u.bytes[7] = static_cast<std::uint8_t>(random_high);
  // 62 random bits follow the two variant bits; the top bits of random_low count, so shift by two.
  std::uint64_t low = random_low >> 2;
  u.bytes[8] = static_cast<std::uint8_t>(0x80 | (low >> 56 & 0x3F));
  for (std::size_t i = 1; i < 8; ++i) {
    u.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return u;
}

id_source& system_ids() {
  static system_id_source source;
  return source;
}

}  // namespace stoa
