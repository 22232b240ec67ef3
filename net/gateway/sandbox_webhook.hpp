#pragma once
// Webhooks of the sandbox gateway, signed as by the large providers: the header field
// Stoa-Sandbox-Signature contains "t=<seconds since 1970>,v1=<HMAC-SHA-256 of "t.body", in hex>".
// The body is {"id", "type", "data": {"payment_id", "order_id"}}.

#include "actors/payment/gateway.hpp"

namespace stoa::gateways {

/// The key of a store's sandbox webhooks, derived from the server's secret.
std::string sandbox_webhook_key(std::string_view server_secret);

/// The value of the signature field.
std::string sign_sandbox_webhook(std::string_view key, std::string_view body, timestamp now);

/// Thread-safe.
class sandbox_webhooks final : public payment::webhook_verifier {
 public:
  explicit sandbox_webhooks(std::string key) : key_(std::move(key)) {}

  std::string_view signature_field() const override { return "Stoa-Sandbox-Signature"; }

 private:
  result<payment::webhook_event> read(std::string_view body, std::string_view signature,
                                      timestamp now) const override;

  const std::string key_;
};

}  // namespace stoa::gateways
