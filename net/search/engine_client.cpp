#include "net/search/engine_client.hpp"

#include "config/ip_network.hpp"
#include "config/settings.hpp"
#include "net/mail/coding.hpp"
#include "net/search/engine_index.hpp"
#include "net/token/private_file.hpp"
#include "net/token/secret_lines.hpp"

#include <algorithm>
#include <array>
#include <future>

namespace stoa::search {

namespace {

constexpr std::size_t engine_requests_max = 64;
constexpr std::size_t engine_queue_max = 256;
constexpr std::chrono::milliseconds engine_look_interval{50};
constexpr std::size_t engine_password_bytes_max = 4096;

outbound::client_config engine_client_config(const engine_options& o, std::string purpose) {
  outbound::client_config c;
  c.name = std::move(purpose);
  // The operator chooses the server; it may be in a private network.
  c.allowed_networks = parse_networks({"0.0.0.0/0", "::/0"});
  c.ca_file = o.ca_file;
  c.in_flight_max = engine_requests_max;
  c.in_flight_per_host_max = engine_requests_max;
  c.queued_max = engine_queue_max;
  c.metrics = o.metrics;
  return c;
}

problem of_search_setting(const std::string& key, problem fault) {
  fault.detail = key + ": " + fault.detail;
  return fault;
}

engine_reply reply_of(outbound::completion c) {
  engine_reply r;
  if (c.how != outbound::outcome::completed) {
    r.fault = c.detail.empty() ? std::string(outbound::name_of(c.how)) : std::move(c.detail);
    return r;
  }
  r.status = c.answer.status;
  r.body = std::move(c.answer.body);
  if (r.ok()) return r;
  const auto reason = reason_of(r.body);
  r.fault = "status " + std::to_string(r.status) + (reason.empty() ? "" : ": " + reason);
  return r;
}

}  // namespace

result<engine_options> engine_options_of(const search_settings& s, prometheus::Registry* metrics) {
  engine_options o;
  o.url = s.url;
  o.alias = s.index;
  o.ca_file = s.ca_file;
  o.timeout = std::chrono::milliseconds{s.timeout_ms};
  o.metrics = metrics;
  if (!s.user.empty()) {
    auto password = token::read_private_file(s.password_file, engine_password_bytes_max);
    if (!password) return of_search_setting("search.password_file", password.error());
    while (password->ends_with('\n') || password->ends_with('\r')) password->pop_back();
    o.authorization = "Basic " + mail::base64(s.user + ":" + *password);
  } else if (!s.api_key_file.empty()) {
    auto key = token::read_secret(s.api_key_file);
    if (!key) return of_search_setting("search.api_key_file", key.error());
    o.authorization = "ApiKey " + *key;
  }
  return o;
}

engine_client::engine_client(const engine_options& options, std::string purpose,
                             engine_metrics& metrics)
    : url_(options.url),
      authorization_(options.authorization),
      metrics_(metrics),
      client_(engine_client_config(options, std::move(purpose))) {}

void engine_client::call(engine_request r, callback done) {
  outbound::request q;
  q.method = std::move(r.method);
  q.url = url_ + r.path;
  q.headers = {{"Accept", "application/json"}, {"User-Agent", "Stoa"}};
  if (!r.body.empty()) q.headers.emplace_back("Content-Type", std::move(r.content_type));
  if (!authorization_.empty()) q.headers.emplace_back("Authorization", authorization_);
  q.body = std::move(r.body);
  q.timeout = r.timeout;
  q.connect_timeout = std::min(q.connect_timeout, r.timeout);
  q.response_bytes_max = r.response_bytes_max;
  client_.submit(std::move(q), [this, operation = std::move(r.operation),
                                done = std::move(done)](outbound::completion c) {
    const bool answered = c.how == outbound::outcome::completed;
    metrics_.ended(operation, answered ? std::to_string(c.answer.status / 100) + "xx"
                                       : std::string(outbound::name_of(c.how)));
    done(reply_of(std::move(c)));
  });
}

engine_reply engine_client::wait(engine_request r, const std::atomic<bool>& stopping) {
  auto promised = std::make_shared<std::promise<engine_reply>>();
  auto reply = promised->get_future();
  call(std::move(r), [promised](engine_reply a) { promised->set_value(std::move(a)); });
  // The client ends each request by its timeout.
  while (reply.wait_for(engine_look_interval) != std::future_status::ready) {
    if (stopping) return {0, {}, "the node is stopping"};
  }
  return reply.get();
}

}  // namespace stoa::search
