#include "actors/kernel/define_service.hpp"
#include "actors/user/user_service.hpp"

namespace stoa::user {

kernel::service_definition definition_of(const user_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_users_query>();
  // A login may follow at once: a replica may not know the new account or password yet.
  d.latest.insert(&kernel::kind_of<find_credentials>());
  return d;
}

}  // namespace stoa::user
