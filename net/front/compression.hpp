#pragma once
// Answers in a content coding, for clients that accept one.

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
/// Answers that grant access are never compressed: they hold a secret beside what the client has
/// sent. An attacker who can make others send requests, and who sees the lengths of the answers,
/// could find out the secret by guesses (BREACH). Other answers are safe: a browser adds no
/// credentials to a request by itself, so that no page can request data of its visitors.
class compression {
 public:
  /// Counts nothing without a registry.
  compression(const http_settings& config, prometheus::Registry* registry);
  ~compression();
  compression(const compression&) = delete;
  compression& operator=(const compression&) = delete;

  /// Puts the body into the coding that the client prefers, if its type and size are worth it. Adds
  /// Content-Encoding and Vary, and gives the coded representation its own ETag.
  void apply(const exchange& x, http::response& r) const;

 private:
  struct counters;
  bool enabled_;
  std::size_t bytes_min_;
  std::size_t bytes_max_;
  http::coding_levels levels_;
  std::unique_ptr<counters> counters_;
};

}  // namespace stoa::front
