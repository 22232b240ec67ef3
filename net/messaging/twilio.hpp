#pragma once
// Text messages by Twilio's Messages API (https://www.twilio.com/docs/messaging/api).

#include "actors/notification/report_verifier.hpp"
#include "net/messaging/message_client.hpp"

#include <chrono>
#include <string>

namespace stoa::messaging {

struct twilio_options {
  std::string base_url = "https://api.twilio.com";
  std::string account_sid;
  std::string auth_token;
  std::string from;                   ///< the sender; unused with a messaging service
  std::string messaging_service_sid;  ///< may be empty
  std::string public_url;             ///< of this store; empty: no reports
  std::vector<std::string> allowed_networks{};
  std::chrono::milliseconds timeout{10'000};
  prometheus::Registry* metrics = nullptr;
};

/// Thread-safe. The API has no idempotency keys: after a crash between sending and recording, a
/// message may be sent twice. Both are then reported with the same notification id.
class twilio final : public notification::channel {
 public:
  explicit twilio(twilio_options options);

  void send(notification::outgoing message, callback done) override;
  void stop() override { client_.stop(); }

 private:
  const twilio_options options_;
  message_client client_;
};

/// Reports of Twilio: a form with MessageSid and MessageStatus, signed with the auth token
/// (https://www.twilio.com/docs/usage/security). Thread-safe.
class twilio_reports final : public notification::report_verifier {
 public:
  /// One of the tokens has signed.
  twilio_reports(std::string public_url, std::vector<std::string> auth_tokens)
      : public_url_(std::move(public_url)), auth_tokens_(std::move(auth_tokens)) {}

  std::string_view signature_field() const override { return "X-Twilio-Signature"; }
  result<std::optional<notification::receive_delivery_report>> verify(
      const notification::signed_report& r) const override;

 private:
  const std::string public_url_;
  const std::vector<std::string> auth_tokens_;
};

/// The URL to which Twilio reports on a message.
std::string twilio_callback_url(const std::string& public_url, std::string_view notification_id);

using form_fields = std::vector<std::pair<std::string, std::string>>;
/// Base64 of the HMAC-SHA1 of the URL and the sorted fields.
std::string twilio_signature(const std::string& auth_token, const std::string& url,
                             form_fields fields);

}  // namespace stoa::messaging
