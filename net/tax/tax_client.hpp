#pragma once
// Sends questions about taxes to the provider at tax.url. A request is a POST with JSON, signed
// like a webhook (Standard Webhooks 1.0); its message id is also its Idempotency-Key.

#include "actors/checkout/external_tax.hpp"
#include "net/outbound/http_client.hpp"
#include "storage/base/result.hpp"

#include <memory>
#include <mutex>

namespace stoa {
struct tax_settings;
}

namespace stoa::tax {

/// The key bytes of the secret in tax.secret_file. Errors (500): the file is not readable, or its
/// secret has not the form of a webhook's.
result<std::string> signing_key_of(const tax_settings& s);

/// Thread-safe.
class tax_client {
 public:
  using callback = std::function<void(checkout::tax_reply)>;

  tax_client(const tax_settings& s, std::string signing_key, prometheus::Registry* metrics);

  /// Calls `done` exactly once, on any thread. `limit`: at most tax.timeout_ms is used.
  void post(std::string body, const std::string& key, std::chrono::milliseconds limit,
            callback done);
  bool falls_back() const { return falls_back_; }
  /// Cancels open requests. Not from a callback.
  void stop();

 private:
  const std::string url_;
  const std::string signing_key_;
  const std::chrono::milliseconds timeout_;
  const bool falls_back_;
  std::mutex mutex_;
  std::shared_ptr<outbound::http_client> client_;  ///< null after stop()
};

}  // namespace stoa::tax
