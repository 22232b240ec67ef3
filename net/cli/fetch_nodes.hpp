#pragma once
// Requests the list of a cluster's nodes from one node over HTTP.

#include "actors/kernel/node_state.hpp"
#include "net/cli/server_session.hpp"

#include <string>
#include <vector>

namespace stoa::cli {

struct nodes_answer {
  std::vector<kernel::node_state> data;
};
BOOST_DESCRIBE_STRUCT(nodes_answer, (), (data))

/// The body of GET /admin/v1/nodes. Throws access_refused when a retry cannot succeed, and
/// std::runtime_error when there is no response.
std::string fetch_nodes(server_session& session);

}  // namespace stoa::cli
