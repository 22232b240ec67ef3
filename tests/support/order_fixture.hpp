#pragma once
// The Order service's decisions on a separate database, and sample orders.

#include "actors/order/order_service.hpp"
#include "tests/support/order_quotes.hpp"
#include "tests/support/service_fixture.hpp"

namespace stoa::test {

struct order_fixture : service_fixture<order::order_service> {
  const stoa::user_id ann{system_ids().next_v7()};

  order_fixture() : service_fixture(order::order_service{{}}) {}

  order::place_order order_of(std::optional<stoa::user_id> user = std::nullopt) {
    order::place_order m;
    m.order_id = {system_ids().next_v7()};
    m.user_id = user;
    m.email = "ann@example.org";
    m.customer_name = "Ann";
    m.cart_id = {system_ids().next_v4()};
    m.cart_version = 3;
    m.lines = {{{system_ids().next_v7()}, "Shirt", 2, {1299, "EUR"}},
               {{system_ids().next_v7()}, "Cap", 1, {500, "EUR"}}};
    m.shipping_address.address_line1 = "1 Main Street";
    m.shipping_address.country = "GR";
    m.instrument_id = {system_ids().next_v7()};
    return quoted(std::move(m));
  }
  /// A changed order to place gets the quote of its lines.
  template <class C, class... Context>
  auto run(C c, Context&&... context) {
    if constexpr (std::is_same_v<C, order::place_order>) c = quoted(std::move(c));
    return service_fixture::run(std::move(c), std::forward<Context>(context)...);
  }
  stoa::order_id placed(std::optional<stoa::user_id> user = std::nullopt) {
    return run(order_of(user)).value().order_id;
  }
  kernel::applied paid(stoa::order_id id) {
    return apply(payment::payment_completed{{}, id, {3098, "EUR"}});
  }
  stoa::order_id confirmed(std::optional<stoa::user_id> user = std::nullopt) {
    auto id = placed(user);
    paid(id);
    return id;
  }
  order::order_status status(stoa::order_id id) { return now(id).status; }
  order::order_view now(stoa::order_id id) {
    return read(order::get_order{id, true}, as_system()).value();
  }
  /// Types of the events that were emitted since the last call.
  std::vector<std::string> emitted() {
    std::vector<std::string> types;
    for (const auto& e : events) types.push_back(e->type);
    events.clear();
    return types;
  }
};

}  // namespace stoa::test
