#include "actors/kernel/define_service.hpp"
#include "actors/order/order_service.hpp"
#include "storage/order/order_store.hpp"

namespace stoa::order {

namespace {

/// By its number there is one order at most.
kernel::query_cost cost_of(const list_orders_query& q) {
  return q.number ? kernel::query_cost::cheap : kernel::query_cost::expensive;
}

}  // namespace

kernel::service_definition definition_of(const order_service& service) {
  auto d = kernel::define_service(service);
  d.set_cost<list_orders_query, cost_of>();
  // A replica may not know the first request yet; the repeat would be refused, its cart is empty.
  d.latest.insert(&kernel::kind_of<find_checkout>());
  d.measure = [](db::connection& c, timestamp now, kernel::service_figures& f) {
    f.oldest_pending_s = kernel::age_s(oldest_pending(c), now);
  };
  return d;
}

}  // namespace stoa::order
