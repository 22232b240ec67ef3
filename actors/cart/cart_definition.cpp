#include "actors/cart/cart_service.hpp"
#include "actors/kernel/define_service.hpp"
#include "config/settings.hpp"

namespace stoa::cart {

cart_options options_of(const settings& all) {
  return {seconds{all.cart.guest_ttl_s}, seconds{all.cart.guest_empty_ttl_s},
          seconds{all.cart.customer_ttl_s}};
}

kernel::service_definition definition_of(const cart_service& service) {
  return kernel::define_service(service);
}

}  // namespace stoa::cart
