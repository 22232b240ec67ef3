#pragma once
// What an operator can have a running node do. Travels between nodes as JSON.

#include "storage/base/describe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::kernel {

enum class node_action {
  cordon,    ///< hand the partitions over and take none, serve requests as before
  drain,     ///< as cordon, and report not ready, so that load balancers send nothing more
  uncordon,  ///< the end of both
  log_level  ///< log from `level` on, for `duration_s` when it is set
};
BOOST_DESCRIBE_ENUM(node_action, cordon, drain, uncordon, log_level)

struct node_operation {
  /// By which other nodes ask: a request to the service `node`.
  static constexpr std::string_view service = "node";
  static constexpr std::string_view name = "node.operate";
  node_action action{};
  std::optional<std::string> level;
  std::optional<std::int64_t> duration_s;
};
BOOST_DESCRIBE_STRUCT(node_operation, (), (action, level, duration_s))

}  // namespace stoa::kernel
