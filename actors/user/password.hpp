#pragma once
// Passwords: what is acceptable, and Argon2id (RFC 9106) by libsodium. One hash takes about 12 ms
// of CPU and 19 MiB of memory: run it on workers of its own, of which there is a fixed number.

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

/// What is hashed: the OpaqueString (RFC 8265); the text itself where that does not exist.
std::string password_form(std::string_view password);

/// Why the password is not acceptable, or nothing: an OpaqueString of 8 to 128 code points, not
/// blank
/// (`blank`), not a common one (`password_too_common`), and not the same as one of `names` (user
/// name, mail address, ...) by case folding. `pointer` is put into the error.
std::optional<field_error> refuse_password(std::string_view password,
                                           const common_passwords& common,
                                           std::initializer_list<std::string_view> names,
                                           std::string pointer = "/password");

/// Argon2id in PHC form, m=19456 KiB, t=2, p=1, 16 random bytes of salt, of the password's form.
/// Errors: unavailable when there is no memory for it, validation above password_bytes_max.
result<std::string> hash_password(std::string_view password);

/// Whether these bytes have been hashed: the caller chooses between the password's form and, for
/// hashes that an earlier version made, the password as it was sent. Takes its full time for every
/// password up to password_bytes_max; false for a longer one and for a hash that is none.
bool verify_password(const std::string& hash, std::string_view password);

/// True when the hash was made with other parameters than hash_password's.
bool needs_rehash(const std::string& hash);

/// The hash of a random password that nobody knows, made once. Verify against it where there is no
/// such user, so that the answer takes the same time. Throws std::bad_alloc when it cannot be made.
const std::string& dummy_hash();

}  // namespace stoa::user
