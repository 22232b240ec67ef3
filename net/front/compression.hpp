#pragma once
// Compression of responses for clients that accept it.

#include "net/http/content_coding.hpp"
#include "net/http/message.hpp"

#include <cstddef>
#include <memory>

namespace stoa {
struct http_settings;
}
namespace prometheus {
class Registry;
}

namespace stoa::front {

class exchange;

/// Thread-safe.
///
/// Responses that grant access are never compressed: they hold a secret next to text from the
/// client. An attacker who can trigger requests of a victim and observe the lengths of the
/// responses could guess the secret (BREACH). Other responses are safe: a browser adds no
/// credentials to a request by itself, so no page can request its visitors' data.
class compression {
 public:
  /// Counts nothing without a registry.
  compression(const http_settings& config, prometheus::Registry* registry);
  ~compression();
  compression(const compression&) = delete;
  compression& operator=(const compression&) = delete;

  /// Compresses the body with the coding that the client prefers, if type and size are worth it.
  /// Adds Content-Encoding and Vary, and gives the compressed representation its own ETag.
  void apply(const exchange& x, http::response& r) const;

 private:
  struct counters;
  /// Null if the coded body would not be smaller.
  std::shared_ptr<const std::string> encode(std::string_view body, http::content_coding c) const;
  bool enabled_;
  std::size_t bytes_min_;
  std::size_t bytes_max_;
  http::coding_levels levels_;
  std::unique_ptr<counters> counters_;
};

}  // namespace stoa::front
