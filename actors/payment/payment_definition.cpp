#include "actors/kernel/define_service.hpp"
#include "actors/payment/payment_service.hpp"

namespace stoa::payment {

kernel::service_definition definition_of(const payment_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_payments_query>();
  return d;
}

}  // namespace stoa::payment
