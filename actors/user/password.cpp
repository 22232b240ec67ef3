#include "actors/user/password.hpp"

#include "storage/base/identity.hpp"
#include "storage/base/text.hpp"

#include <sodium.h>

#include <algorithm>

namespace stoa::user {
namespace {

// OWASP's setting for Argon2id; libsodium's p is always 1.
constexpr unsigned long long passes = 2;
constexpr std::size_t memory_bytes = 19456 * std::size_t{1024};

/// Of the result in libsodium's strings.
constexpr std::size_t hash_bytes = 32;

/// Base64 without padding, as in PHC strings.
std::string random_base64(std::size_t bytes) {
  auto made = text::base64url(text::random_bytes(bytes));
  std::ranges::replace(made, '-', '+');
  std::ranges::replace(made, '_', '/');
  return made;
}

bool sodium_ready() {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

}  // namespace

std::string password_form(std::string_view password) {
  return text::opaque_string(password).value_or(std::string(password));
}

std::optional<field_error> check_password_strength(std::string_view sent,
                                                   const common_passwords& common,
                                                   std::initializer_list<std::string_view> names,
                                                   std::string pointer) {
  const auto error = [&](std::string code, std::string detail) {
    return field_error{std::move(pointer), std::move(code), std::move(detail)};
  };
  if (!text::is_utf8(sent)) return error("format", "The password is not UTF-8.");
  if (sent.empty()) return error("too_short", "A password must have at least 8 characters.");
  const auto opaque = text::opaque_string(sent);
  if (!opaque) return error("format", std::string(text::new_password_form));
  const std::string& password = *opaque;
  const auto length = text::code_points(password);
  if (length < password_code_points_min) {
    return error("too_short", "A password must have at least 8 characters.");
  }
  if (length > password_code_points_max || password.size() > password_bytes_max) {
    return error("too_long", "A password must have at most 128 characters and 512 bytes.");
  }
  if (is_blank(password)) return error("blank", "The password must not be blank.");
  if (!text::is_new_password(sent)) return error("format", std::string(text::new_password_form));
  if (common.contains(password)) {
    return error("password_too_common",
                 "This password is commonly used and easy to guess. Choose another one.");
  }
  const auto folded = text::fold(password);
  if (std::any_of(names.begin(), names.end(),
                  [&](std::string_view name) { return text::fold(name) == folded; })) {
    return error("value", "The password must differ from the name and the email address.");
  }
  return std::nullopt;
}

result<std::string> hash_password(std::string_view sent) {
  const auto password = password_form(sent);
  if (password.size() > password_bytes_max) {
    return invalid_field("/password", "too_long", "A password must have at most 512 bytes.");
  }
  char hash[crypto_pwhash_STRBYTES];
  if (!sodium_ready() || crypto_pwhash_str_alg(hash, password.data(), password.size(), passes,
                                               memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return unavailable("Not enough memory to hash the password. Retry later.");
  }
  return std::string(hash);
}

bool verify_password(const std::string& hash, std::string_view password) {
  if (!sodium_ready() || password.size() > password_bytes_max) return false;
  return crypto_pwhash_str_verify(hash.c_str(), password.data() ? password.data() : "",
                                  password.size()) == 0;
}

bool needs_rehash(const std::string& hash) {
  return !sodium_ready() || crypto_pwhash_str_needs_rehash(hash.c_str(), passes, memory_bytes) != 0;
}

const std::string& dummy_hash() {
  // Random bytes in place of the result: computing one takes a fifth of the program's start.
  static const std::string hash =
      "$argon2id$v=19$m=" + std::to_string(memory_bytes / 1024) + ",t=" + std::to_string(passes) +
      ",p=1$" + random_base64(crypto_pwhash_argon2id_SALTBYTES) + "$" + random_base64(hash_bytes);
  return hash;
}

}  // namespace stoa::user
