#pragma once
// The checkout process: read the cart and the current prices outside any transaction, store the
// payment instrument concurrently, place the order, wait for its outcome. Used by every entry
// point; calls the services through service_calls.

#include "actors/checkout/external_tax.hpp"
#include "actors/kernel/precondition.hpp"
#include "actors/kernel/service_calls.hpp"
#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_messages.hpp"
#include "actors/pricing/rule_book.hpp"

namespace stoa::checkout {

struct checkout_request {
  stoa::cart_id cart_id;
  /// A purchase in one request: the cart that is made for it, without names and prices. Its ids are
  /// derived from the request, and its lines are checked: no two are equal.
  std::optional<cart::create_for_purchase> purchase;
  stoa::order_id order_id;  ///< new for each attempt; a retry gets the order of the first attempt
  std::string currency;     ///< the store's
  pricing::rule_book_ptr rules;  ///< not null
  /// The version that the cart must have, instead of an entity tag: 412 otherwise.
  std::optional<kernel::precondition> precondition;
  std::optional<std::string> email;  ///< required for a guest; default: the customer's own
  std::optional<std::string> phone;
  std::optional<std::string> locale;         ///< BCP 47
  std::optional<std::string> client_locale;  ///< if neither the request nor the user has one
  address shipping_address;
  std::optional<address> billing_address;  ///< default: the shipping address
  /// Addresses of the user, instead of those above.
  std::optional<stoa::profile_id> shipping_address_id;
  std::optional<stoa::profile_id> billing_address_id;
  /// Its id is derived from the request, so that a retry stores no second one.
  payment::store_instrument instrument;
  std::optional<money> expected_total;
  std::optional<stoa::shipping_method_id> shipping_method_id;
  credit_wish credit;
  bool has_payment_method = true;               ///< false: gift cards and store credit must pay all
  std::optional<std::int64_t> guest;            ///< identifies a guest for limits (place_order)
  milliseconds wait{2000};                      ///< for the outcome
  bool async = false;                           ///< do not wait for it
  std::shared_ptr<tax_source> taxes = nullptr;  ///< null: only the store's tax rates
};

/// Performs the checkout of context.who under the context's idempotency key. Returns the order as
/// of its first outcome, or Pending when that did not arrive in time; a retry returns the same and
/// sets `replayed`. Fails with problem_error: 404 for a missing cart; 412; 422 cart_empty,
/// shipping_method_required, shipping_method_unavailable, address_not_served,
/// payment_method_required, gift_card_unknown, gift_card_unusable,
/// total_too_large, invalid_quote, product_not_sellable and invalid_request; 409 sold_out,
/// cart_not_sold, cart_not_priced, cart_quantity_not_allowed, code_not_applied and total_changed;
/// 422 idempotency_key_reused; the errors of place_order; 503 and 504 of unavailable services; 503
/// tax_unavailable.
kernel::task<order::order_view> check_out(kernel::service_calls& calls, checkout_request request);

/// The error of a checkout whose order is Cancelled: 402 payment_declined, 409 sold_out,
/// promotion_unavailable or order_cancelled. Empty for other orders.
std::optional<problem> failure_of(const order::order_view& v);

/// Whether an order's outcome is so recent that other services may not have applied it yet.
bool decided_recently(const order::order_view& v, timestamp now);

}  // namespace stoa::checkout
