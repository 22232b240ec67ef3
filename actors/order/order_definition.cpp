#include "actors/kernel/define_service.hpp"
#include "actors/order/order_service.hpp"

namespace stoa::order {

kernel::service_definition definition_of(const order_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_orders_query>();
  return d;
}

}  // namespace stoa::order
