#pragma once
// DKIM signatures (RFC 6376): rsa-sha256, and ed25519-sha256 (RFC 8463), both with relaxed
// canonicalization.

#include "storage/base/result.hpp"
#include "storage/base/time.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace stoa::mail {

struct dkim_options {
  std::string domain;    ///< d=
  std::string selector;  ///< s=
  std::filesystem::path key_file;
};

/// Thread-safe.
class dkim_signer {
 public:
  /// Errors (500): those of token::read_private_file, and a file without an RSA key of at least
  /// 1024 bits (RFC 8301) or an Ed25519 key.
  static result<std::shared_ptr<const dkim_signer>> load(const dkim_options& options);

  /// The header DKIM-Signature with its line ending, to be put before the message. The message has
  /// CRLF line endings. Throws std::runtime_error when OpenSSL fails.
  std::string header_of(std::string_view message, timestamp signed_at) const;

 private:
  using key_ptr = std::shared_ptr<evp_pkey_st>;

  dkim_signer(dkim_options options, key_ptr key)
      : options_(std::move(options)), key_(std::move(key)) {}
  std::string signature_of(std::string_view data) const;

  const dkim_options options_;
  const key_ptr key_;
};

}  // namespace stoa::mail
