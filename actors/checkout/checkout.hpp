#pragma once
// The purchase as a process over the services: read the cart and today's prices outside any
// transaction and store the payment instrument meanwhile, place the order, wait for its outcome.
// Every entry point runs this; what it asks the services goes through service_calls.

#include "actors/kernel/precondition.hpp"
#include "actors/kernel/service_calls.hpp"
#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_messages.hpp"

namespace stoa::checkout {

struct checkout_request {
  stoa::cart_id cart_id;
  stoa::order_id order_id;  ///< chosen anew for each attempt; a repeat gets the first one's order
  std::string currency;     ///< the store's
  /// The version that the cart must have, in place of an entity tag: 412 otherwise.
  std::optional<kernel::precondition> precondition;
  std::optional<std::string> email;  ///< required for a guest; a customer's own otherwise
  std::optional<std::string> phone;
  std::optional<std::string> locale;  ///< BCP 47
  address shipping_address;
  std::optional<address> billing_address;  ///< none: the shipping address
  /// Its id follows from the request, so that a repeat stores no second one.
  payment::store_instrument instrument;
  std::optional<money> expected_total;
  std::optional<std::int64_t> guest;  ///< what a guest's orders are counted by (place_order)
  milliseconds wait{2000};            ///< for the outcome
  bool async = false;                 ///< do not wait for it
};

/// Carries out the checkout of context.who under the context's idempotency key. Returns the order
/// as it was when its outcome was first known, or Pending when that did not come in time; a repeat
/// gets the same, and sets `replayed`. Fails with problem_error: 404 without such a cart; 412; 422
/// cart_empty, total_too_large, invalid_quote and invalid_request; 409 sold_out and total_changed;
/// 422 idempotency_key_reused; the refusals of place_order; 503 and 504 of services that are away.
kernel::task<order::order_view> check_out(kernel::service_calls& calls, checkout_request request);

/// Why a checkout whose order is Cancelled has failed: 402 payment_declined, 409 sold_out or
/// order_cancelled. Nothing for an order that is not.
std::optional<problem> failure_of(const order::order_view& v);

/// Whether an order's outcome is so young that other services may still have to apply it.
bool decided_lately(const order::order_view& v, timestamp now);

}  // namespace stoa::checkout
