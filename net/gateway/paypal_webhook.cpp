#include "net/gateway/paypal_webhook.hpp"

#include "net/gateway/paypal.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stoa::gateways {

namespace {

constexpr std::size_t webhooks_in_flight_max = 8;
constexpr std::size_t webhooks_queued_max = 56;
constexpr std::size_t signature_bytes_max = 2048;

struct event_unit {
  std::optional<std::string> custom_id;
  std::optional<std::string> invoice_id;
};
BOOST_DESCRIBE_STRUCT(event_unit, (), (custom_id, invoice_id))

/// An order has units; a capture, an authorisation and a refund have the ids themselves.
struct event_resource : event_unit {
  std::optional<std::vector<event_unit>> purchase_units;
};
BOOST_DESCRIBE_STRUCT(event_resource, (event_unit), (purchase_units))

struct paypal_event {
  std::string id;
  std::string event_type;
  event_resource resource;
};
BOOST_DESCRIBE_STRUCT(paypal_event, (), (id, event_type, resource))

struct verification {
  std::string auth_algo;
  std::string cert_url;
  std::string transmission_id;
  std::string transmission_sig;
  std::string transmission_time;
  std::string webhook_id;
  json::raw webhook_event;  ///< byte for byte as received: it is signed
};
BOOST_DESCRIBE_STRUCT(verification, (),
                      (auth_algo, cert_url, transmission_id, transmission_sig, transmission_time,
                       webhook_id, webhook_event))

struct verification_result {
  std::string verification_status;
};
BOOST_DESCRIBE_STRUCT(verification_result, (), (verification_status))

using field_of = std::pair<const char*, std::string verification::*>;

constexpr std::array<field_of, 5> signature_members{{
    {"PAYPAL-AUTH-ALGO", &verification::auth_algo},
    {"PAYPAL-CERT-URL", &verification::cert_url},
    {"PAYPAL-TRANSMISSION-ID", &verification::transmission_id},
    {"PAYPAL-TRANSMISSION-SIG", &verification::transmission_sig},
    {"PAYPAL-TRANSMISSION-TIME", &verification::transmission_time},
}};

/// Anyone can send requests that PayPal must verify: few of them wait.
outbound::client_config webhook_client_config(prometheus::Registry* metrics) {
  auto c = paypal_client_config("paypal_webhooks", webhooks_in_flight_max, metrics);
  c.queued_max = webhooks_queued_max;
  return c;
}

problem signature_invalid() {
  return payment::webhook_rejected("webhook_signature_invalid",
                                   "The signature does not match the body.");
}

/// Whether the certificate is PayPal's, or that of the simulator in its place: a cheap check, so
/// that PayPal is not asked about most forged webhooks. Nothing is fetched from the URL.
bool is_certificate_url(std::string_view url, std::string_view base_url) {
  if (url.starts_with(std::string(base_url) + "/")) return true;
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme)) return false;
  const auto end = std::min(url.find_first_of("/?#\\", scheme.size()), url.size());
  const auto host = url.substr(scheme.size(), end - scheme.size());
  return host == "paypal.com" || host.ends_with(".paypal.com");
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
  if (auto wrong = payment::check_event(read)) return std::move(*wrong);
  return read;
}

result<void> is_genuine(const paypal_api::reply& r) {
  if (r.kind == paypal_api::reply_kind::rejected) return signature_invalid();
  const auto found = json::read_lenient<verification_result>(r.body);
  if (r.kind != paypal_api::reply_kind::accepted || !found) {
    return problem{problem_kind::unavailable,
                   "webhook_unverified",
                   "PayPal has not verified the webhook. Send it again later.",
                   {}};
  }
  if (found->verification_status != "SUCCESS") return signature_invalid();
  return {};
}

}  // namespace

paypal_webhooks::paypal_webhooks(paypal_credentials credentials, std::string webhook_id,
                                 prometheus::Registry* metrics)
    : base_url_(credentials.base_url),
      webhook_id_(std::move(webhook_id)),
      session_(std::move(credentials), webhook_client_config(metrics)) {}

std::vector<std::string> paypal_webhooks::signature_fields() const {
  std::vector<std::string> names;
  names.reserve(signature_members.size());
  for (const auto& [name, member] : signature_members) names.emplace_back(name);
  return names;
}

void paypal_webhooks::verify(std::string body, header_fields fields, timestamp now,
                             callback done) const {
  verification v;
  for (const auto& [name, member] : signature_members) {
    const auto found = fields.find(std::string_view(name));
    const bool is_usable = found != fields.end() && !found->second.empty() &&
                           found->second.size() <= signature_bytes_max;
    if (!is_usable) return done(signature_invalid());
    v.*member = found->second;
  }
  if (!is_certificate_url(v.cert_url, base_url_)) return done(signature_invalid());
  if (auto wrong = check_transmission_time(v.transmission_time, now)) {
    return done(std::move(*wrong));
  }
  auto event = read_event(body);
  if (!event) return done(std::move(event));
  v.webhook_id = webhook_id_;
  v.webhook_event.text = std::move(body);
  session_.send("POST", "/v1/notifications/verify-webhook-signature", json::write(v), "",
                [event = std::move(event), done = std::move(done)](const paypal_api::reply& r) {
                  const auto genuine = is_genuine(r);
                  if (!genuine) return done(genuine.error());
                  done(event);
                });
}

}  // namespace stoa::gateways
