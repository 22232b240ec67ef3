#pragma once
// The Order service: orders, their items and their history. Pure functions over its records.
//
//   order_service.cpp   transitions of orders, and queries
//   order_placing.cpp   new orders
//   order_payment.cpp   events of the payment, and what shipping and refunds do with them
//   order_redemptions.cpp  promotions that the order redeems

#include "actors/catalog/catalog_events.hpp"
#include "actors/kernel/decision.hpp"
#include "actors/kernel/gathered.hpp"
#include "actors/order/order_events.hpp"
#include "actors/order/order_messages.hpp"
#include "actors/payment/payment_events.hpp"
#include "actors/pricing/pricing_events.hpp"

namespace stoa {
struct settings;
}

namespace stoa::order {

struct order_options {
  microseconds pending_max = seconds{600};  ///< a Pending order is cancelled after this time
  std::int64_t guest_units_max = 100;       ///< units in one order
  std::int64_t guest_pending_max = 5;       ///< Pending orders of guests per client address
  std::int64_t user_units_max = 1000;
  std::int64_t user_pending_max = 20;
  microseconds declined_hold = seconds{600};  ///< how long the goods of a declined order are held
};

class order_service {
 public:
  static constexpr std::string_view name = "order";
  using records = order_records;
  using commands = boost::mp11::mp_list<place_order, refuse_checkout, cancel_order, ship_order,
                                        deliver_order, update_order, expire_order, claim_order>;
  using subscriptions = boost::mp11::mp_list<
      catalog::stock_rejected, catalog::reservation_expired, payment::payment_action_required,
      payment::payment_authorized, payment::payment_completed, payment::payment_failed,
      payment::payment_refunded, payment::payment_awaited, payment::payment_capture_declined,
      pricing::redemption_reserved, pricing::redemption_rejected, pricing::redemption_expired>;
  using events =
      boost::mp11::mp_list<order_placed, order_action_required, order_confirmed, order_cancelled,
                           order_shipped, order_delivered, order_refunded, order_payment_awaited,
                           order_shipment_requested, order_shipment_declined, redemption_requested,
                           redemption_confirmed, redemption_released>;
  using queries =
      boost::mp11::mp_list<get_order, get_orders, list_orders_query, find_checkout, has_ordered>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit order_service(order_options options) : options_(options) {}

  void needs(const place_order&, need_list&, const records&) const;
  result<order_view> decide(const place_order&, decision&) const;
  void needs(const refuse_checkout&, need_list&, const records&) const {}
  result<kernel::nothing> decide(const refuse_checkout& m, decision&) const { return m.reason; }
  void needs(const cancel_order& m, need_list& list, const records&) const {
    need_order(m.order_id, list);
  }
  result<order_view> decide(const cancel_order&, decision&) const;
  void needs(const ship_order& m, need_list& list, const records&) const {
    need_order(m.order_id, list);
  }
  result<order_view> decide(const ship_order&, decision&) const;
  void needs(const deliver_order& m, need_list& list, const records&) const {
    need_order(m.order_id, list);
  }
  result<order_view> decide(const deliver_order&, decision&) const;
  void needs(const update_order& m, need_list& list, const records&) const {
    need_order(m.order_id, list);
  }
  result<order_view> decide(const update_order&, decision&) const;
  void needs(const claim_order& m, need_list& list, const records&) const {
    need_order(m.order_id, list);
  }
  result<order_view> decide(const claim_order&, decision&) const;
  void needs(const expire_order& m, need_list& list, const records&) const {
    need_order(m.order_id, list);
  }
  result<kernel::nothing> decide(const expire_order&, decision&) const;

  template <class Event>
  void needs(const Event& e, need_list& list, const records&) const {
    need_order(e.order_id, list);
  }
  void needs(const payment::payment_failed&, need_list&, const records&) const;
  kernel::applied decide(const catalog::stock_rejected&, decision&) const;
  kernel::applied decide(const catalog::reservation_expired&, decision&) const;
  kernel::applied decide(const payment::payment_action_required&, decision&) const;
  kernel::applied decide(const payment::payment_authorized&, decision&) const;
  kernel::applied decide(const payment::payment_completed&, decision&) const;
  kernel::applied decide(const payment::payment_failed&, decision&) const;
  kernel::applied decide(const payment::payment_refunded&, decision&) const;
  kernel::applied decide(const payment::payment_awaited&, decision&) const;
  kernel::applied decide(const payment::payment_capture_declined&, decision&) const;
  kernel::applied decide(const pricing::redemption_reserved&, decision&) const;
  kernel::applied decide(const pricing::redemption_rejected&, decision&) const;
  kernel::applied decide(const pricing::redemption_expired&, decision&) const;

  kernel::gathered<order_view> gather(const get_order&, const kernel::call_context&,
                                      db::gathering&) const;
  kernel::gathered<order_page> gather(const get_orders&, const kernel::call_context&,
                                      db::gathering&) const;
  result<order_page> read(const list_orders_query&, const kernel::call_context&,
                          db::connection&) const;
  kernel::gathered<find_checkout::answer> gather(const find_checkout&, const kernel::call_context&,
                                                 db::gathering&) const;

  result<has_ordered::answer> read(const has_ordered&, const kernel::call_context&,
                                   db::connection&) const;

  kernel::due_work due(db::connection&, timestamp now, bool starting) const;

 private:
  kernel::applied confirm(stoa::order_id, decision&, bool capture_at_shipment) const;
  static void need_order(stoa::order_id id, need_list& list);
  std::optional<problem> beyond_limits(const place_order& m, decision& d) const;
  std::optional<timestamp> hold_of(const order_row& o, decision& d) const;

  order_options options_;
};

/// The options from the settings.
order_options options_of(const settings& all);
/// The service's definition; in a separate file because the generic code is slow to compile.
kernel::service_definition definition_of(const order_service& service);

}  // namespace stoa::order
