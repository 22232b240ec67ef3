#include "net/messaging/message_client.hpp"

#include "config/log.hpp"
#include "storage/base/text.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>

namespace stoa::messaging {

namespace {

constexpr std::chrono::seconds stop_grace{5};
constexpr std::size_t in_flight_max = 64;
constexpr std::size_t answer_bytes_max = 64 << 10;

}  // namespace

message_client::message_client(outbound::client_config config)
    : client_(std::make_shared<outbound::http_client>(std::move(config))) {}

message_client::~message_client() {
  stop();
}

void message_client::post(outbound::request r, then next) {
  std::shared_ptr<outbound::http_client> client;
  {
    const std::scoped_lock lock(mutex_);
    client = client_;
    if (client) ++open_;
  }
  if (!client) return next({});
  r.method = "POST";
  r.response_bytes_max = answer_bytes_max;
  client->submit(std::move(r), [this, next = std::move(next)](outbound::completion c) {
    next(std::move(c));
    const std::scoped_lock lock(mutex_);
    if (--open_ == 0) idle_.notify_all();
  });
}

void message_client::stop() {
  std::shared_ptr<outbound::http_client> client;
  {
    std::unique_lock lock(mutex_);
    client.swap(client_);
    idle_.wait_for(lock, stop_grace, [this] { return open_ == 0; });
  }
  client.reset();  // Cancels the others.
}

outbound::client_config client_config_of(const std::string& name,
                                         const std::vector<std::string>& allowed_networks,
                                         prometheus::Registry* metrics) {
  outbound::client_config c;
  c.name = name;
  c.allowed_networks = parse_networks(allowed_networks);
  c.in_flight_max = in_flight_max;
  c.metrics = metrics;
  return c;
}

notification::send_failure no_answer(std::string_view server, const outbound::completion& c) {
  using outbound::outcome;
  const bool is_refused = c.how == outcome::invalid_request || c.how == outcome::not_allowed;
  std::string reason(server);
  reason += is_refused ? " was not called, because the request was rejected here: "
                       : " has not answered: ";
  reason.append(outbound::name_of(c.how)).append(".");
  return {std::move(reason)};
}

microseconds retry_after_of(const outbound::response& r) {
  const auto value = text::trim(r.header("Retry-After"));
  if (value.empty()) return microseconds{0};
  constexpr std::int64_t longest_s = 86'400;
  std::int64_t wait_s = 0;
  const auto* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, wait_s);
  if (error != std::errc{} || stop != end) {
    const auto at = ::curl_getdate(value.c_str(), nullptr);
    if (at < 0) return microseconds{0};
    wait_s = static_cast<std::int64_t>(at) - system_time().now().us / 1'000'000;
  }
  return seconds{std::clamp<std::int64_t>(wait_s, 0, longest_s)};
}

bool is_temporary_status(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

void log_failure(std::string_view message, std::string_view notification_id,
                 const outbound::completion& c, std::string_view code) {
  const bool answered = c.how == outbound::outcome::completed;
  log::info_limited(message,
                    {{"notification_id", std::string(notification_id)},
                     {"error.type", answered ? "rejected" : std::string(outbound::name_of(c.how))},
                     {"http.response.status_code", answered ? c.answer.status : 0},
                     {"provider_code", std::string(code)}});
}

}  // namespace stoa::messaging
