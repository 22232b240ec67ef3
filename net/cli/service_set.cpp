#include "net/cli/service_set.hpp"

#include "actors/services.hpp"

namespace stoa::cli {

service_set::service_set(const settings& s) {
  const auto add = [&](auto service) {
    definitions_.push_back(definition_of(*service));
    services_.push_back(std::move(service));
  };
#define STOA_SERVICE(service, capability) \
  add(std::make_shared<const stoa::service::service##_service>(stoa::service::options_of(s)));
#include STOA_SERVICES_DEF
#undef STOA_SERVICE
}

void add_codecs(kernel::codec_table& codecs) {
#define STOA_SERVICE(service, capability) codecs.add_service<stoa::service::service##_service>();
#include STOA_SERVICES_DEF
#undef STOA_SERVICE
}

}  // namespace stoa::cli
