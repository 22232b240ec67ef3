#include "net/tax/tax_client.hpp"

#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/token/secret_lines.hpp"
#include "net/webhooks/webhook_secret.hpp"
#include "storage/base/service_clock.hpp"

#include <algorithm>

namespace stoa::tax {

namespace {

constexpr int status_ok = 200;

outbound::client_config config_of(const tax_settings& s, prometheus::Registry* metrics) {
  outbound::client_config c;
  c.name = "tax";
  c.allowed_networks = parse_networks(s.allowed_networks);
  c.in_flight_per_host_max = c.in_flight_max;
  c.metrics = metrics;
  return c;
}

checkout::tax_reply reply_of(outbound::completion c) {
  checkout::tax_reply reply;
  if (c.how != outbound::outcome::completed) {
    reply.failure = outbound::name_of(c.how);
  } else if (c.answer.status != status_ok) {
    reply.failure = "status_" + std::to_string(c.answer.status);
  } else {
    reply.body = std::move(c.answer.body);
    return reply;
  }
  log::warn("no taxes from the provider", {{"error.type", reply.failure}, {"detail", c.detail}});
  return reply;
}

}  // namespace

result<std::string> signing_key_of(const tax_settings& s) {
  auto secret = token::read_secret(s.secret_file);
  if (!secret) return std::move(secret.error());
  auto key = webhook::key_of(*secret);
  if (key) return std::move(*key);
  return problem{problem_kind::internal,
                 "secret_file",
                 s.secret_file + ": the secret must be whsec_ and 24 to 64 bytes in base64",
                 {}};
}

tax_client::tax_client(const tax_settings& s, std::string signing_key,
                       prometheus::Registry* metrics)
    : url_(s.url),
      signing_key_(std::move(signing_key)),
      timeout_(s.timeout_ms),
      falls_back_(s.on_failure == "builtin"),
      client_(std::make_shared<outbound::http_client>(config_of(s, metrics))) {}

void tax_client::post(std::string body, const std::string& key, std::chrono::milliseconds limit,
                      callback done) {
  std::shared_ptr<outbound::http_client> client;
  {
    const std::scoped_lock lock(mutex_);
    client = client_;
  }
  if (!client) return done({std::nullopt, std::string(outbound::name_of({}))});
  const auto seconds = store_time().now().us / 1'000'000;
  outbound::request r;
  r.method = "POST";
  r.url = url_;
  r.headers = {{"Content-Type", "application/json"},
               {"Accept", "application/json"},
               {"User-Agent", "Stoa/1.0"},
               {"Idempotency-Key", key},
               {"webhook-id", key},
               {"webhook-timestamp", std::to_string(seconds)},
               {"webhook-signature", webhook::sign(signing_key_, key, seconds, body)}};
  r.body = std::move(body);
  r.timeout = std::clamp(limit, std::chrono::milliseconds{1}, timeout_);
  r.connect_timeout = std::min(r.connect_timeout, r.timeout);
  r.response_bytes_max = checkout::tax_answer_bytes_max;
  client->submit(std::move(r), [done = std::move(done)](outbound::completion c) {
    done(reply_of(std::move(c)));
  });
}

void tax_client::stop() {
  std::shared_ptr<outbound::http_client> client;
  const std::scoped_lock lock(mutex_);
  client.swap(client_);
}

}  // namespace stoa::tax
