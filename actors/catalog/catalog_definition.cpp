#include "actors/catalog/catalog_service.hpp"
#include "actors/kernel/define_service.hpp"

namespace stoa::catalog {

kernel::service_definition definition_of(const catalog_service& service) {
  return kernel::define_service(service);
}

}  // namespace stoa::catalog
