#pragma once
// Reads numbers from the bytes of a file. A read past the end is remembered, and returns zero.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stoa::media {

class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : bytes_(bytes) {}

  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  bool is_short() const { return is_short_; }

  std::string_view take(std::size_t count) {
    if (count > left()) {
      is_short_ = true;
      at_ = bytes_.size();
      return {};
    }
    const auto taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }
  void skip(std::size_t count) { take(count); }

  std::uint8_t byte() {
    const auto b = take(1);
    return b.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(b.front());
  }
  /// Up to four bytes.
  std::uint32_t big_endian(std::size_t count) {
    std::uint32_t n = 0;
    for (const char c : take(count)) n = n << 8U | static_cast<std::uint8_t>(c);
    return n;
  }
  std::uint32_t little_endian(std::size_t count) {
    std::uint32_t n = 0;
    std::size_t shift = 0;
    for (const char c : take(count)) {
      n |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(c)) << shift;
      shift += 8;
    }
    return n;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool is_short_ = false;
};

}  // namespace stoa::media
