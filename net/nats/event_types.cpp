#include "net/nats/event_types.hpp"

#include "actors/cart/cart_events.hpp"
#include "actors/catalog/catalog_events.hpp"
#include "actors/payment/payment_events.hpp"
#include "actors/user/user_events.hpp"

namespace stoa::nats {

namespace {

template <class E>
event_type entry(std::string_view source, std::string_view summary) {
  return {source, E::name, summary, [](json::schema_set& s) { return s.ref<E>(); }};
}

}  // namespace

const std::vector<event_type>& event_types() {
  static const std::vector<event_type> all{
      entry<order::order_placed>("order", "An order was placed; stock and payment are pending."),
      entry<order::order_confirmed>("order", "The order is paid."),
      entry<order::order_cancelled>("order", "The order was cancelled; a payment is refunded."),
      entry<order::order_shipped>("order", "The goods were shipped."),
      entry<order::order_delivered>("order", "The goods were delivered."),
      entry<order::order_refunded>("order", "The payment of a cancelled order was refunded."),
      entry<catalog::stock_reserved>("catalog", "All lines of an order are reserved."),
      entry<catalog::stock_rejected>("catalog",
                                     "A line of an order is not available; nothing is reserved."),
      entry<catalog::reservation_expired>("catalog", "A reservation has passed its deadline."),
      entry<cart::lines_reduced>("cart", "A cart with held stock has fewer units."),
      entry<cart::cart_merged>("cart", "A cart with held stock was merged into another cart."),
      entry<payment::payment_authorized>("payment", "The amount is reserved, and captured later."),
      entry<payment::payment_completed>("payment", "The amount is captured."),
      entry<payment::payment_failed>("payment", "The gateway has declined a payment for good."),
      entry<payment::payment_refunded>("payment", "A refund of a payment has succeeded."),
      entry<user::user_deleted>("user", "An account and its personal data were deleted."),
      entry<user::account_mail>("user", "A mail about an account has to be sent."),
  };
  return all;
}

}  // namespace stoa::nats
