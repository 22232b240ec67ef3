#pragma once
// Access tokens: JWT (RFC 7519) signed with ES256 (RFC 7515, 7518) by cjose, of the type "at+jwt"
// (RFC 9068; `client_id` and `jti` are left out: there is one client, and tokens are not listed).
// A good signature is not enough: the session may have ended (net/front/revocations.hpp).

#include "storage/base/result.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace stoa::token {

/// What a token says. Times are seconds since 1970-01-01T00:00:00Z, as RFC 7519 has them.
struct claims {
  std::string iss = "stoa";
  std::string aud = {};  ///< the store; sign() fills it in
  user_id sub;
  std::string role;
  session_id sid;
  std::int64_t epoch = 0;  ///< of the session, when the token was issued
  std::int64_t iat = 0;    ///< issued at
  std::int64_t nbf = 0;    ///< valid from this on
  std::int64_t exp = 0;    ///< valid before this

  bool operator==(const claims&) const = default;
};
BOOST_DESCRIBE_STRUCT(claims, (), (iss, aud, sub, role, sid, epoch, iat, nbf, exp))

/// What is demanded of all tokens.
struct token_policy {
  std::string audience = "stoa";
  /// A token ends so long after it was issued, whatever it says itself: the setting may have been
  /// lowered since.
  std::int64_t ttl_max_s = 86'400;
};

inline constexpr std::size_t token_bytes_max = 2048;
/// A token issued this far in the future is still taken: the clocks of two nodes differ.
inline constexpr std::int64_t clock_skew_s = 60;
/// Verified tokens that are remembered, so that the signature is checked once and not per request.
inline constexpr std::size_t verified_tokens_max = 8192;

/// The key pair and what it does. Thread-safe.
class token_keys {
 public:
  /// The private key in `directory`/token-key.json (a JWK, mode 0600), made when there is none.
  /// Errors: as of read_private_file, and a file that holds no private P-256 key.
  static result<token_keys> load_or_create(const std::filesystem::path& directory,
                                           token_policy policy = {});
  token_keys(token_keys&&) noexcept;
  token_keys& operator=(token_keys&&) noexcept;
  ~token_keys();

  /// The compact form, for the policy's audience. Errors: 500 when the crypto library fails.
  result<std::string> sign(const claims& c) const;

  /// The claims of a token that this key signed and that is valid at `now`. Errors: 401, code
  /// "token_expired" for a genuine one that has expired, else "invalid_token"; algorithm, key,
  /// type, issuer and audience are pinned, whatever the token says.
  result<claims> verify(std::string_view token, timestamp now) const;

  /// The key's id: its thumbprint (RFC 7638).
  const std::string& key_id() const;
  /// The public key as a JWK, for those who want to check tokens themselves.
  const std::string& public_key() const;

 private:
  struct impl;
  explicit token_keys(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace stoa::token
