#pragma once
// PayPal's webhooks, verified with the certificate that has signed them, so that a forged one costs
// a check of a signature and no request to PayPal.

#include "actors/payment/gateway.hpp"
#include "net/gateway/paypal_certificates.hpp"

#include <string>

namespace stoa::gateways {

struct paypal_webhook_options {
  std::string base_url;                       ///< of PayPal's API
  std::string webhook_id;                     ///< of the webhook at PayPal that sends to this store
  std::chrono::milliseconds timeout{10'000};  ///< of the request for a certificate
  prometheus::Registry* metrics = nullptr;    ///< may be null
};

/// Thread-safe.
class paypal_webhooks final : public payment::remote_webhook_verifier {
 public:
  explicit paypal_webhooks(paypal_webhook_options options);

  std::vector<std::string> signature_fields() const override;
  void verify(payment::received_webhook received, callback done) const override;

 private:
  const std::string webhook_id_;
  mutable paypal_certificates certificates_;
};

}  // namespace stoa::gateways
