#pragma once
// Encryption of push messages for a browser (RFC 8291 with the content coding of RFC 8188).

#include "storage/base/result.hpp"

#include <string>
#include <string_view>

namespace stoa::messaging {

/// The longest plain text: push services accept bodies of 4096 bytes.
inline constexpr std::size_t push_plain_bytes_max = 3993;
inline constexpr std::size_t push_auth_bytes = 16;

/// The keys of a subscription, as bytes.
struct push_recipient {
  std::string public_key;  ///< an uncompressed point of P-256: 65 bytes
  std::string auth;        ///< push_auth_bytes
};

/// What is random in an encryption: a key pair and a salt, used once.
struct push_secrets {
  std::string private_key;  ///< 32 bytes
  std::string public_key;   ///< 65 bytes
  std::string salt;         ///< 16 bytes
};

/// Whether the bytes are an uncompressed point on the curve P-256.
bool is_p256_point(std::string_view bytes);

/// Errors (500): the crypto library fails.
result<push_secrets> make_push_secrets();

/// The body of a request with Content-Encoding: aes128gcm. Errors (500): the text is too long, a
/// key is invalid, or the crypto library fails.
result<std::string> encrypt_push(const push_recipient& to, std::string_view plain,
                                 const push_secrets& with);

}  // namespace stoa::messaging
