#include "net/gateway/paypal_webhook.hpp"

#include "net/gateway/paypal_messages.hpp"
#include "storage/base/json_read.hpp"

#include <array>
#include <utility>

namespace stoa::gateways {

namespace {

constexpr std::size_t signature_bytes_max = 2048;

struct event_unit {
  std::optional<std::string> custom_id;
  std::optional<std::string> invoice_id;
};
BOOST_DESCRIBE_STRUCT(event_unit, (), (custom_id, invoice_id))

/// An order has units; a capture, an authorisation and a refund have the ids themselves. A payment
/// token has an id and a customer.
struct event_resource : event_unit {
  std::optional<std::vector<event_unit>> purchase_units;
  std::optional<std::string> id;
  std::optional<paypal_api::vault_customer> customer;
};
BOOST_DESCRIBE_STRUCT(event_resource, (event_unit), (purchase_units, id, customer))

struct paypal_event {
  std::string id;
  std::string event_type;
  event_resource resource;
};
BOOST_DESCRIBE_STRUCT(paypal_event, (), (id, event_type, resource))

struct signature_parts {
  std::string algorithm;
  std::string certificate_url;
  std::string transmission_id;
  std::string bytes;  ///< in base64
  std::string time;
};

using field_of = std::pair<const char*, std::string signature_parts::*>;

constexpr std::array<field_of, 5> signature_members{{
    {"PAYPAL-AUTH-ALGO", &signature_parts::algorithm},
    {"PAYPAL-CERT-URL", &signature_parts::certificate_url},
    {"PAYPAL-TRANSMISSION-ID", &signature_parts::transmission_id},
    {"PAYPAL-TRANSMISSION-SIG", &signature_parts::bytes},
    {"PAYPAL-TRANSMISSION-TIME", &signature_parts::time},
}};

problem signature_invalid() {
  return payment::webhook_rejected("webhook_signature_invalid",
                                   "The signature does not match the body.");
}

/// PayPal repeats webhooks for three days.
std::optional<problem> check_transmission_time(const std::string& time, timestamp now) {
  constexpr microseconds oldest = std::chrono::hours{4 * 24};
  const auto sent = timestamp::parse(time);
  if (!sent) return signature_invalid();
  const auto age = now - *sent;
  if (age <= oldest && age >= -payment::webhook_tolerance) return std::nullopt;
  return payment::webhook_rejected("webhook_expired",
                                   "The webhook was sent more than 4 days ago, or in the future.");
}

/// The gateway has authorised or captured the payment.
bool is_paid(std::string_view type) {
  return type == "PAYMENT.CAPTURE.COMPLETED" || type == "PAYMENT.CAPTURE.PENDING" ||
         type == "PAYMENT.AUTHORIZATION.CREATED" || type == "CHECKOUT.ORDER.COMPLETED";
}

/// The saved account that the event is about, if it is.
std::optional<payment::kept_method_event> method_of(const paypal_event& e) {
  const bool is_removed = e.event_type == "VAULT.PAYMENT-TOKEN.DELETED";
  if (!is_removed && e.event_type != "VAULT.PAYMENT-TOKEN.CREATED") return std::nullopt;
  const auto customer = e.resource.customer.value_or(paypal_api::vault_customer{});
  return payment::kept_method_event{e.resource.id.value_or(""), customer.id.value_or(""),
                                    customer.merchant_customer_id.value_or(""), is_removed};
}

result<payment::webhook_event> read_event(const std::string& body) {
  const auto event = json::read_lenient<paypal_event>(body);
  if (!event) return payment::webhook_rejected("webhook_invalid", "The body is not a valid event.");
  const event_unit* unit = &event->resource;
  if (const auto& units = event->resource.purchase_units; units && !units->empty()) {
    unit = &units->front();
  }
  payment::webhook_event read{event->id, event->event_type, unit->custom_id.value_or(""),
                              unit->invoice_id.value_or("")};
  read.is_paid = is_paid(read.type);
  read.method = method_of(*event);
  if (auto wrong = payment::check_event(read)) return std::move(*wrong);
  return read;
}

}  // namespace

paypal_webhooks::paypal_webhooks(paypal_webhook_options options)
    : webhook_id_(std::move(options.webhook_id)),
      certificates_(std::move(options.base_url), options.timeout, options.metrics) {}

std::vector<std::string> paypal_webhooks::signature_fields() const {
  std::vector<std::string> names;
  names.reserve(signature_members.size());
  for (const auto& [name, member] : signature_members) names.emplace_back(name);
  return names;
}

void paypal_webhooks::verify(payment::received_webhook received, callback done) const {
  signature_parts s;
  for (const auto& [name, member] : signature_members) {
    const auto found = received.fields.find(std::string_view(name));
    const bool is_usable = found != received.fields.end() && !found->second.empty() &&
                           found->second.size() <= signature_bytes_max;
    if (!is_usable) return done(signature_invalid());
    s.*member = found->second;
  }
  if (s.algorithm != paypal_signature_algorithm) return done(signature_invalid());
  if (auto wrong = check_transmission_time(s.time, received.now)) return done(std::move(*wrong));
  auto event = read_event(received.body);
  if (!event) return done(std::move(event));
  auto text = paypal_signed_text(s.transmission_id, s.time, webhook_id_, received.body);
  certificates_.find(
      s.certificate_url, received.client,
      [event = std::move(event), text = std::move(text), bytes = std::move(s.bytes),
       now = received.now, done = std::move(done)](const result<paypal_certificate>& found) {
        if (!found) return done(found.error());
        if (!is_signed_by(*found, text, bytes, now)) return done(signature_invalid());
        done(event);
      });
}

}  // namespace stoa::gateways
