#pragma once
// Counts and logs which orders several locations supply, and what staff move to other locations.

#include "actors/kernel/service_definition.hpp"

namespace prometheus {
class Registry;
}

namespace stoa::cli {

/// For service_definition::make_effects of the catalogue. The registry must outlive the effects.
kernel::effects_factory allocation_metrics(prometheus::Registry& registry);

}  // namespace stoa::cli
