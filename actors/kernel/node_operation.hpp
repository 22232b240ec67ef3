#pragma once
// Operators' commands to a running node. Sent between nodes as JSON.

#include "storage/base/describe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::kernel {

enum class node_action {
  cordon,    ///< hand over all partitions and take none; requests are served as before
  drain,     ///< as cordon, and report not ready, so that load balancers send no more requests
  uncordon,  ///< reverts both
  log_level  ///< set the log level to `level`, for `duration_s` if set
};
BOOST_DESCRIBE_ENUM(node_action, cordon, drain, uncordon, log_level)

struct node_operation {
  /// Other nodes send it as a request to the service `node`.
  static constexpr std::string_view service = "node";
  static constexpr std::string_view name = "node.operate";
  node_action action{};
  std::optional<std::string> level;
  std::optional<std::int64_t> duration_s;
};
BOOST_DESCRIBE_STRUCT(node_operation, (), (action, level, duration_s))

}  // namespace stoa::kernel
