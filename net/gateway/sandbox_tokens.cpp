#include "net/gateway/sandbox_tokens.hpp"

#include <algorithm>
#include <iterator>

namespace stoa::gateways {

namespace {

constexpr token_rule token_rules[] = {
    {"tok_visa", ""},
    {"tok_mastercard", ""},
    {"tok_amex", ""},
    {"tok_visa_debit", ""},
    {"tok_chargeDeclined", "card_declined"},
    {"tok_chargeDeclinedInsufficientFunds", "insufficient_funds"},
    {"tok_chargeDeclinedExpiredCard", "expired_card"},
    {"tok_chargeDeclinedIncorrectCvc", "incorrect_cvc"},
    {"tok_chargeDeclinedProcessingError", "processing_error"},
    {"tok_chargeDeclinedFraudulent", "fraudulent"},
    {"tok_timeoutPaid", "", true},
    {"tok_timeoutDeclined", "card_declined", true},
    {"tok_requiresAction", "", false, token_rule::confirmed},
    {"tok_requiresActionDeclined", "authentication_failed", false, token_rule::confirmed},
    {"tok_requiresActionAbandoned", "", false, token_rule::abandoned},
    {"tok_captureDeclined", "", false, token_rule::no_capture},
    {"tok_authorizationExpires", "", false, token_rule::expires},
    {"tok_refundDeclined", "", false, token_rule::first_refund},
};

}  // namespace

const token_rule* find_rule(std::string_view token) {
  const auto* found = std::find_if(std::begin(token_rules), std::end(token_rules),
                                   [&](const token_rule& r) { return r.token == token; });
  return found == std::end(token_rules) ? nullptr : found;
}

std::string_view code_of(const token_rule* rule) {
  return rule ? rule->code : std::string_view("invalid_token");
}

std::string_view detail_of(std::string_view code) {
  if (code == "insufficient_funds") return "The card has insufficient funds.";
  if (code == "expired_card") return "The card has expired.";
  if (code == "incorrect_cvc") return "The card's security code is wrong.";
  if (code == "processing_error") return "The card's issuer could not process the charge.";
  if (code == "fraudulent") return "The charge was rejected as fraudulent.";
  if (code == "invalid_token") return "Unknown card token.";
  if (code == "invalid_amount") return "The amount must be at least 1, in the charge's currency.";
  if (code == "invalid_key") return "The key must be 1 to 255 bytes.";
  if (code == "idempotency_mismatch") return "The key was used for a different request.";
  if (code == "canceled") return "The charge was canceled before it was processed.";
  if (code == "charge_not_found") return "No charge exists for this key.";
  if (code == "charge_not_paid") return "The charge was not paid.";
  if (code == "authentication_failed") return "The customer did not confirm the payment.";
  if (code == "capture_declined") return "The amount cannot be captured.";
  if (code == "refund_declined") return "The card's issuer declined the refund.";
  if (code == "request_not_found") return "No request exists for this key.";
  if (code == "exceeds_charge") return "The refund exceeds the remaining amount of the charge.";
  return "The card was declined.";
}

}  // namespace stoa::gateways
