#pragma once
// Stripe's webhooks: the field Stripe-Signature, and events whose object has the metadata that the
// gateway gives to intents and refunds.

#include "actors/payment/gateway.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stoa::gateways {

/// Thread-safe.
class stripe_webhooks final : public payment::webhook_verifier {
 public:
  explicit stripe_webhooks(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {}

  std::string_view signature_field() const override { return "Stripe-Signature"; }

 private:
  result<payment::webhook_event> read(std::string_view body, std::string_view signature,
                                      timestamp now) const override;

  const std::vector<std::string> secrets_;
};

}  // namespace stoa::gateways
