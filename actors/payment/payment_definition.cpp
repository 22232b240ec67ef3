#include "actors/kernel/define_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "storage/payment/payment_store.hpp"

namespace stoa::payment {

kernel::service_definition definition_of(const payment_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_payments_query>();
  d.set_may_lag<list_payments_query>();
  d.measure = [](db::connection& c, timestamp now, kernel::service_figures& f) {
    f.oldest_pending_s = kernel::age_s(oldest_pending(c), now);
  };
  return d;
}

}  // namespace stoa::payment
