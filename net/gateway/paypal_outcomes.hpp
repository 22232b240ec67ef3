#pragma once
// What the states of PayPal's objects mean for a payment. Pure functions, shared by the files of
// the gateway.

#include "actors/payment/gateway.hpp"
#include "net/gateway/paypal_messages.hpp"

#include <string>
#include <string_view>

namespace stoa::gateways {

inline const std::string paypal_orders_path = "/v2/checkout/orders";

/// The path of an object, with its id escaped.
std::string paypal_path(const std::string& base, const std::string& id,
                        std::string_view action = {});

payment::gateway_answer paypal_answer(payment::gateway_status status, std::string id,
                                      std::string code = {}, std::string detail = {});
/// The state of the object does not decide the request.
payment::gateway_answer paypal_undecided(std::string id, const std::string& status);
payment::gateway_answer paypal_canceled(std::string id);
payment::gateway_answer declined_by(const paypal_api::reply& r, std::string id,
                                    std::string_view fallback);

/// The outcome of a capture or a refund; `reference`: reported with it.
payment::gateway_answer outcome_of(const paypal_api::payment& p, const std::string& reference,
                                   const std::string& code);
/// The outcome of a capture; states the captured amount if it is lower than the requested one.
payment::gateway_answer capture_outcome(const paypal_api::payment& p,
                                        const std::optional<money>& captured,
                                        const std::string& reference, const std::string& code,
                                        const expected_answer& of);
/// The outcome of a finished order: a capture's id identifies it for refunds, otherwise its own.
payment::gateway_answer outcome_of(const paypal_api::order& o, const expected_answer& of);
/// The answer for the state of an order that is not to be finished.
payment::gateway_answer state_of(const paypal_api::order& o, const expected_answer& of);
/// The customer has not approved the order yet.
bool is_waiting(const paypal_api::order& o);
/// All or a part of the authorised amount was captured.
bool is_captured(const paypal_api::payment& authorization);
/// The approval of a void whose authorisation was captured: refunds need the capture's id.
payment::gateway_answer already_captured(const paypal_api::order& o, const expected_answer& of);
/// The answer to a void of an authorised order, which may have saved the customer's account.
payment::gateway_answer released(const paypal_api::order& o);

/// What PayPal has saved of the account that has paid for the order. Without the token it is
/// pending, and identified by the order.
std::optional<payment::vaulted_method> vaulted_of(const paypal_api::order& o);
payment::vaulted_method vaulted_of(const paypal_api::payment_token& t);
/// The order by which a pending one is identified; empty for a token.
std::string order_of_pending(std::string_view token);
/// a***@example.com
std::string masked_email(std::string_view address);

}  // namespace stoa::gateways
