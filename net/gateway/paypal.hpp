#pragma once
// Payments through PayPal's Orders API v2 (https://developer.paypal.com/docs/api/orders/v2/).
//
// An authorisation creates an order at PayPal, which the customer approves on PayPal's page; then a
// lookup captures or authorises it under the payment's key. PayPal cannot cancel an order that was
// not approved, but money moves only by the capture: a void of such an order is final because no
// capture follows it. A void of an approved order sends the capture under its key, as an earlier
// one may be in progress, and reports its outcome. paypal_vault.cpp has the accounts that users
// save, and the payments with them.

#include "actors/payment/gateway.hpp"
#include "net/gateway/open_operations.hpp"
#include "net/gateway/paypal_session.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stoa::gateways {

struct paypal_options {
  paypal_credentials credentials;
  std::string return_url;  ///< where the customer returns to after the approval
  std::string cancel_url;  ///< and without it
  std::size_t in_flight_max = 64;
  prometheus::Registry* metrics = nullptr;  ///< may be null
};

/// Thread-safe. Only payments with a saved account have a token.
class paypal final : public payment::gateway {
 public:
  explicit paypal(paypal_options options);
  ~paypal() override;
  paypal(const paypal&) = delete;
  paypal& operator=(const paypal&) = delete;

  void authorize(payment::authorize_request request, callback done) override;
  void capture(payment::capture_request request, callback done) override;
  void void_authorization(payment::void_request request, callback done) override;
  void refund(payment::refund_request request, callback done) override;
  void look_up(payment::lookup_request request, callback done) override;
  void save_method(payment::save_method_request request, callback done) override;
  void remove_method(payment::remove_method_request request, callback done) override;
  void remove_customer(payment::customer_reference customer, callback done) override;
  /// Reads PayPal's reports: a transaction is in them within three hours.
  void list(payment::list_request request, list_callback done) override;
  /// Waits for the requests in progress, each at most the timeout. Not from a callback.
  void stop() override;

 private:
  using reply = paypal_api::reply;
  using order = paypal_api::order;
  using then = std::function<void(reply)>;
  using fetched = returned<order>;
  using then_order = std::function<void(fetched)>;

  callback tracked(callback done);
  void send(std::string method, std::string path, std::string body, std::string request_id,
            then next);
  void fetch(const expected_answer& of, then_order next);
  void create(payment::authorize_request r, std::string request_id, const callback& done);
  void settle(const order& o, const expected_answer& of, const callback& done);
  void finish(const order& o, const expected_answer& of, const callback& done);
  void capture_authorization(const payment::capture_request& r, const std::string& authorization,
                             const callback& done);
  void void_order(const expected_answer& of, const callback& done);
  void settle_void(const order& o, const expected_answer& of, bool may_finish,
                   const callback& done);
  void release(const order& o, const expected_answer& of, const callback& done);
  // paypal_vault.cpp
  void pay_with_saved(const payment::authorize_request& r, const callback& done);
  void finish_with_saved(const order& o, const expected_answer& of, const std::string& token,
                         const callback& done);
  void void_unnamed(const payment::void_request& r, const callback& done);
  void find_token(const std::string& token, const callback& done);
  void remove_token(const std::string& token, const callback& done);
  void remove_tokens(const std::string& customer, int pages, const callback& done);
  void remove_each(std::vector<paypal_api::payment_token> tokens, const callback& done);

  const paypal_options options_;
  std::atomic<bool> stopped_{false};
  open_operations open_;
  paypal_session session_;
};

/// Limits of the HTTP client for PayPal's API.
outbound::client_config paypal_client_config(std::string name, std::size_t in_flight_max,
                                             prometheus::Registry* metrics);

}  // namespace stoa::gateways
