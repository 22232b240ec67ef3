#include "actors/kernel/define_service.hpp"
#include "actors/order/order_service.hpp"
#include "config/settings.hpp"
#include "storage/order/order_store.hpp"

namespace stoa::order {

namespace {

/// A lookup by order number finds at most one order.
kernel::query_cost cost_of(const list_orders_query& q) {
  return q.order_number ? kernel::query_cost::cheap : kernel::query_cost::expensive;
}

bool is_for_staff(const list_orders_query& q) {
  return q.all;
}

}  // namespace

order_options options_of(const settings& all) {
  order_options o;
  o.pending_max = seconds{all.payment.give_up_s};
  o.guest_units_max = all.order.guest_units_max;
  o.guest_pending_max = all.order.guest_pending_max;
  o.user_units_max = all.order.user_units_max;
  o.user_pending_max = all.order.user_pending_max;
  o.declined_hold = seconds{all.order.declined_hold_s};
  return o;
}

kernel::service_definition definition_of(const order_service& service) {
  auto d = kernel::define_service(service);
  d.set_cost<list_orders_query, cost_of>();
  // Only for staff: customers expect to see the order that they have just placed.
  d.set_may_lag_if<list_orders_query, is_for_staff>();
  d.measure = [](db::connection& c, timestamp now, kernel::service_figures& f) {
    f.oldest_pending_s = kernel::age_s(oldest_pending(c), now);
  };
  return d;
}

}  // namespace stoa::order
