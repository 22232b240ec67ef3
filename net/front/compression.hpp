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
/// Never compressed: answers that grant access, which hold a secret beside what a client has sent.
/// Their length would tell an attacker who can let others send requests, and see how long the
/// answers are, how much of a guess is right (BREACH). What else the API answers is safe from that:
/// a browser adds no credentials to a request by itself, so no page can let its visitors ask for
/// what is theirs.
class compression {
 public:
  /// Counts nothing without a registry.
  compression(const http_settings& config, prometheus::Registry* registry);
  ~compression();
  compression(const compression&) = delete;
  compression& operator=(const compression&) = delete;

  /// Puts the body into the coding that the client likes best, if it is of a type and size that are
  /// worth it. Adds Content-Encoding and Vary, and gives the coded representation its own ETag.
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
