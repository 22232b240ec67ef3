#include "actors/kernel/define_service.hpp"
#include "actors/user/user_service.hpp"
#include "config/settings.hpp"

namespace stoa::user {

user_options options_of(const settings& all) {
  user_options o;
  o.refresh_ttl = seconds{all.auth.refresh_token_ttl_s};
  o.access_ttl = seconds{all.auth.access_token_ttl_s};
  o.verification_ttl = seconds{all.auth.verification_ttl_s};
  return o;
}

kernel::service_definition definition_of(const user_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_users_query>();
  d.set_may_lag<list_users_query>();
  return d;
}

}  // namespace stoa::user
