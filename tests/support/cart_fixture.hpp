#pragma once
// The Cart service's decisions on a separate database, and events about orders of its carts.

#include "actors/cart/cart_events.hpp"
#include "actors/cart/cart_service.hpp"
#include "tests/support/service_fixture.hpp"

namespace stoa::test {

struct cart_fixture : service_fixture<cart::cart_service> {
  cart_fixture()
      : service_fixture(cart::cart_service({seconds{100}, seconds{20}, seconds{5000}})) {}

  const stoa::user_id alice{system_ids().next_v7()};
  const stoa::user_id bob{system_ids().next_v7()};
  const stoa::product_id mug{system_ids().next_v7()};
  const stoa::product_id lamp{system_ids().next_v7()};

  cart::cart_content make(std::optional<stoa::user_id> owner = std::nullopt) {
    return run(cart::create_cart{owner}, owner ? as_user(*owner) : kernel::caller{}).value();
  }
  result<cart::cart_content> add(stoa::cart_id id, stoa::product_id product, std::int64_t quantity,
                                 kernel::caller who = {},
                                 std::optional<std::int64_t> if_match = std::nullopt) {
    return run(cart::add_item{id, product, "thing", quantity, {500, "EUR"}, if_match}, who);
  }
  /// As emitted by earlier versions: without the ids of the cart's lines.
  order::order_confirmed confirmed(stoa::cart_id id, stoa::product_id product,
                                   std::int64_t quantity) {
    order::order_confirmed e;
    e.order.cart_id = id;
    e.order.lines = {{product, "thing", quantity, {500 * quantity, "EUR"}}};
    e.order.total = {500 * quantity, "EUR"};
    return e;
  }
  /// An order of the cart's whole content.
  order::order_confirmed bought(const cart::cart_content& c) {
    order::order_confirmed e;
    e.order.cart_id = c.cart_id;
    for (const auto& i : c.items) {
      e.order.lines.push_back(
          {i.product_id, i.name, i.quantity, {500 * i.quantity, "EUR"}, i.cart_item_id});
    }
    return e;
  }
  order::order_cancelled declined(stoa::cart_id id, stoa::product_id product,
                                  std::int64_t quantity) {
    return {confirmed(id, product, quantity).order, "payment_failed", "no",
            time.now() + seconds{60}};
  }
  /// The events since the last call, each as "type cart: quantities".
  std::vector<std::string> emitted() {
    std::vector<std::string> list;
    for (const auto& e : events) {
      auto text = e->type;
      if (e->type == cart::lines_reduced::name) {
        for (const auto& l : json::read_lenient<cart::lines_reduced>(e->payload).value().lines) {
          text += " " + std::to_string(l.quantity);
        }
      }
      list.push_back(text);
    }
    events.clear();
    return list;
  }
};

}  // namespace stoa::test
