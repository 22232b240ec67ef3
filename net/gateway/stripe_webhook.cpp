#include "net/gateway/stripe_webhook.hpp"

#include "net/gateway/stripe_messages.hpp"
#include "net/gateway/webhook_signature.hpp"
#include "net/token/secret_lines.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/text.hpp"

#include <map>
#include <optional>

namespace stoa::gateways {

namespace {

struct stripe_event_object {
  std::optional<std::string> object;  ///< payment_intent, refund, charge, dispute
  std::optional<std::string> id;
  std::optional<std::string> payment_intent;
  std::optional<std::map<std::string, std::string>> metadata;
};
BOOST_DESCRIBE_STRUCT(stripe_event_object, (), (object, id, payment_intent, metadata))

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

/// A refund that this store has just requested changes nothing that its answer does not.
bool has_activity(const stripe_event& e) {
  const auto& all = e.data.object.metadata;
  if (e.type == "refund.created" && all && all->contains(stripe_api::request_key)) return false;
  return e.type.starts_with("refund.") || e.type.starts_with("charge.refund") ||
         e.type.starts_with("charge.dispute.");
}

/// The gateway has authorised or captured the payment.
bool is_paid(const stripe_event& e) {
  return e.type == "payment_intent.succeeded" ||
         e.type == "payment_intent.amount_capturable_updated";
}

std::string transaction_of(const stripe_event_object& o) {
  if (o.object == "payment_intent") return o.id.value_or("");
  return o.payment_intent.value_or("");
}

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
  const auto secrets = secrets_.load();
  const auto checked = verify_webhook(*secrets, body, signature, now);
  if (!checked) return checked.error();
  const auto event = json::read_lenient<stripe_event>(body);
  if (!event) return payment::webhook_rejected("webhook_invalid", "The body is not a valid event.");
  return payment::webhook_event{event->id,
                                event->type,
                                member(*event, "payment_id"),
                                member(*event, "order_id"),
                                transaction_of(event->data.object),
                                has_activity(*event),
                                is_paid(*event)};
}

bool stripe_webhooks::replace(std::vector<std::string> secrets) {
  const auto current = secrets_.load();
  if (current && *current == secrets) return false;
  secrets_ = std::make_shared<const std::vector<std::string>>(std::move(secrets));
  return true;
}

std::vector<std::string> stripe_webhooks::secret_ids() const {
  constexpr std::size_t id_length = 8;
  std::vector<std::string> ids;
  for (const auto& secret : *secrets_.load()) {
    ids.push_back(text::hex(text::hash("webhook secret id:" + secret)).substr(0, id_length));
  }
  return ids;
}

}  // namespace stoa::gateways
