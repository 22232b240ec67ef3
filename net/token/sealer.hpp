#pragma once
// Encrypts stored secrets: answers that contain tokens, payment instruments.

#include "actors/kernel/writer_core.hpp"
#include "net/token/secret.hpp"

namespace stoa::token {

/// XSalsa20-Poly1305 (libsodium's secretbox) with a key derived from the server's secret and a
/// purpose. A text sealed for one purpose cannot be opened for another.
class secret_sealer final : public kernel::sealer {
 public:
  secret_sealer(const server_secret& secret, std::string_view purpose);
  /// Returns base64url text.
  std::string seal(std::string_view plain) const override;
  /// Nothing for a text that was not sealed with this secret and purpose.
  std::optional<std::string> open(std::string_view sealed) const override;
  /// Of 128 bits, in hexadecimal digits.
  std::string fingerprint(std::string_view plain) const override;

 private:
  std::string key_;
  std::string fingerprint_key_;
};

}  // namespace stoa::token
