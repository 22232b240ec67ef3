#pragma once
// Passwords: acceptance rules, and Argon2id (RFC 9106) by libsodium. One hash takes about 12 ms of
// CPU time and 19 MiB of memory: run it on a fixed number of dedicated workers.

#include "actors/user/common_passwords.hpp"
#include "storage/base/problem.hpp"
#include "storage/base/result.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::user {

inline constexpr std::size_t password_code_points_min = 8;
inline constexpr std::size_t password_code_points_max = 128;
inline constexpr std::size_t password_bytes_max = 512;

/// The form that is hashed: the OpaqueString (RFC 8265), or the text itself if it has none.
std::string password_form(std::string_view password);

/// Why the password is not acceptable; empty: it is. It must be an OpaqueString of 8 to 128 code
/// points, not blank (`blank`), not common (`password_too_common`), and differ from `names` (user
/// name, email address, ...) after case folding. `pointer` is the error's pointer.
std::optional<field_error> check_password_strength(std::string_view password,
                                                   const common_passwords& common,
                                                   std::initializer_list<std::string_view> names,
                                                   std::string pointer = "/password");

/// Argon2id of password_form() as a PHC string, m=19456 KiB, t=2, p=1, 16 random bytes of salt.
/// Errors: unavailable when out of memory, validation above password_bytes_max.
result<std::string> hash_password(std::string_view password);

/// Whether `hash` is the hash of exactly these bytes. Callers pass password_form(), or for hashes
/// of earlier versions the password as sent. Takes full time for every password up to
/// password_bytes_max; false for a longer one and for an invalid hash.
bool verify_password(const std::string& hash, std::string_view password);

/// True when the hash has other parameters than hash_password() uses.
bool needs_rehash(const std::string& hash);

/// A well-formed hash of no known password, the same at each call. Verify against it for unknown
/// users, so that the answer takes the same time.
const std::string& dummy_hash();

}  // namespace stoa::user
