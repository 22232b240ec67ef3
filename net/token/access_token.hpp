#pragma once
// Access tokens: JWT (RFC 7519) signed with ES256 (RFC 7515, 7518) by cjose, of the type "at+jwt"
// (RFC 9068). The client is the store's own front end, so that `client_id` is the audience.
// A good signature is not enough: the session may have ended (net/front/revocations.hpp).

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
  // None in the tokens of earlier versions.
  std::optional<std::string> client_id = {};  ///< sign() fills it in
  std::optional<std::string> jti = {};        ///< unique to the token

  bool operator==(const claims&) const = default;
};
BOOST_DESCRIBE_STRUCT(claims, (), (iss, aud, sub, role, sid, epoch, iat, nbf, exp, client_id, jti))

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

/// Whether the keys are others than before.
enum class key_reading { same, changed };

/// The key pairs and what they do: one signs, all of them verify. Thread-safe.
class token_keys {
 public:
  /// The private key in `directory`/token-key.json (a JWK, mode 0600), made when there is none, and
  /// those in token-key-next.json and token-key-old.json, which only verify. Errors: as of
  /// read_private_file, and a file that holds no private P-256 key.
  static result<token_keys> load_or_create(const std::filesystem::path& directory,
                                           token_policy policy = {});
  token_keys(token_keys&&) noexcept;
  token_keys& operator=(token_keys&&) noexcept;
  ~token_keys();

  /// The compact form, for the policy's audience. Errors: 500 when the crypto library fails.
  result<std::string> sign(const claims& c) const;

  /// The claims of a token that one of the keys signed and that is valid at `now`. Errors: 401,
  /// code "token_expired" for a genuine one that has expired, else "invalid_token"; algorithm, key,
  /// type, issuer and audience are pinned, whatever the token says.
  result<claims> verify(std::string_view token, timestamp now) const;

  /// Reads the files again. On an error (as of load_or_create; a missing key is not made here) the
  /// keys stay as they are.
  result<key_reading> reload() const;

  /// The ids of all keys, that of the signing one first: their thumbprints (RFC 7638).
  std::vector<std::string> key_ids() const;
  /// All public keys as a JWK Set (RFC 7517, section 5), for those who check tokens themselves.
  std::string key_set() const;

 private:
  struct ring;
  struct impl;
  explicit token_keys(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

enum class key_change {
  prepared,  ///< the next key exists now: nodes that have read it verify with it and publish it
  changed    ///< the next key signs now, and the key before it still verifies
};

/// The next step of changing the key in `directory`. Errors: those of the files.
result<key_change> change_token_key(const std::filesystem::path& directory);

}  // namespace stoa::token
