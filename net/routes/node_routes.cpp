// The nodes of the cluster, and operator actions on them.

#include "net/routes/node_routes.hpp"

#include "actors/kernel/node_operation.hpp"
#include "net/front/security_log.hpp"

namespace stoa::front {

namespace {

using response_task = task<http::response>;
using kernel::node_action;

struct node_list {
  static constexpr std::string_view schema_name = "node_list";
  std::vector<kernel::node_state> data;
};
BOOST_DESCRIBE_STRUCT(node_list, (), (data))

constexpr std::int64_t duration_s_max = 86'400;

struct log_level_body {
  static constexpr std::string_view schema_name = "log_level";
  static constexpr std::string_view example = R"({"level":"debug","duration_s":600})";
  std::string level;
  std::optional<std::int64_t> duration_s;
  static constexpr json::rule rules[] = {
      {.field = "level",
       .description = "The minimum level of logged messages.",
       .one_of = "trace debug info warn error"},
      {.field = "duration_s",
       .value_min = 1,
       .value_max = duration_s_max,
       .description =
           "Seconds until the configured level is restored; if omitted, it is restored at "
           "the node's next start."}};
};
BOOST_DESCRIBE_STRUCT(log_level_body, (), (level, duration_s))

/// All nodes of the cluster as seen by this one, itself first.
response_task list_nodes(exchange& x, none) {
  co_return x.json(200, node_list{x.shared->node->nodes()});
}

response_task operate(exchange& x, kernel::node_operation what) {
  const auto& node = x.path_value("node");
  x.shared->security->node_operated(x, node, enum_name(what.action), what.level.value_or(""));
  callback_wait<kernel::answer> wait(
      [&](auto then) { x.port->operate(node, std::move(what), std::move(then)); });
  kernel::answer a = co_await wait;
  if (a.error && a.error->code == "unknown_message") {
    fail(unavailable("The node " + node + " runs a version that does not support this operation."));
  }
  if (a.error) fail(std::move(*a.error));
  co_return x.no_content();
}

void add_action(routes& r, node_action action, std::string summary, std::string description) {
  const std::string name(enum_name(action));
  r.post<empty_body, none>("/admin/v1/nodes/{node}/" + name,
                           {.id = name + "_node",
                            .tag = "admin",
                            .summary = std::move(summary),
                            .description = std::move(description),
                            .who = access::admin,
                            .success = {204},
                            .errors = {404}},
                           [action](exchange& x, empty_body) {
                             return operate(x, {action, {}, {}});
                           });
}

}  // namespace

void add_node_routes(routes& r) {
  r.get<none, node_list>(
      "/admin/v1/nodes",
      {.id = "list_nodes",
       .tag = "admin",
       .summary = "List the nodes of the cluster with their partitions and queues",
       .who = access::staff,
       .vital = true},
      list_nodes);
  add_action(
      r, node_action::cordon, "Cordon a node: move its partitions to other nodes",
      "The node hands over its partitions, as far as other nodes run the services, and takes no "
      "others. It continues to serve requests. Ends with uncordon, or when the node is "
      "restarted.");
  add_action(r, node_action::drain, "Drain a node before it is stopped",
             "As cordon, and `/readyz` of the node is 503, so that load balancers send it no "
             "further requests. Requests that still arrive are served.");
  add_action(r, node_action::uncordon, "End cordon and drain of a node",
             "The node takes partitions and requests again.");
  r.put<log_level_body, none>(
      "/admin/v1/nodes/{node}/log-level",
      {.id = "set_log_level",
       .tag = "admin",
       .summary = "Change the log level of a running node",
       .who = access::admin,
       .success = {204},
       .errors = {404}},
      [](exchange& x, log_level_body b) {
        return operate(x, {node_action::log_level, std::move(b.level), b.duration_s});
      });
}

}  // namespace stoa::front
