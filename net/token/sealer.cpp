#include "net/token/sealer.hpp"

#include "storage/base/text.hpp"

#include <sodium.h>

namespace stoa::token {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

secret_sealer::secret_sealer(const server_secret& secret, std::string_view purpose)
    : key_(text::keyed_hash(secret.bytes, "sealer:" + std::string(purpose))),
      fingerprint_key_(text::keyed_hash(secret.bytes, "fingerprint:" + std::string(purpose))) {
  static_assert(crypto_secretbox_KEYBYTES == 32, "keyed_hash returns 32 bytes");
}

std::string secret_sealer::seal(std::string_view plain) const {
  std::string nonce = text::random_bytes(crypto_secretbox_NONCEBYTES);
  std::string box(plain.size() + crypto_secretbox_MACBYTES, '\0');
  crypto_secretbox_easy(bytes_of(box), bytes_of(plain), plain.size(),
                        bytes_of(std::string_view(nonce)), bytes_of(std::string_view(key_)));
  return text::base64url(nonce + box);
}

std::optional<std::string> secret_sealer::open(std::string_view sealed) const {
  auto bytes = text::from_base64url(sealed);
  constexpr std::size_t least = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (!bytes || bytes->size() < least) return std::nullopt;
  std::string_view nonce = std::string_view(*bytes).substr(0, crypto_secretbox_NONCEBYTES);
  std::string_view box = std::string_view(*bytes).substr(crypto_secretbox_NONCEBYTES);
  std::string plain(box.size() - crypto_secretbox_MACBYTES, '\0');
  if (crypto_secretbox_open_easy(bytes_of(plain), bytes_of(box), box.size(), bytes_of(nonce),
                                 bytes_of(std::string_view(key_))) != 0) {
    return std::nullopt;
  }
  return plain;
}

std::string secret_sealer::fingerprint(std::string_view plain) const {
  constexpr std::size_t fingerprint_bytes = 16;
  return text::hex(text::keyed_hash(fingerprint_key_, plain).substr(0, fingerprint_bytes));
}

}  // namespace stoa::token
