#include "net/cli/fetch_nodes.hpp"

namespace stoa::cli {

std::string fetch_nodes(server_session& session) {
  http_request q;
  q.target = "/admin/v1/nodes";
  auto reply = session.call(std::move(q));
  if (reply.status == 200) return std::move(reply.body);
  if (reply.status == 403) {
    throw access_refused("listing the nodes requires a staff login: " + reason_of(reply));
  }
  if (is_final(reply)) throw access_refused("cannot list the nodes: " + reason_of(reply));
  throw std::runtime_error(reason_of(reply));
}

}  // namespace stoa::cli
