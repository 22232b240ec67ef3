#pragma once
// Requests to PayPal's REST API with an access token (OAuth 2.0 client credentials). The token is
// requested once for all requests that need it, and again before it expires or when PayPal rejects
// it.

#include "net/gateway/paypal_messages.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace stoa::gateways {

struct paypal_credentials {
  std::string base_url = "https://api-m.paypal.com";
  std::string client_id;
  std::string secret;
  std::chrono::milliseconds timeout{10'000};  ///< of one HTTP request
};

/// Thread-safe. Neither the secret nor tokens are logged.
class paypal_session {
 public:
  /// Called once, on any thread; must neither block nor throw.
  using then = std::function<void(paypal_api::reply)>;

  /// The client's limits also bound the requests that wait for a token.
  paypal_session(paypal_credentials credentials, outbound::client_config client);

  /// A request with a JSON body, if any, and a PayPal-Request-Id, if any.
  void send(std::string method, std::string path, std::string body, std::string request_id,
            then next);

 private:
  struct call {
    std::string method;
    std::string path;
    std::string body;
    std::string request_id;
    then next;
    bool is_retry = false;
  };
  using token_user = std::function<void(const std::string& token)>;

  /// Empty: there is no token.
  void with_token(token_user use);
  void request_token();
  void take_token(outbound::completion c);
  void submit(call c, const std::string& token);
  void drop(const std::string& token);

  const paypal_credentials credentials_;
  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::string token_;
  std::chrono::steady_clock::time_point good_until_{};
  bool requesting_ = false;
  std::vector<token_user> waiting_;  ///< for the token, at most waiting_max_
  outbound::http_client client_;
};

}  // namespace stoa::gateways
