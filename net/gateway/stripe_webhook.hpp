#pragma once
// Stripe's webhooks: the field Stripe-Signature, and events whose object has the metadata that the
// gateway gives to intents and refunds, or names the intent.

#include "actors/payment/gateway.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace stoa::gateways {

/// Thread-safe.
class stripe_webhooks final : public payment::webhook_verifier {
 public:
  explicit stripe_webhooks(std::vector<std::string> secrets) { replace(std::move(secrets)); }

  std::string_view signature_field() const override { return "Stripe-Signature"; }
  /// Replaces the secrets; false when they are the same.
  bool replace(std::vector<std::string> secrets);
  /// Identify the secrets without revealing them.
  std::vector<std::string> secret_ids() const;

 private:
  using secret_list = std::shared_ptr<const std::vector<std::string>>;
  result<payment::webhook_event> read(std::string_view body, std::string_view signature,
                                      timestamp now) const override;

  std::atomic<secret_list> secrets_;
};

}  // namespace stoa::gateways
