#include "actors/kernel/define_service.hpp"
#include "actors/notification/notification_service.hpp"

namespace stoa::notification {

kernel::service_definition definition_of(const notification_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_notifications_query>();
  return d;
}

}  // namespace stoa::notification
