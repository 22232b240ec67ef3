#pragma once
// Push messages to browsers by their push services (RFC 8030).

#include "net/messaging/message_client.hpp"
#include "net/messaging/vapid.hpp"

#include <boost/describe.hpp>

#include <chrono>
#include <string>

namespace stoa::messaging {

struct web_push_options {
  std::string contact;  ///< mailto: or https:, for the operators of push services
  std::chrono::seconds ttl{86'400};
  std::vector<std::string> allowed_networks{};
  std::chrono::milliseconds timeout{10'000};
  prometheus::Registry* metrics = nullptr;
};

/// The decrypted content, which the shop's service worker shows. A message that is sent again has
/// the same id; the push service replaces one that was not yet delivered (Topic).
struct push_content {
  std::string id;  ///< the notification's
  std::string title;
  std::string body;
  std::optional<std::string> url;
};
BOOST_DESCRIBE_STRUCT(push_content, (), (id, title, body, url))

/// Thread-safe. 404 and 410 report that the subscription does not exist any more. 408, 425, 429 and
/// 5xx are temporary, all other errors permanent.
class web_push final : public notification::channel {
 public:
  web_push(web_push_options options, vapid_key key);

  void send(notification::outgoing message, callback done) override;
  void stop() override { client_.stop(); }

 private:
  result<outbound::request> request_for(const notification::outgoing& message) const;

  const web_push_options options_;
  const vapid_key key_;
  message_client client_;
};

}  // namespace stoa::messaging
