#pragma once
// P-256 keys in files (JWK, RFC 7517), and what they sign (JWS, RFC 7515) by cjose.

#include "net/token/jose.hpp"
#include "net/token/key_set.hpp"
#include "storage/base/result.hpp"

#include <filesystem>
#include <string>

namespace stoa::token {

inline constexpr std::size_t key_file_bytes_max = 4096;

struct signing_key {
  jwk_handle key;
  published_jwk published;  ///< the public key; its id is the thumbprint (RFC 7638)
};

problem crypto_failure(std::string_view what, const cjose_err& error);

/// A new private key, as the content of a file. Errors: 500 when the crypto library fails.
result<std::string> make_signing_key();

/// Parses the content of the file, which the error names (500, code "secret_file").
result<signing_key> read_signing_key(const std::filesystem::path& file, const std::string& bytes);

/// The payload in compact form, signed with ES256. `type` is the header "typ", `key_id` the header
/// "kid"; null omits it. Errors: 500 when the crypto library fails.
result<std::string> sign_compact(const signing_key& key, const char* type, const char* key_id,
                                 const std::string& payload);

}  // namespace stoa::token
