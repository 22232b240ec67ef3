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
      entry<order::order_placed>("order", "A new order waits for stock and payment."),
      entry<order::order_confirmed>("order", "The order is paid."),
      entry<order::order_cancelled>("order", "The order is off; what was paid is refunded."),
      entry<order::order_shipped>("order", "The goods are on their way."),
      entry<order::order_delivered>("order", "The goods have arrived."),
      entry<order::order_refunded>("order", "The money of a cancelled order is on its way back."),
      entry<catalog::stock_reserved>("catalog", "All lines of an order are reserved."),
      entry<catalog::stock_rejected>("catalog",
                                     "A line of an order cannot be had; nothing is reserved."),
      entry<catalog::reservation_expired>("catalog", "A reservation has passed its deadline."),
      entry<cart::lines_reduced>("cart", "A cart for which goods are held has fewer of them now."),
      entry<cart::cart_merged>("cart",
                               "The lines of a cart for which goods are held are in another."),
      entry<payment::payment_completed>("payment", "An order is paid for."),
      entry<payment::payment_failed>("payment", "The gateway has declined a payment for good."),
      entry<payment::payment_refunded>("payment", "A payment is given back."),
      entry<user::user_deleted>("user", "An account is gone, with its personal data."),
      entry<user::account_mail>("user", "A mail about an account is to be sent."),
  };
  return all;
}

}  // namespace stoa::nats
