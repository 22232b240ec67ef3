#include "net/gateway/stripe_webhook.hpp"

#include "net/gateway/webhook_signature.hpp"
#include "net/token/secret_lines.hpp"
#include "storage/base/json_read.hpp"

#include <map>
#include <optional>

namespace stoa::gateways {

namespace {

struct stripe_event_object {
  std::optional<std::map<std::string, std::string>> metadata;
};
BOOST_DESCRIBE_STRUCT(stripe_event_object, (), (metadata))

struct stripe_event_data {
  stripe_event_object object;
};
BOOST_DESCRIBE_STRUCT(stripe_event_data, (), (object))

struct stripe_event {
  std::string id;
  std::string type;
  stripe_event_data data;
};
BOOST_DESCRIBE_STRUCT(stripe_event, (), (id, type, data))

std::string member(const stripe_event& e, const std::string& name) {
  const auto& all = e.data.object.metadata;
  if (!all) return {};
  const auto found = all->find(name);
  return found == all->end() ? std::string() : found->second;
}

}  // namespace

result<payment::webhook_event> stripe_webhooks::read(std::string_view body,
                                                     std::string_view signature,
                                                     timestamp now) const {
  const auto checked = verify_webhook(secrets_, body, signature, now);
  if (!checked) return checked.error();
  const auto event = json::read_lenient<stripe_event>(body);
  if (!event) return payment::webhook_rejected("webhook_invalid", "The body is not a valid event.");
  return payment::webhook_event{event->id, event->type, member(*event, "payment_id"),
                                member(*event, "order_id")};
}

}  // namespace stoa::gateways
