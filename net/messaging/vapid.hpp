#pragma once
// Identification of the store to push services (VAPID, RFC 8292).

#include "net/token/signing_key.hpp"
#include "storage/base/time.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace stoa::messaging {

/// The key pair to which browsers bind their subscriptions: with another key they must subscribe
/// again. Thread-safe.
class vapid_key {
 public:
  /// Loads `directory`/vapid-key.json (a JWK, mode 0600), creating it if missing. Errors: as of
  /// token::read_private_file, and a file without a private P-256 key.
  static result<vapid_key> load_or_create(const std::filesystem::path& directory);

  /// The uncompressed point in base64url: the applicationServerKey of browsers.
  const std::string& public_key() const { return public_key_; }
  /// The field Authorization for a push service. `contact`: mailto: or https:, for its operators.
  /// Errors (500): the crypto library fails.
  result<std::string> authorization(std::string_view endpoint, const std::string& contact,
                                    timestamp now) const;

 private:
  vapid_key(std::shared_ptr<const token::signing_key> key, std::string public_key)
      : key_(std::move(key)), public_key_(std::move(public_key)) {}

  std::shared_ptr<const token::signing_key> key_;
  std::string public_key_;
};

/// Scheme, host and port of an https URL, as https://push.example.org.
std::string origin_of(std::string_view url);

}  // namespace stoa::messaging
