#pragma once
// The standard process metrics of Prometheus' client libraries, and the build info.

#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace stoa::front {

/// Adds the current process_cpu_seconds_total, process_resident_memory_bytes,
/// process_virtual_memory_bytes, process_open_fds, process_max_fds, process_start_time_seconds and
/// stoa_build_info. Values that /proc does not provide are omitted.
void collect_process(std::vector<prometheus::MetricFamily>& families);

}  // namespace stoa::front
