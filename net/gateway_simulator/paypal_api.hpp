#pragma once
// The endpoints of PayPal's Orders v2, Payments v2, Payment Method Tokens v3, reports, access
// tokens and certificates of webhooks, with their states, errors and request ids, and the page on
// which the buyer approves a payment.
//
// The page has the fields `outcome` (approve, cancel) and `buyer`. The buyer determines what
// happens to the capture, or the authorisation: `personal` pays, `declined` is declined, and
// `slow`, `error_500` and `reset` pay with a fault of the response (cards.hpp). Their accounts can
// be saved, and pay in the same way then. Those of `vault_later` are saved two seconds after the
// payment, those of `vault_refused` not at all, those of `declined_later` are declined afterwards,
// and those of `asks_again` need another approval.

#include "net/gateway_simulator/paypal_ledger.hpp"
#include "net/gateway_simulator/paypal_signer.hpp"
#include "net/gateway_simulator/simulated_api.hpp"

#include <random>
#include <string>
#include <string_view>

namespace stoa::simulator {

/// One thread, between begin() and commit() of the ledger.
class paypal_api {
 public:
  paypal_api(simulator_ledger& answers, paypal_ledger& orders, const paypal_signer& signer,
             api_options options)
      : answers_(answers),
        orders_(orders),
        signer_(signer),
        options_(std::move(options)),
        random_(options_.seed) {}

  /// Whether the path is PayPal's.
  static bool serves(std::string_view path);

  api_response handle(const api_request& r, timestamp now);
  /// Performs what is due: accounts that are saved after their payment.
  void advance(timestamp now);
  /// The simulator's address in requests of the store; empty before the first one.
  const std::string& host() const { return host_; }

 private:
  api_response token(const api_request& r);
  api_response execute(const api_request& r);
  api_response route(const api_request& r);
  api_response orders(const api_request& r, std::string_view rest);
  api_response payments(const api_request& r, std::string_view rest);
  api_response create(const api_request& r);
  api_response finish(paypal_record& o, std::string_view action, const api_request& r);
  api_response capture_authorization(paypal_record& o, const api_request& r);
  api_response void_authorization(paypal_record& o);
  api_response refund(paypal_record& o, const api_request& r);
  api_response certificate(std::string_view id) const;
  api_response transactions(const api_request& r);  // paypal_reports.cpp
  api_response page(const api_request& r);
  // paypal_tokens.cpp
  api_response tokens(const api_request& r, std::string_view rest);
  api_response tokens_of_customer(const api_request& r);
  api_response remove_token(paypal_token_record token);
  /// Approves the order with the saved account of the request, if there is one; why it is refused.
  std::optional<api_response> approve_with_saved(paypal_record& o, const api_request& r);
  /// The order was paid: saves the account that has approved it if the order is to do so.
  void save_account(paypal_record& o);
  void vault(paypal_token_record token, paypal_record& o);
  std::vector<paypal_link> token_links(const std::string& id) const;
  paypal_payment& add_payment(paypal_record& o,
                              std::optional<std::vector<paypal_payment>> paypal_payments::*list,
                              const paypal_amount& amount, const std::string& status);
  void emit(const std::string& type, const std::string& resource_type, std::string resource);

  simulator_ledger& answers_;
  paypal_ledger& orders_;
  const paypal_signer& signer_;
  const api_options options_;
  std::mt19937 random_;
  timestamp now_{};
  std::string host_;
};

}  // namespace stoa::simulator
