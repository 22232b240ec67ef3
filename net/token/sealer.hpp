#pragma once
// Encrypts what the idempotency tables keep of answers that hold tokens.

#include "actors/kernel/writer_core.hpp"
#include "net/token/secret.hpp"

namespace stoa::token {

/// XSalsa20-Poly1305 (libsodium's secretbox) under a key derived from the server's secret.
class secret_sealer final : public kernel::sealer {
 public:
  explicit secret_sealer(const server_secret& secret);
  /// Base64url text.
  std::string seal(std::string_view plain) const override;
  /// Nothing for a text that this key did not seal.
  std::optional<std::string> open(std::string_view sealed) const override;

 private:
  std::string key_;
};

}  // namespace stoa::token
