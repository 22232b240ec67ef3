#include "actors/notification/decline_reasons.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stoa::notification {

namespace {

using known_reason = std::pair<std::string_view, std::string_view>;

constexpr std::array known_reasons{
    known_reason{"authentication_failed",
                 "The payment was not confirmed with the bank that issued the card."},
    known_reason{"canceled", "The payment was not completed in time."},
    known_reason{"expired_card", "The card has expired."},
    known_reason{"incorrect_cvc", "The card's security code was not correct."},
    known_reason{"instrument_unknown", "The payment details were no longer valid."},
    known_reason{"insufficient_funds", "The card had insufficient funds for the payment."},
    known_reason{"instrument_declined", "The source of the payment was declined."},
    known_reason{"not_received", "The payment was not received."},
    known_reason{"payer_cannot_pay", "The PayPal account could not make the payment."},
    known_reason{"processing_error",
                 "The bank that issued the card could not process the payment."},
};

}  // namespace

std::string_view decline_reason(std::string_view failure_code) {
  const auto found = std::ranges::find(known_reasons, failure_code, &known_reason::first);
  return found == known_reasons.end() ? "The payment was declined." : found->second;
}

}  // namespace stoa::notification
