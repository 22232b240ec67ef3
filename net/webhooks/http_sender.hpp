#pragma once
// Sends webhooks over HTTP, signed at the time of each attempt.

#include "actors/kernel/writer_core.hpp"
#include "actors/notification/webhook_sender.hpp"
#include "net/outbound/http_client.hpp"

namespace stoa {
struct webhook_settings;
}

namespace stoa::webhook {

/// The header fields and body limits of a request. Nothing when no secret can be decrypted.
std::optional<outbound::request> signed_request(const notification::webhook_request& r,
                                                const kernel::sealer& seal, timestamp now,
                                                std::chrono::milliseconds timeout);
/// What the service stores of the outcome.
notification::webhook_answer answer_of(const outbound::completion& c);

/// The client's configuration: public addresses, the allowed networks, no redirects.
outbound::client_config client_config_of(const webhook_settings& s, prometheus::Registry* metrics);

class http_sender final : public notification::webhook_sender {
 public:
  /// The sealer must outlive the sender.
  http_sender(const webhook_settings& s, const kernel::sealer& seal, prometheus::Registry* metrics);
  void post(notification::webhook_request request, callback done) override;

 private:
  const kernel::sealer& seal_;
  const std::chrono::milliseconds timeout_;
  outbound::http_client client_;
};

}  // namespace stoa::webhook
