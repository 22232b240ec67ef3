#pragma once
// What this node knows of the cluster and of the databases of its partitions, as metrics.

#include "actors/kernel/node_state.hpp"

#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace stoa::front {

/// Adds the gauges of `nodes`, this one first (kernel::node::nodes). A figure of a service stands
/// at the one node that has read it, so that a sum over nodes counts nothing twice.
void collect_cluster(std::vector<prometheus::MetricFamily>& families,
                     const std::vector<kernel::node_state>& nodes);

}  // namespace stoa::front
