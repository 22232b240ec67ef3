#pragma once
// Stripe's webhooks: the field Stripe-Signature, and events whose object has the metadata that the
// gateway gives to intents and refunds.

#include "actors/payment/gateway.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stoa::gateways {

/// Stripe's key from payment.stripe_key_file: one line of visible ASCII characters. Errors (500):
/// those of token::read_private_file, and another content.
result<std::string> read_stripe_key(const std::filesystem::path& file);

/// The signing secrets from payment.stripe_webhook_secrets_file, one per line; empty lines and
/// lines that begin with # are ignored. Errors as above, and a file without a secret or with more
/// than 16.
result<std::vector<std::string>> read_stripe_webhook_secrets(const std::filesystem::path& file);

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
