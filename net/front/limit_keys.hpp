#pragma once
// Keys of the rate limit tables: 64 bits of a keyed hash. Clients cannot choose addresses that
// collide, and Redis stores neither addresses nor accounts.

#include <array>
#include <cstdint>
#include <string_view>

namespace stoa::front {

class limit_keys {
 public:
  /// Derived from the server's secret, which all nodes share, so that their keys are equal.
  explicit limit_keys(std::string_view secret);

  /// SipHash-2-4 of up to three numbers.
  std::uint64_t of(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0) const;
  std::uint64_t of(std::string_view text) const;

 private:
  std::array<unsigned char, 16> key_{};
};

}  // namespace stoa::front
