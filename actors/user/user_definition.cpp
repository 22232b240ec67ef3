#include "actors/kernel/define_service.hpp"
#include "actors/user/user_service.hpp"

namespace stoa::user {

kernel::service_definition definition_of(const user_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_users_query>();
  d.set_may_lag<list_users_query>();
  return d;
}

}  // namespace stoa::user
