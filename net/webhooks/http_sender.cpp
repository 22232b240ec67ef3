#include "net/webhooks/http_sender.hpp"

#include "actors/notification/webhook_rules.hpp"
#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/webhooks/webhook_secret.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::webhook {

namespace {

/// Of a response's body, of which only the beginning is stored: up to this size it is read to its
/// end, so that the connection can be used again.
constexpr std::size_t response_bytes_max = 64 * 1024;
constexpr std::size_t connections_max = 128;

/// The beginning of a response as one printable line: a receiver chooses its bytes.
std::string printable(std::string_view body) {
  auto kept = body.substr(0, notification::webhook_response_kept);
  kept = kept.substr(0, text::utf8_prefix(kept));
  std::string out(kept);
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

/// Retry-After in seconds (RFC 9110, section 10.2.3). Its other form, a date, is not used by
/// receivers of webhooks.
std::optional<std::int64_t> retry_after(const outbound::response& r) {
  const auto field = r.header("Retry-After");
  std::int64_t value = 0;
  const auto* end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, value);
  if (field.empty() || error != std::errc{} || stop != end || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<outbound::request> signed_request(const notification::webhook_request& r,
                                                const kernel::sealer& seal, timestamp now,
                                                std::chrono::milliseconds timeout) {
  const auto seconds = now.us / 1'000'000;
  std::string signatures;
  for (const auto& sealed : r.sealed_secrets) {
    const auto secret = seal.open(sealed);
    const auto key = secret ? key_of(*secret) : std::nullopt;
    if (!key) continue;
    signatures += (signatures.empty() ? "" : " ") + sign(*key, r.message_id, seconds, r.body);
  }
  if (signatures.empty()) return std::nullopt;
  outbound::request out;
  out.method = "POST";
  out.url = r.url;
  out.headers = {{"Content-Type", "application/json"},
                 {"User-Agent", "Stoa-Webhooks/1.0"},
                 {"webhook-id", r.message_id},
                 {"webhook-timestamp", std::to_string(seconds)},
                 {"webhook-signature", signatures}};
  out.body = r.body;
  out.timeout = timeout;
  out.connect_timeout = std::min(out.connect_timeout, timeout);
  out.response_bytes_max = response_bytes_max;
  out.needs_head_only = true;
  return out;
}

notification::webhook_answer answer_of(const outbound::completion& c) {
  notification::webhook_answer a;
  a.outcome = outbound::name_of(c.how);
  if (c.how != outbound::outcome::completed) {
    a.error = printable(c.detail);
    return a;
  }
  a.status = c.answer.status;
  a.response = printable(c.answer.body);
  a.retry_after_s = retry_after(c.answer);
  return a;
}

outbound::client_config client_config_of(const webhook_settings& s, prometheus::Registry* metrics) {
  outbound::client_config c;
  c.name = "webhooks";
  c.allowed_networks = parse_networks(s.allowed_networks);
  c.in_flight_max = connections_max;
  // The runner limits the requests to an endpoint; several endpoints may be at one host.
  c.in_flight_per_host_max = connections_max;
  c.metrics = metrics;
  return c;
}

http_sender::http_sender(const webhook_settings& s, const kernel::sealer& seal,
                         prometheus::Registry* metrics)
    : seal_(seal), timeout_(s.timeout_ms), client_(client_config_of(s, metrics)) {}

void http_sender::post(notification::webhook_request request, callback done) {
  auto out = signed_request(request, seal_, store_time().now(), timeout_);
  if (!out) {
    log::error("failed to decrypt a webhook's secret; the server secret may have been replaced",
               {{"message_id", request.message_id}});
    return done({"secret_unreadable", std::nullopt, "", "The secret cannot be decrypted.", {}});
  }
  client_.submit(std::move(*out),
                 [done = std::move(done)](outbound::completion c) { done(answer_of(c)); });
}

}  // namespace stoa::webhook
