#pragma once
// The functions of the store, each with the services that it needs: a service that is not available
// disables its own capabilities only. Reported by /readyz, the metrics and the log.

#include "actors/kernel/node.hpp"
#include "config/services.hpp"

#include <memory>
#include <mutex>

namespace prometheus {
class Registry;
}

namespace stoa::front {

/// Stands for all capabilities in a list of required ones.
inline constexpr std::string_view every_capability = "all";

struct capability_state {
  static constexpr std::string_view schema_name = "capability";
  std::string capability;
  bool available = false;
  bool required = false;  ///< /readyz is 503 without it
  std::optional<std::string> reason;
  timestamp since;
};
BOOST_DESCRIBE_STRUCT(capability_state, (), (capability, available, required, reason, since))

/// The services that the capability lacks, with the reasons; empty: it is available.
std::string lacking(const config::capability& c,
                    const std::vector<kernel::service_health>& services);

/// Tracks which capabilities are available at this node. Thread-safe.
class capability_watch : public std::enable_shared_from_this<capability_watch> {
 public:
  explicit capability_watch(prometheus::Registry* registry);
  ~capability_watch();
  capability_watch(const capability_watch&) = delete;
  capability_watch& operator=(const capability_watch&) = delete;

  /// The current states; changes since the last call are logged and counted.
  std::vector<capability_state> look(const std::vector<kernel::service_health>& services);
  /// Checks every second, in the port, until the node closes it.
  void follow(std::shared_ptr<kernel::port> port, const kernel::node& node);

 private:
  struct metrics;
  std::mutex mutex_;
  std::vector<capability_state> states_;
  std::unique_ptr<metrics> metrics_;
};

}  // namespace stoa::front
