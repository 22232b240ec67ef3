#include "net/gateway/paypal_session.hpp"

#include "config/log.hpp"
#include "net/mail/coding.hpp"
#include "storage/base/json_read.hpp"

#include <utility>

namespace stoa::gateways {

namespace {

/// A token is not used shortly before it expires.
constexpr std::chrono::seconds token_margin{60};
constexpr int token_rejected = 401;

struct token_document {
  std::string access_token;
  std::int64_t expires_in = 0;  ///< seconds
};
BOOST_DESCRIBE_STRUCT(token_document, (), (access_token, expires_in))

}  // namespace

paypal_session::paypal_session(paypal_credentials credentials, outbound::client_config client)
    : credentials_(std::move(credentials)),
      waiting_max_(client.in_flight_max + client.queued_max),
      client_(std::move(client)) {}

void paypal_session::with_token(token_user use) {
  std::string token;
  bool starts = false;
  {
    const std::scoped_lock lock(mutex_);
    if (!token_.empty() && std::chrono::steady_clock::now() < good_until_) {
      token = token_;
    } else if (waiting_.size() < waiting_max_) {
      waiting_.push_back(std::exchange(use, {}));
      starts = !std::exchange(requesting_, true);
    }
  }
  if (use) return use(token);
  if (starts) request_token();
}

void paypal_session::request_token() {
  outbound::request r;
  r.method = "POST";
  r.url = credentials_.base_url + "/v1/oauth2/token";
  r.headers = {{"Authorization",
                "Basic " + mail::base64(credentials_.client_id + ":" + credentials_.secret)},
               {"Content-Type", "application/x-www-form-urlencoded"},
               {"Accept", "application/json"}};
  r.body = "grant_type=client_credentials";
  r.timeout = credentials_.timeout;
  client_.submit(std::move(r), [this](outbound::completion c) { take_token(std::move(c)); });
}

void paypal_session::take_token(outbound::completion c) {
  const auto reply = paypal_api::reply_of(std::move(c));
  std::string token;
  std::vector<token_user> users;
  {
    const std::scoped_lock lock(mutex_);
    requesting_ = false;
    token_.clear();
    if (reply.kind == paypal_api::reply_kind::accepted) {
      if (auto document = json::read_lenient<token_document>(reply.body)) {
        token_ = std::move(document->access_token);
        good_until_ = std::chrono::steady_clock::now() +
                      std::chrono::seconds{document->expires_in} - token_margin;
      }
    }
    token = token_;
    users.swap(waiting_);
  }
  if (token.empty()) {
    log::error("no access token from PayPal", {{"http.response.status_code", reply.status}});
  }
  for (const auto& use : users) use(token);
}

void paypal_session::drop(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  if (token_ == token) token_.clear();
}

void paypal_session::send(std::string method, std::string path, std::string body,
                          std::string request_id, then next) {
  with_token([this, c = call{std::move(method), std::move(path), std::move(body),
                             std::move(request_id), std::move(next)}](const std::string& token) {
    token.empty() ? c.next({}) : submit(c, token);
  });
}

void paypal_session::submit(call c, const std::string& token) {
  outbound::request r;
  r.method = c.method;
  r.url = credentials_.base_url + c.path;
  r.headers = {{"Authorization", "Bearer " + token},
               {"Accept", "application/json"},
               {"Prefer", "return=representation"}};
  if (!c.request_id.empty()) r.headers.emplace_back("PayPal-Request-Id", c.request_id);
  if (r.method == "POST") {
    r.headers.emplace_back("Content-Type", "application/json");
    r.body = c.body;
  }
  r.timeout = credentials_.timeout;
  client_.submit(std::move(r), [this, c = std::move(c), token](outbound::completion done) mutable {
    const bool expired = done.how == outbound::outcome::completed &&
                         done.answer.status == token_rejected && !c.is_retry;
    if (!expired) return c.next(paypal_api::reply_of(std::move(done)));
    // PayPal may revoke a token before it expires.
    drop(token);
    c.is_retry = true;
    with_token(
        [this, c](const std::string& fresh) { fresh.empty() ? c.next({}) : submit(c, fresh); });
  });
}

}  // namespace stoa::gateways
