#pragma once
// PayPal's webhooks. PayPal verifies them itself (POST /v1/notifications/verify-webhook-signature):
// the program neither fetches certificates from URLs in requests nor decides which ones to trust.

#include "actors/payment/gateway.hpp"
#include "net/gateway/paypal_session.hpp"

#include <string>

namespace stoa::gateways {

/// Thread-safe. Its requests are separate from those of payments, so that forged webhooks do not
/// delay these.
class paypal_webhooks final : public payment::remote_webhook_verifier {
 public:
  /// `webhook_id`: of the webhook at PayPal that sends to this store.
  paypal_webhooks(paypal_credentials credentials, std::string webhook_id,
                  prometheus::Registry* metrics);

  std::vector<std::string> signature_fields() const override;
  void verify(std::string body, header_fields fields, timestamp now, callback done) const override;

 private:
  const std::string base_url_;
  const std::string webhook_id_;
  mutable paypal_session session_;
};

}  // namespace stoa::gateways
