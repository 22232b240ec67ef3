#include "actors/kernel/define_service.hpp"
#include "actors/order/order_service.hpp"

namespace stoa::order {

kernel::service_definition definition_of(const order_service& service) {
  return kernel::define_service(service);
}

}  // namespace stoa::order
