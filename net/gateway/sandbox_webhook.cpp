#include "net/gateway/sandbox_webhook.hpp"

#include "net/gateway/webhook_signature.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/text.hpp"

#include <optional>

namespace stoa::gateways {

namespace {

struct event_data {
  std::optional<std::string> payment_id;
  std::optional<std::string> order_id;
};
BOOST_DESCRIBE_STRUCT(event_data, (), (payment_id, order_id))

struct event_body {
  std::string id;
  std::string type;
  event_data data;
};
BOOST_DESCRIBE_STRUCT(event_body, (), (id, type, data))

}  // namespace

std::string sandbox_webhook_key(std::string_view server_secret) {
  return text::keyed_hash(server_secret, "sandbox webhooks");
}

std::string sign_sandbox_webhook(std::string_view key, std::string_view body, timestamp now) {
  return sign_webhook(key, body, now);
}

result<payment::webhook_event> sandbox_webhooks::read(std::string_view body,
                                                      std::string_view signature,
                                                      timestamp now) const {
  const auto checked = verify_webhook({&key_, 1}, body, signature, now);
  if (!checked) return checked.error();
  const auto event = json::read_lenient<event_body>(body);
  if (!event) return payment::webhook_rejected("webhook_invalid", "The body is not a valid event.");
  return payment::webhook_event{event->id,
                                event->type,
                                event->data.payment_id.value_or(""),
                                event->data.order_id.value_or(""),
                                "",
                                event->type.starts_with("refund.")};
}

}  // namespace stoa::gateways
