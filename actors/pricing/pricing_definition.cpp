#include "actors/kernel/define_service.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "config/settings.hpp"

namespace stoa::pricing {

pricing_options options_of(const settings& all) {
  return {seconds{all.catalog.reservation_ttl_s}, all.pricing.prices_include_tax,
          all.pricing.tax_rounding == "order", all.pricing.tax_exempt_groups};
}

kernel::service_definition definition_of(const pricing_service& service) {
  return kernel::define_service(service);
}

}  // namespace stoa::pricing
