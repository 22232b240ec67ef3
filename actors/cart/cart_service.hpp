#pragma once
// The Cart service: carts and their items. Pure functions over its records.
//
//   cart_service.cpp   carts, queries, expiry
//   cart_lines.cpp     lines: quantities, notes, properties
//   cart_codes.cpp     codes of promotions
//   cart_orders.cpp    merges and orders: tracks bought and held lines across merges

#include "actors/cart/cart_events.hpp"
#include "actors/cart/cart_messages.hpp"
#include "actors/kernel/decision.hpp"
#include "actors/kernel/gathered.hpp"
#include "actors/order/order_events.hpp"
#include "actors/user/user_events.hpp"

namespace stoa {
struct settings;
}

namespace stoa::cart {

struct cart_options {
  microseconds guest_ttl =
      seconds{604'800};  ///< a guest's cart expires this long after its last change
  microseconds guest_empty_ttl = seconds{3600};    ///< for an empty guest's cart
  microseconds customer_ttl = seconds{7'776'000};  ///< for a customer's cart
};

class cart_service {
 public:
  static constexpr std::string_view name = "cart";
  using records = cart_records;
  using commands = boost::mp11::mp_list<create_cart, update_cart, add_item, change_item,
                                        remove_item, clear_cart, delete_cart, merge_cart,
                                        expire_carts, add_code, remove_code, create_for_purchase>;
  using subscriptions = boost::mp11::mp_list<order::order_confirmed, order::order_cancelled,
                                             user::user_deleted, order::order_payment_awaited>;
  using events = boost::mp11::mp_list<lines_reduced, cart_merged>;
  using queries = boost::mp11::mp_list<get_cart, list_carts>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit cart_service(cart_options options) : options_(options) {}

  /// Messages with a cart_id need that cart.
  template <class M>
  requires requires(const M& m) { m.cart_id; }
  void needs(const M& m, need_list& list, const records&) const { need_cart(m.cart_id, list); }
  void needs(const create_cart&, need_list&, const records&) const;
  void needs(const create_for_purchase&, need_list&, const records&) const;
  void needs(const merge_cart&, need_list&, const records&) const;
  void needs(const expire_carts&, need_list&, const records&) const;
  void needs(const order::order_confirmed& e, need_list& list, const records& loaded) const {
    need_holder(e.order.cart_id, list, loaded);
  }
  void needs(const order::order_payment_awaited& e, need_list& list, const records& loaded) const {
    need_holder(e.order.cart_id, list, loaded);
  }
  void needs(const order::order_cancelled& e, need_list& list, const records& loaded) const {
    if (e.held_until) need_holder(e.order.cart_id, list, loaded);
  }
  void needs(const user::user_deleted&, need_list&, const records&) const;

  result<cart_content> decide(const create_cart&, decision&) const;
  result<cart_content> decide(const create_for_purchase&, decision&) const;
  result<cart_content> decide(const update_cart&, decision&) const;
  result<cart_content> decide(const add_item&, decision&) const;
  result<cart_content> decide(const change_item&, decision&) const;
  result<cart_content> decide(const remove_item&, decision&) const;
  result<cart_content> decide(const clear_cart&, decision&) const;
  result<cart_content> decide(const add_code&, decision&) const;
  result<cart_content> decide(const remove_code&, decision&) const;
  result<kernel::nothing> decide(const delete_cart&, decision&) const;
  result<cart_content> decide(const merge_cart&, decision&) const;
  result<kernel::nothing> decide(const expire_carts&, decision&) const;
  /// Removes what was bought from the cart, or from the one that it was merged into; ignored if the
  /// cart no longer exists.
  kernel::applied decide(const order::order_confirmed& e, decision& d) const {
    return remove_ordered(e.order, d);
  }
  /// The same; the order.confirmed that follows finds nothing to remove.
  kernel::applied decide(const order::order_payment_awaited& e, decision& d) const {
    return remove_ordered(e.order, d);
  }
  /// Records how long the goods of a declined order are held for the cart.
  kernel::applied decide(const order::order_cancelled&, decision&) const;
  kernel::applied decide(const user::user_deleted&, decision&) const;

  kernel::gathered<cart_content> gather(const get_cart&, const kernel::call_context&,
                                        db::gathering&) const;
  result<cart_list> read(const list_carts&, const kernel::call_context&, db::connection&) const;

  kernel::due_work due(db::connection&, timestamp now, bool starting) const;

 private:
  static void need_cart(stoa::cart_id id, need_list& list);
  void need_carts_of(stoa::user_id user, need_list& list, const records& loaded) const;
  static void need_holder(stoa::cart_id id, need_list& list, const records& loaded);
  kernel::applied remove_ordered(const order::order_summary& order, decision& d) const;
  cart_content content(decision& d, stoa::cart_id id) const;
  cart_row& touch(decision& d, stoa::cart_id id) const;
  timestamp expiry(decision& d, stoa::cart_id id) const;

  cart_options options_;
};

/// The options from the settings.
cart_options options_of(const settings& all);
/// The service's definition; in a separate file because the generic code is slow to compile.
kernel::service_definition definition_of(const cart_service& service);

}  // namespace stoa::cart
