#pragma once
// Asks the catalogue for the products of new prices, on the node that owns the partition of the
// Pricing service, and has the prices of deleted ones removed.

#include "actors/kernel/service_definition.hpp"
#include "net/shopify/job_thread.hpp"

namespace stoa::shopify {

/// For service_definition::make_effects of Pricing.
kernel::effects_factory price_check_runner(job_thread::port_source port);

}  // namespace stoa::shopify
