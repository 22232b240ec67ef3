#pragma once
// The key with which PayPal's face of the simulator signs webhooks, and its certificate. Both are
// new in each process.

#include "storage/base/time.hpp"

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace stoa::simulator {

/// The headers of a webhook's delivery.
struct paypal_signature {
  std::string transmission_id;
  std::string transmission_time;
  std::string transmission_sig;  ///< in base64
};

/// Immutable.
class paypal_signer {
 public:
  /// Throws std::runtime_error if OpenSSL fails.
  explicit paypal_signer(timestamp now);

  const std::string& certificate_id() const { return certificate_id_; }
  /// In PEM.
  const std::string& certificate() const { return certificate_; }
  paypal_signature sign(std::string_view webhook_id, std::string_view body, timestamp now) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::string certificate_id_;
  std::string certificate_;
};

}  // namespace stoa::simulator
