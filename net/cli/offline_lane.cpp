#include "net/cli/offline_lane.hpp"

#include "config/log.hpp"
#include "storage/base/time.hpp"

#include <stdexcept>
#include <thread>

namespace stoa::cli {

kernel::lane_grant take_offline_lane(db::connection& c, const settings& s, bool one_lane) {
  kernel::make_lanes(c, one_lane ? 1 : s.postgres.writers);
  auto before = kernel::read_lanes(c);
  bool owned = false;
  for (const auto& l : before) owned = owned || !l.owner.empty();
  if (owned) {
    // Whether the owners live shows in the signs of life that they leave.
    std::this_thread::sleep_for(milliseconds{s.cluster.lease_ms});
    for (const auto& now : kernel::read_lanes(c)) {
      const auto& then = before.at(static_cast<std::size_t>(now.lane));
      if (now.beat != then.beat || now.epoch != then.epoch) {
        throw std::runtime_error("the database is being served by the node " + now.owner +
                                 use_url_hint);
      }
    }
  }
  return kernel::seize_lane(c, 0, "offline");
}

void release_offline_lane(db::connection& c, const kernel::lane_grant& grant) noexcept {
  try {
    kernel::release_lane(c, grant);
  } catch (const std::exception& e) {
    log::warn("lane not released", {{"error", std::string(e.what())}});
  }
}

}  // namespace stoa::cli
