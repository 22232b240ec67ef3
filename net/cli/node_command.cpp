// `stoa node cordon|drain|uncordon` and `stoa log-level`: commands to one node of a running
// cluster.

#include "net/cli/commands.hpp"
#include "net/cli/fetch_nodes.hpp"
#include "net/cli/subcommands.hpp"
#include "net/http/percent.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>

namespace stoa::cli {

namespace {

constexpr milliseconds drain_look_interval{200};

struct level_wish {
  std::string level;
  std::optional<std::int64_t> duration_s;
};
BOOST_DESCRIBE_STRUCT(level_wish, (), (level, duration_s))

std::string target_of(const std::string& node, const std::string& action) {
  return "/admin/v1/nodes/" + http::percent_encode(node) + "/" + action;
}

void send(server_session& session, http_request q) {
  const auto reply = session.call(std::move(q));
  if (reply.status != 204) throw std::runtime_error(reason_of(reply));
}

/// The node's remaining partitions and unanswered requests.
std::int64_t left_at(server_session& session, const std::string& node) {
  const auto all = json::read_lenient<nodes_answer>(fetch_nodes(session));
  if (!all) throw std::runtime_error("cannot parse the response: " + all.error().detail);
  const auto found = std::ranges::find(all->data, node, &kernel::node_state::node);
  if (found == all->data.end()) throw std::runtime_error("the node is no longer connected");
  std::int64_t left = 0;
  for (const auto& s : found->services) {
    left += s.in_flight + static_cast<std::int64_t>(s.owned.size());
  }
  return left;
}

void await_drained(server_session& session, const node_command_options& o) {
  const auto until = std::chrono::steady_clock::now() + seconds{o.wait_s};
  while (const auto left = left_at(session, o.node)) {
    if (std::chrono::steady_clock::now() >= until) {
      throw std::runtime_error("after " + std::to_string(o.wait_s) + " s the node still has " +
                               std::to_string(left) + " partitions and requests");
    }
    std::this_thread::sleep_for(drain_look_interval);
  }
}

}  // namespace

int run_node_command(const node_command_options& o) {
  return in_session(o.server, [&](server_session& session) {
    http_request q;
    q.method = "POST";
    q.target = target_of(o.node, o.action);
    send(session, std::move(q));
    if (o.wait_s > 0) await_drained(session, o);
    return exit_done;
  });
}

int run_log_level(const log_level_options& o) {
  return in_session(o.server, [&](server_session& session) {
    http_request q;
    q.method = "PUT";
    q.target = target_of(o.node, "log-level");
    q.body = json::write(
        level_wish{o.level, o.duration_s > 0 ? std::optional(o.duration_s) : std::nullopt});
    send(session, std::move(q));
    return exit_done;
  });
}

}  // namespace stoa::cli
