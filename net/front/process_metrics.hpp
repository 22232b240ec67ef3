#pragma once
// What Prometheus' client libraries say of every process, and which program this is.

#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace stoa::front {

/// Adds process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes,
/// process_open_fds, process_max_fds, process_start_time_seconds and stoa_build_info, as they are
/// now. What /proc does not tell is left out.
void collect_process(std::vector<prometheus::MetricFamily>& families);

}  // namespace stoa::front
