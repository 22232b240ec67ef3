#include "net/messaging/web_push.hpp"

#include "actors/notification/push_messages.hpp"
#include "config/log.hpp"
#include "net/messaging/push_encryption.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::messaging {

namespace {

using notification::send_failure;

/// Lengths at which the content certainly fits, escaped, into a message.
constexpr std::size_t title_bytes_max = 200;
constexpr std::size_t body_bytes_max = 400;

std::string shortened(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  text = text.substr(0, bytes_max);
  return std::string(text.substr(0, text::utf8_prefix(text))) + "...";
}

/// 32 characters of the alphabet that RFC 8030, section 5.4, allows.
std::string topic_of(std::string_view key) {
  std::string topic;
  std::ranges::copy_if(key, std::back_inserter(topic), [](char c) { return c != '-'; });
  return topic;
}

/// RFC 8292, section 4.2: the key or its signature is not accepted for the subscription.
bool is_about_key(int status) {
  return status == 401 || status == 403;
}

std::string reason_of(int status) {
  if (is_about_key(status)) return ": it does not accept the store's key (VAPID)";
  if (status == 404 || status == 410) return ": the subscription has ended";
  if (status == 413) return ": the message is too long";
  if (status == 429) return ": too many messages";
  return "";
}

void log_push_failure(std::string_view key, const outbound::completion& c) {
  log_failure("push message not sent", key, c, "");
  if (c.how != outbound::outcome::completed || !is_about_key(c.answer.status)) return;
  log::error("push service rejects the store's key",
             {{"http.response.status_code", c.answer.status}});
}

send_failure push_failure(const outbound::completion& c) {
  if (c.how != outbound::outcome::completed) {
    auto f = no_answer("The push service", c);
    f.permanent =
        c.how == outbound::outcome::invalid_request || c.how == outbound::outcome::not_allowed;
    return f;
  }
  const int status = c.answer.status;
  send_failure f;
  f.reason = "The push service replied " + std::to_string(status) + reason_of(status) + ".";
  f.gone = status == 404 || status == 410;
  f.unauthorized = is_about_key(status);
  f.permanent = !is_temporary_status(status);
  f.retry_after = retry_after_of(c.answer);
  return f;
}

}  // namespace

web_push::web_push(web_push_options options, vapid_key key)
    : options_(std::move(options)),
      key_(std::move(key)),
      client_(client_config_of("push", options_.allowed_networks, options_.metrics)) {}

result<outbound::request> web_push::request_for(const notification::outgoing& message) const {
  const auto address = json::read_lenient<notification::push_address>(message.to);
  if (!address) return address.error();
  push_content content{message.key,
                       shortened(message.subject, title_bytes_max),
                       shortened(message.text, body_bytes_max),
                       {}};
  if (!message.url.empty()) content.url = message.url;
  const push_recipient to{text::from_base64url(address->keys.p256dh).value_or(""),
                          text::from_base64url(address->keys.auth).value_or("")};
  const auto secrets = make_push_secrets();
  if (!secrets) return secrets.error();
  auto body = encrypt_push(to, json::write(content), *secrets);
  if (!body) return body.error();
  auto authorization = key_.authorization(address->endpoint, options_.contact, store_time().now());
  if (!authorization) return authorization.error();
  outbound::request r;
  r.url = address->endpoint;
  r.headers = {{"Authorization", std::move(*authorization)},
               {"Content-Encoding", "aes128gcm"},
               {"Content-Type", "application/octet-stream"},
               {"TTL", std::to_string(options_.ttl.count())},
               {"Urgency", "normal"},
               {"Topic", topic_of(message.key)}};
  r.body = std::move(*body);
  r.timeout = options_.timeout;
  r.needs_head_only = true;
  return r;
}

void web_push::send(notification::outgoing message, callback done) {
  auto request = request_for(message);
  if (!request) return done(send_failure{request.error().detail, true});
  client_.post(std::move(*request),
               [key = message.key, done = std::move(done)](const outbound::completion& c) {
                 const bool answered = c.how == outbound::outcome::completed;
                 if (answered && c.answer.status >= 200 && c.answer.status < 300)
                   return done(std::nullopt);
                 log_push_failure(key, c);
                 done(push_failure(c));
               });
}

}  // namespace stoa::messaging
