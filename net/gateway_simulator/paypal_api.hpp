#pragma once
// The endpoints of PayPal's Orders v2, Payments v2, reports, access tokens and webhook
// verification, with their states, errors and request ids, and the page on which the buyer approves
// a payment.
//
// The page has the fields `outcome` (approve, cancel) and `buyer`. The buyer determines what
// happens to the capture, or the authorisation: `personal` pays, `declined` is declined, and
// `slow`, `error_500` and `reset` pay with a fault of the response (cards.hpp).

#include "net/gateway_simulator/paypal_ledger.hpp"
#include "net/gateway_simulator/simulated_api.hpp"

#include <random>
#include <string>
#include <string_view>

namespace stoa::simulator {

/// The headers of a webhook's delivery.
struct paypal_signature {
  std::string transmission_id;
  std::string transmission_time;
  std::string transmission_sig;
};

/// Signs a webhook. The simulator verifies its signatures itself; they are not those of PayPal's
/// certificates.
paypal_signature sign_paypal_webhook(const std::string& webhook_id, std::string_view body,
                                     timestamp now);

/// One thread, between begin() and commit() of the ledger.
class paypal_api {
 public:
  paypal_api(simulator_ledger& answers, paypal_ledger& orders, api_options options)
      : answers_(answers), orders_(orders), options_(std::move(options)), random_(options_.seed) {}

  /// Whether the path is PayPal's.
  static bool serves(std::string_view path);

  api_response handle(const api_request& r, timestamp now);

 private:
  api_response token(const api_request& r);
  api_response route(const api_request& r);
  api_response orders(const api_request& r, std::string_view rest);
  api_response payments(const api_request& r, std::string_view rest);
  api_response create(const api_request& r);
  api_response finish(paypal_record& o, std::string_view action);
  api_response capture_authorization(paypal_record& o, const api_request& r);
  api_response void_authorization(paypal_record& o);
  api_response refund(paypal_record& o, const api_request& r);
  api_response verify(const api_request& r);
  api_response transactions(const api_request& r);  // paypal_reports.cpp
  api_response page(const api_request& r);
  paypal_payment& add_payment(paypal_record& o,
                              std::optional<std::vector<paypal_payment>> paypal_payments::*list,
                              const paypal_amount& amount, const std::string& status);
  void emit(const std::string& type, const std::string& resource_type, std::string resource);

  simulator_ledger& answers_;
  paypal_ledger& orders_;
  const api_options options_;
  std::mt19937 random_;
  timestamp now_{};
};

}  // namespace stoa::simulator
