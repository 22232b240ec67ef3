#include "actors/kernel/define_service.hpp"
#include "actors/user/user_service.hpp"

namespace stoa::user {

kernel::service_definition definition_of(const user_service& service) {
  return kernel::define_service(service);
}

}  // namespace stoa::user
