#include "actors/kernel/define_service.hpp"
#include "actors/notification/notification_service.hpp"

namespace stoa::notification {

kernel::service_definition definition_of(const notification_service& service) {
  return kernel::define_service(service);
}

}  // namespace stoa::notification
