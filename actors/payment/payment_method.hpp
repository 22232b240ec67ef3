#pragma once
// The payment methods that a store can offer.

#include "storage/base/describe.hpp"

#include <boost/describe.hpp>

#include <string>
#include <string_view>

namespace stoa::payment {

/// In the API, and in payment.methods.
enum class payment_method { card, paypal, bank_transfer, cash_on_delivery };
BOOST_DESCRIBE_ENUM(payment_method, card, paypal, bank_transfer, cash_on_delivery)

/// The gateway of payments whose money arrives outside of the program: staff confirm them.
inline constexpr std::string_view offline_gateway = "offline";

constexpr bool is_offline(payment_method m) {
  return m == payment_method::bank_transfer || m == payment_method::cash_on_delivery;
}

/// Whether the customer approves the payment at the gateway, which has no tokens for it before.
constexpr bool has_approval(payment_method m) {
  return m == payment_method::paypal;
}

/// The registered name of the method's gateway; `cards`: that of cards.
inline std::string gateway_of(payment_method m, const std::string& cards) {
  if (is_offline(m)) return std::string(offline_gateway);
  return m == payment_method::paypal ? "paypal" : cards;
}
inline std::string gateway_of(std::string_view method, const std::string& cards) {
  return gateway_of(enum_value<payment_method>(method).value_or(payment_method::card), cards);
}

/// Whether the gateway keeps payment methods for its customers. Its tokens are for one payment
/// until they are attached to a customer; a token that is not needed any more must be removed.
constexpr bool keeps_methods(std::string_view gateway) {
  return gateway == "stripe" || gateway == "paypal";
}

/// Whether payment methods of the gateway can be saved: it keeps them, or its tokens can be used
/// for several payments.
constexpr bool can_be_saved(std::string_view gateway) {
  return gateway == "sandbox" || keeps_methods(gateway);
}

}  // namespace stoa::payment
