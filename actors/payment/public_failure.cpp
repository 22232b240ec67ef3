#include "actors/payment/public_failure.hpp"

#include <algorithm>
#include <array>

namespace stoa::payment {

namespace {

struct known_failure {
  std::string_view code;
  std::string_view reason;
};

constexpr known_failure card_declined{"card_declined", "The payment was declined."};
constexpr known_failure capture_declined{"capture_declined", "The payment could not be captured."};
constexpr known_failure refund_declined{"refund_declined", "The refund was declined."};

constexpr std::array known_failures{
    known_failure{"approval_required", "PayPal required an approval of the payment."},
    known_failure{"authorization_expired", "The payment was not completed in time."},
    known_failure{"authentication_failed",
                  "The payment was not confirmed with the bank that issued the card."},
    known_failure{"canceled", "The payment was not completed in time."},
    known_failure{"expired_card", "The card has expired."},
    known_failure{"incorrect_cvc", "The card's security code was not correct."},
    known_failure{"instrument_unknown", "The payment details were no longer valid."},
    known_failure{"insufficient_funds", "The card had insufficient funds for the payment."},
    known_failure{"instrument_declined", "The source of the payment was declined."},
    known_failure{"invalid_token", "The payment details were not valid."},
    known_failure{"not_received", "The payment was not received."},
    known_failure{"payer_cannot_pay", "The PayPal account could not make the payment."},
    known_failure{"processing_error",
                  "The bank that issued the card could not process the payment."},
};

const known_failure& failure_of(std::string_view code) {
  if (code.starts_with("capture_")) return capture_declined;
  if (code.starts_with("refund_")) return refund_declined;
  const auto found = std::ranges::find(known_failures, code, &known_failure::code);
  return found == known_failures.end() ? card_declined : *found;
}

}  // namespace

std::string_view public_code(std::string_view failure_code) {
  return failure_of(failure_code).code;
}

std::string_view public_reason(std::string_view failure_code) {
  return failure_of(failure_code).reason;
}

}  // namespace stoa::payment
