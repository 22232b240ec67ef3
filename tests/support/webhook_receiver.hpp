#pragma once
// Receives webhooks on the loopback, answers as the test decides, and checks what a receiver relies
// on.

#include "net/webhooks/webhook_secret.hpp"
#include "tests/support/fault_server.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/storefront.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace stoa::test {

struct received_webhook {
  std::string head;
  std::string body;
  std::string id;         ///< webhook-id
  std::string type;       ///< of the event
  std::string order;      ///< the order's id; empty: none
  int status = 0;         ///< of the response
  std::size_t begun = 0;  ///< when it was received, and
  std::size_t ended = 0;  ///< when it was answered, in steps

  std::string field(std::string_view name) const {
    return std::string(field_of(std::string_view(head), name));
  }
  /// Whether a signature was made with the secret.
  bool is_signed_with(const std::string& secret) const {
    const auto key = webhook::key_of(secret);
    if (!key) return false;
    const auto expected =
        webhook::sign(*key, id, std::stoll("0" + field("webhook-timestamp")), body);
    return (" " + field("webhook-signature") + " ").find(" " + expected + " ") != std::string::npos;
  }
};

/// Instead of a status: the connection is closed or reset without a response.
inline constexpr int no_response = 0;
inline constexpr int reset_connection = -1;

class webhook_receiver {
 public:
  /// The status of the response to a webhook, or one of the above. It may wait.
  using answer = std::function<int(const received_webhook&)>;

  explicit webhook_receiver(answer decide = {}) : decide_(std::move(decide)), port_(free_port()) {
    start();
  }

  std::string url(const std::string& path = "/hooks") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  /// Ends all connections and refuses others until start(). It keeps what it has received.
  void kill() { server_.reset(); }
  void start() {
    server_.emplace([this](fault_connection& c) { serve(c); }, "", "", port_);
  }
  bool is_running() const { return server_.has_value(); }
  /// All webhooks that were answered, in the order of their answers.
  std::vector<received_webhook> received() const {
    const std::scoped_lock lock(mutex_);
    return received_;
  }
  std::size_t accepted() const {
    std::size_t n = 0;
    for (const auto& r : received()) n += is_success(r.status) ? 1 : 0;
    return n;
  }
  static bool is_success(int status) { return status >= 200 && status < 300; }

 private:
  void serve(fault_connection& c) {
    for (auto text = c.read_request(); !text.empty(); text = c.read_request()) {
      received_webhook r;
      const auto body = text.find("\r\n\r\n") + 4;
      r.head = text.substr(0, body - 2);
      r.body = text.substr(body);
      r.id = r.field("webhook-id");
      r.type = text_member(r.body, "type");
      r.order = text_member(r.body, "order_id");
      {
        const std::scoped_lock lock(mutex_);
        r.begun = ++steps_;
      }
      r.status = decide_ ? decide_(r) : 204;
      const auto status = r.status;
      {
        const std::scoped_lock lock(mutex_);
        r.ended = ++steps_;
        received_.push_back(std::move(r));
      }
      if (status == no_response) return c.close();
      if (status == reset_connection) return c.reset();
      const std::string more =
          status >= 300 && status < 400 ? "Location: " + url("/other") + "\r\n" : "";
      if (!c.send("HTTP/1.1 " + std::to_string(status) + " Status\r\n" + more +
                  "Content-Length: 4\r\n\r\nbody")) {
        return;
      }
    }
  }

  const answer decide_;
  const std::uint16_t port_;
  mutable std::mutex mutex_;
  std::size_t steps_ = 0;
  std::vector<received_webhook> received_;
  std::optional<fault_server> server_;
};

/// The types of the events that each order has caused, in their order.
using order_events = std::map<std::string, std::vector<std::string>>;

/// What was violated: exactly the expected events of each order were received; each was accepted,
/// and not before the previous one; an event has one id and one body; all are signed.
inline std::vector<std::string> webhook_violations(const std::vector<received_webhook>& all,
                                                   const order_events& expected,
                                                   const std::string& secret) {
  std::vector<std::string> found;
  std::map<std::string, std::string> bodies;                                 // by id
  std::map<std::pair<std::string, std::string>, std::set<std::string>> ids;  // by order and type
  std::map<std::pair<std::string, std::string>, std::size_t> first_accepted, first_begun;
  for (const auto& r : all) {
    if (!r.is_signed_with(secret)) found.push_back("wrong signature: " + r.id);
    const auto [body, added] = bodies.emplace(r.id, r.body);
    if (!added && body->second != r.body) found.push_back("two bodies: " + r.id);
    const std::pair key{r.order, r.type};
    ids[key].insert(r.id);
    const auto begun = first_begun.emplace(key, r.begun).first;
    begun->second = std::min(begun->second, r.begun);
    if (webhook_receiver::is_success(r.status)) first_accepted.emplace(key, r.ended);
  }
  for (const auto& [key, of_event] : ids) {
    const auto order = expected.find(key.first);
    if (order == expected.end() || std::ranges::count(order->second, key.second) == 0) {
      found.push_back("unexpected: " + key.second + " of " + key.first);
    }
    if (of_event.size() > 1) found.push_back("two ids: " + key.second + " of " + key.first);
  }
  for (const auto& [order, types] : expected) {
    for (std::size_t i = 0; i < types.size(); ++i) {
      const std::pair key{order, types[i]};
      if (!first_accepted.contains(key)) found.push_back("lost: " + types[i] + " of " + order);
      if (i == 0 || !first_begun.contains(key)) continue;
      const auto before = first_accepted.find({order, types[i - 1]});
      if (before == first_accepted.end() || before->second > first_begun[key]) {
        found.push_back("out of order: " + types[i] + " of " + order);
      }
    }
  }
  return found;
}

/// The same for orders that have all caused the same events.
inline std::vector<std::string> webhook_violations(const std::vector<received_webhook>& all,
                                                   const std::set<std::string>& orders,
                                                   const std::vector<std::string>& types,
                                                   const std::string& secret) {
  order_events expected;
  for (const auto& order : orders) expected[order] = types;
  return webhook_violations(all, expected, secret);
}

/// Permits a receiver on the loopback, and shortens the retries.
inline environment loopback_webhooks(std::chrono::milliseconds timeout) {
  return {{"STOA_WEBHOOKS_ALLOW_HTTP", "true"},
          {"STOA_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.0/8"},
          {"STOA_WEBHOOKS_TIMEOUT_MS", std::to_string(timeout.count())},
          {"STOA_WEBHOOKS_RETRY_MS_MIN", "50"},
          {"STOA_WEBHOOKS_RETRY_MS_MAX", "200"}};
}

}  // namespace stoa::test
