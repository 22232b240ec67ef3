#pragma once
// Text messages by a generic HTTP provider: a small program that translates to the API of any
// provider (docs/operations.md).

#include "actors/notification/report_verifier.hpp"
#include "net/messaging/message_client.hpp"

#include <boost/describe.hpp>

#include <chrono>
#include <string>

namespace stoa::messaging {

struct http_sms_options {
  std::string url;
  std::string token;       ///< bearer token
  std::string from;        ///< may be empty
  std::string public_url;  ///< of this store; empty: no reports
  std::vector<std::string> allowed_networks{};
  std::chrono::milliseconds timeout{10'000};
  prometheus::Registry* metrics = nullptr;
};

/// The body of a request.
struct http_sms_message {
  std::string id;  ///< the notification's, also the Idempotency-Key
  std::string to;
  std::string text;
  std::optional<std::string> from;
  std::optional<std::string> report_url;
};
BOOST_DESCRIBE_STRUCT(http_sms_message, (), (id, to, text, from, report_url))

/// Thread-safe. 2xx: accepted. 400, 409, 410, 413 and 422: permanent. Others are temporary.
class http_sms final : public notification::channel {
 public:
  explicit http_sms(http_sms_options options);

  void send(notification::outgoing message, callback done) override;
  void stop() override { client_.stop(); }

 private:
  const http_sms_options options_;
  message_client client_;
};

/// The body of a report.
struct http_sms_report {
  std::string id;          ///< of the request
  std::string message_id;  ///< the provider's
  std::string status;      ///< sent, delivered, undelivered or failed
  std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(http_sms_report, (), (id, message_id, status, error))

/// Reports of the generic provider: JSON, signed as webhooks of Stripe are
/// (net/gateway/webhook_signature.hpp). Thread-safe.
class http_sms_reports final : public notification::report_verifier {
 public:
  explicit http_sms_reports(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {}

  std::string_view signature_field() const override { return "Stoa-Report-Signature"; }
  result<std::optional<notification::receive_delivery_report>> verify(
      const notification::signed_report& r) const override;

 private:
  const std::vector<std::string> secrets_;
};

}  // namespace stoa::messaging
