#pragma once
// Signatures of events and verdicts. The broker is an untrusted transport: a client that may
// publish there must not be able to forge events.
//
// A signature is BLAKE2b (RFC 7693) keyed with a secret shared by all nodes, over the
// length-prefixed cluster name, subject, headers and payload. It is sent as `stoa-signature:
// kid=<key id>,v1=<base64url>`.

#include "net/nats/headers.hpp"
#include "storage/base/result.hpp"
#include "storage/base/time.hpp"

#include <atomic>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace stoa::nats {

struct signing_key {
  std::string id;     ///< 1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-'
  std::string bytes;  ///< 32; never log them
  bool operator==(const signing_key&) const = default;
};
/// The first key signs; all are accepted.
using signing_keys = std::vector<signing_key>;

/// The keys in use, replaceable at run time. Thread-safe.
class signing_ring {
 public:
  /// Throws std::invalid_argument without keys.
  explicit signing_ring(signing_keys keys) { replace(std::move(keys)); }
  void replace(signing_keys keys);
  std::shared_ptr<const signing_keys> keys() const { return keys_.load(); }

 private:
  std::atomic<std::shared_ptr<const signing_keys>> keys_;
};

/// The key of a cluster without a key file, derived from the server's secret.
signing_key derived_signing_key(std::string_view server_secret);
/// Reads a private file (net/token/private_file.hpp) with one key per line: id, space, 32 bytes in
/// base64url. Empty lines and lines starting with '#' are ignored. Errors (500): those of the file;
/// "signing_keys" with the line for invalid content.
result<signing_keys> read_signing_keys(const std::filesystem::path& file);

/// Why a signature is rejected; `none`: it is valid.
enum class signature_fault {
  none,
  missing,      ///< no signature
  unknown_key,  ///< the key is unknown, or the signature is malformed
  wrong         ///< the message was modified, or is for another cluster or subject
};

/// Thread-safe.
class message_signer {
 public:
  message_signer(std::shared_ptr<const signing_ring> ring, std::string cluster);

  /// The value of the header `stoa-signature`. `kind` separates the uses of the keys.
  std::string sign(std::string_view kind, std::string_view subject, const header_list& headers,
                   std::string_view payload) const;
  /// Verifies a message. `names`: the signed headers, in order of signing.
  signature_fault check(std::string_view kind, std::string_view subject,
                        const std::vector<const char*>& names, const header_lookup& find,
                        std::string_view payload) const;

 private:
  const std::shared_ptr<const signing_ring> ring_;
  const std::string cluster_;
};

/// Remembers signatures for a time, to detect replays. Thread-safe, bounded.
class seen_signatures {
 public:
  seen_signatures(std::size_t size_max, microseconds retention)
      : size_max_(size_max), retention_(retention) {}
  /// False when the signature was seen within that time, or when the memory is full.
  bool is_first(const std::string& signature, timestamp now);

 private:
  const std::size_t size_max_;
  const microseconds retention_;
  std::mutex mutex_;
  std::unordered_set<std::string> seen_;
  std::deque<std::pair<timestamp, std::string>> order_;
};

}  // namespace stoa::nats
