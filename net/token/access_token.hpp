#pragma once
// Access tokens: JWT (RFC 7519) signed with ES256 (RFC 7515, 7518) by cjose, of the type "at+jwt"
// (RFC 9068). The client is the store's own front end, so `client_id` is the audience. A valid
// signature is not sufficient: the session may have been revoked (net/front/revocations.hpp).

#include "storage/base/result.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::token {

/// The claims of a token. Times are seconds since 1970-01-01T00:00:00Z (RFC 7519).
struct claims {
  std::string iss = "stoa";
  std::string aud = {};  ///< the store; set by sign()
  user_id sub;
  std::string role;
  session_id sid;
  std::int64_t epoch = 0;  ///< of the session, at issuance
  std::int64_t iat = 0;    ///< issued at
  std::int64_t nbf = 0;    ///< not valid before
  std::int64_t exp = 0;    ///< valid until, exclusive
  // Absent from tokens of earlier versions.
  std::optional<std::string> client_id = {};  ///< set by sign()
  std::optional<std::string> jti = {};        ///< unique id of the token

  bool operator==(const claims&) const = default;
};
BOOST_DESCRIBE_STRUCT(claims, (), (iss, aud, sub, role, sid, epoch, iat, nbf, exp, client_id, jti))

/// Requirements for all tokens.
struct token_policy {
  std::string audience = "stoa";
  /// Maximum lifetime after issuance, whatever `exp` says: the setting may have been lowered since.
  std::int64_t ttl_max_s = 86'400;
};

inline constexpr std::size_t token_bytes_max = 2048;
/// Tolerated issuance time in the future, for clock differences between nodes.
inline constexpr std::int64_t clock_skew_s = 60;
/// Size of the cache of verified tokens, which avoids checking a signature per request.
inline constexpr std::size_t verified_tokens_max = 8192;

/// Whether the keys have changed.
enum class key_reading { same, changed };

/// The key pairs: one signs, all verify. Thread-safe.
class token_keys {
 public:
  /// Loads the private key from `directory`/token-key.json (a JWK, mode 0600), creating it if
  /// missing, and those in token-key-next.json and token-key-old.json, which only verify. Errors:
  /// as of read_private_file, and a file without a private P-256 key.
  static result<token_keys> load_or_create(const std::filesystem::path& directory,
                                           token_policy policy = {});
  token_keys(token_keys&&) noexcept;
  token_keys& operator=(token_keys&&) noexcept;
  ~token_keys();

  /// A token in compact form, for the policy's audience. Errors: 500 when the crypto library fails.
  result<std::string> sign(const claims& c) const;

  /// The claims of a token signed by one of the keys and valid at `now`. Errors: 401, code
  /// "token_expired" for a genuine but expired token, else "invalid_token". Algorithm, key, type,
  /// issuer and audience are fixed and not taken from the token.
  result<claims> verify(std::string_view token, timestamp now) const;

  /// Reloads the files. On an error (as of load_or_create, but a missing key is not created) the
  /// keys do not change.
  result<key_reading> reload() const;

  /// The ids (thumbprints, RFC 7638) of all keys, the signing key's first.
  std::vector<std::string> key_ids() const;
  /// All public keys as a JWK Set (RFC 7517, section 5), for clients that verify tokens themselves.
  std::string key_set() const;

 private:
  struct ring;
  struct impl;
  explicit token_keys(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

enum class key_change {
  prepared,  ///< the next key exists: nodes that have loaded it publish it and verify with it
  changed    ///< the next key signs, and the previous one still verifies
};

/// Performs the next step of rotating the key in `directory`. Errors: those of the files.
result<key_change> change_token_key(const std::filesystem::path& directory);

}  // namespace stoa::token
