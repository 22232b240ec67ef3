#include "net/gateway_simulator/cards.hpp"

#include <algorithm>
#include <iterator>

namespace stoa::simulator {

namespace {

constexpr std::string_view declined = "card_declined";

constexpr card cards[] = {
    {"visa"},
    {"visa_debit"},
    {"mastercard"},
    {"amex"},
    {"chargeDeclined", declined, "generic_decline"},
    {"chargeDeclinedInsufficientFunds", declined, "insufficient_funds"},
    {"chargeDeclinedLostCard", declined, "lost_card"},
    {"chargeDeclinedStolenCard", declined, "stolen_card"},
    {"chargeDeclinedFraudulent", declined, "fraudulent"},
    {"chargeDeclinedExpiredCard", "expired_card", "expired_card"},
    {"chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"},
    {"chargeDeclinedProcessingError", "processing_error", "processing_error"},
    {"threeDSecureRequired", "", "", true},
    {"threeDSecure2Required", "", "", true},
    {"authenticationRequired", "", "", true},
    {"refundFail", "", "", false, fault::none, aftermath::refund_fails},
    {"pendingRefund", "", "", false, fault::none, aftermath::refund_succeeds},
    {"createDispute", "", "", false, fault::none, aftermath::disputed},
    {"simulator_slow", "", "", false, fault::slow},
    {"simulator_500AfterCharging", "", "", false, fault::error_500},
    {"simulator_resetAfterCharging", "", "", false, fault::reset},
};

}  // namespace

const card* find_card(std::string_view token) {
  constexpr std::string_view prefix = "pm_card_";
  if (!token.starts_with(prefix)) return nullptr;
  auto name = token.substr(prefix.size());
  // Declined cards also have names like pm_card_visa_chargeDeclined.
  constexpr std::string_view brand = "visa_charge";
  if (name.starts_with(brand)) name.remove_prefix(brand.size() - 6);
  const auto* found = std::ranges::find(cards, name, &card::name);
  return found == std::end(cards) ? nullptr : found;
}

}  // namespace stoa::simulator
