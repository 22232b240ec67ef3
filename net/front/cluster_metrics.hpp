#pragma once
// Metrics of the cluster and of the databases of the partitions, as seen by this node.

#include "actors/kernel/node_state.hpp"

#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace stoa::front {

/// Adds the gauges of `nodes`, this one first (kernel::node::nodes). A service's figures are
/// exported only by the node that has read them, so that a sum over nodes counts nothing twice.
void collect_cluster(std::vector<prometheus::MetricFamily>& families,
                     const std::vector<kernel::node_state>& nodes);

}  // namespace stoa::front
