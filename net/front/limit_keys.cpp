#include "net/front/limit_keys.hpp"

#include "storage/base/text.hpp"

#include <sodium.h>

#include <cstring>

namespace stoa::front {

static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == sizeof(std::uint64_t));

limit_keys::limit_keys(std::string_view secret) {
  const auto derived = text::keyed_hash(secret, "client limits");
  std::memcpy(key_.data(), derived.data(), key_.size());
}

std::uint64_t limit_keys::of(std::string_view text) const {
  std::uint64_t out = 0;
  crypto_shorthash(reinterpret_cast<unsigned char*>(&out),
                   reinterpret_cast<const unsigned char*>(text.data()), text.size(), key_.data());
  return out;
}

std::uint64_t limit_keys::of(std::uint64_t a, std::uint64_t b, std::uint64_t c) const {
  const std::array<std::uint64_t, 3> words{a, b, c};
  return of({reinterpret_cast<const char*>(words.data()), sizeof words});
}

}  // namespace stoa::front
