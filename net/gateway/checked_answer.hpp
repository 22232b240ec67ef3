#pragma once
// What the answers of a gateway must state: an answer about another payment, or with another
// amount, is never applied.

#include "actors/payment/gateway.hpp"

#include <optional>
#include <string>
#include <utility>

namespace stoa::gateways {

/// What an answer is compared with. Members that an answer does not state are not compared.
struct expected_answer {
  std::string payment_id;
  money amount;                 ///< of the request
  std::string id{};             ///< the gateway's id of the object; empty if it is not known yet
  std::string of_payment_id{};  ///< the gateway's id of the payment, of a refund
  std::string customer_id{};    ///< the gateway's id of the customer, if the payment has one
  std::string token{};          ///< of a kept payment method, with which the payment is made
};

/// The code of an answer about another payment, or with another amount.
inline constexpr auto gateway_mismatch = "gateway_mismatch";
/// The code if the gateway does not know the payment.
inline constexpr auto charge_not_found = "charge_not_found";

/// An object that a gateway has returned, or why there is none.
template <class T>
struct returned {
  std::optional<T> object{};
  std::string code{};    ///< gateway_mismatch, charge_not_found, or empty
  std::string detail{};  ///< for the payment's log

  explicit operator bool() const { return object.has_value(); }
  const T& operator*() const { return *object; }
  const T* operator->() const { return &*object; }
};

/// The outcome is unknown, as there is no object.
template <class T>
payment::gateway_answer unknown_without(const returned<T>& r, std::string id = {}) {
  return {payment::gateway_status::unknown, std::move(id), r.code, r.detail, {}};
}

/// Approved; states the captured amount if it is not the requested one.
inline payment::gateway_answer approved_with(std::string id, const std::optional<money>& captured,
                                             const expected_answer& expected) {
  payment::gateway_answer a{payment::gateway_status::approved, std::move(id), "", "", {}};
  if (captured && captured->amount < expected.amount.amount) a.captured_amount = captured;
  return a;
}

}  // namespace stoa::gateways
