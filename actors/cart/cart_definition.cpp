#include "actors/cart/cart_service.hpp"
#include "actors/kernel/define_service.hpp"

namespace stoa::cart {

kernel::service_definition definition_of(const cart_service& service) {
  return kernel::define_service(service);
}

}  // namespace stoa::cart
