#include "actors/kernel/define_service.hpp"
#include "actors/payment/payment_service.hpp"

namespace stoa::payment {

kernel::service_definition definition_of(const payment_service& service) {
  return kernel::define_service(service);
}

}  // namespace stoa::payment
