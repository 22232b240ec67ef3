#include "net/cli/offline_partition.hpp"

#include "config/log.hpp"
#include "storage/base/time.hpp"

#include <stdexcept>
#include <thread>

namespace stoa::cli {

kernel::partition_grant take_offline_partition(db::connection& c, const settings& s,
                                               bool one_partition) {
  kernel::make_partitions(c, one_partition ? 1 : s.postgres.writers);
  auto before = kernel::read_partitions(c);
  bool owned = false;
  for (const auto& l : before) owned = owned || !l.owner.empty();
  if (owned) {
    // A live owner updates its heartbeat.
    std::this_thread::sleep_for(milliseconds{s.cluster.lease_ms});
    for (const auto& now : kernel::read_partitions(c)) {
      const auto& then = before.at(static_cast<std::size_t>(now.partition));
      if (now.beat != then.beat || now.epoch != then.epoch) {
        throw std::runtime_error("the database is being served by the node " + now.owner +
                                 use_url_hint);
      }
    }
  }
  return kernel::force_take_partition(c, 0, "offline");
}

void release_offline_partition(db::connection& c, const kernel::partition_grant& grant) noexcept {
  try {
    kernel::release_partition(c, grant);
  } catch (const std::exception& e) {
    log::warn("partition not released", {{"error", std::string(e.what())}});
  }
}

}  // namespace stoa::cli
