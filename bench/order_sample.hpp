#pragma once
// A typical order of a checkout: one line, by a guest, with an idempotency key; it stores five
// rows.

#include "actors/kernel/writer_core.hpp"
#include "actors/order/order_messages.hpp"

namespace stoa::bench {

inline kernel::job sample_order() {
  auto& ids = system_ids();
  const address home{"Ada",    "Lovelace",   "1 Main Street", std::nullopt,
                     "Berlin", std::nullopt, "10115",         "DE"};
  order::place_order m;
  m.order_id.value = ids.next_v7();
  m.email = "buyer@bench.example";
  m.customer_name = "Ada Lovelace";
  m.cart_id.value = ids.next_v7();
  m.cart_version = 2;
  m.lines = {{{ids.next_v7()}, "A thing of the demo store, large, blue", 2, {1299, "EUR"}}};
  m.quote = pricing::quote_of({{m.lines[0].price, m.lines[0].quantity}}, {"EUR", {}}).value();
  m.shipping_address = home;
  m.billing_address = home;
  m.instrument_id.value = ids.next_v7();
  kernel::job j;
  j.context.idempotency_scope = "guest POST /store/v1/carts/checkout " + m.order_id.str();
  j.context.fingerprint = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";
  j.message = kernel::any_message::of(std::move(m));
  return j;
}

}  // namespace stoa::bench
