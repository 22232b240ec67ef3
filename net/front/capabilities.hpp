#pragma once
// What customers and staff can do with the store, each with the services that it needs: a service
// that is away takes its own functions with it and no others. /readyz, the metrics and the log
// report them.

#include "actors/kernel/node.hpp"
#include "config/services.hpp"

#include <memory>
#include <mutex>

namespace prometheus {
class Registry;
}

namespace stoa::front {

/// Stands for all capabilities where some are required.
inline constexpr std::string_view every_capability = "all";

struct capability_state {
  static constexpr std::string_view schema_name = "capability";
  std::string capability;
  bool available = false;
  bool required = false;  ///< the answer is 503 without it
  std::optional<std::string> reason;
  timestamp since;
};
BOOST_DESCRIBE_STRUCT(capability_state, (), (capability, available, required, reason, since))

/// Why the capability is not available: the services that it lacks; empty: it is.
std::string lacking(const config::capability& c,
                    const std::vector<kernel::service_health>& services);

/// Follows the capabilities of the store as this node sees them. Thread-safe.
class capability_watch : public std::enable_shared_from_this<capability_watch> {
 public:
  explicit capability_watch(prometheus::Registry* registry);
  ~capability_watch();
  capability_watch(const capability_watch&) = delete;
  capability_watch& operator=(const capability_watch&) = delete;

  /// The states now; changes since the last call are logged and counted.
  std::vector<capability_state> look(const std::vector<kernel::service_health>& services);
  /// Looks every second, in the port, until the node closes it.
  void follow(std::shared_ptr<kernel::port> port, const kernel::node& node);

 private:
  struct metrics;
  std::mutex mutex_;
  std::vector<capability_state> states_;
  std::unique_ptr<metrics> metrics_;
};

}  // namespace stoa::front
