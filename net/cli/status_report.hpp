#pragma once
// What `stoa status` makes of the nodes' words: whether the store is well, and what is wrong.

#include "actors/kernel/node_state.hpp"
#include "net/cli/top_screen.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::cli {

/// Of a finding, and of the store: that of its worst finding. Degraded: it sells, but something
/// needs attention. Unhealthy: requests of some kind are not answered.
inline constexpr std::string_view status_healthy = "healthy";
inline constexpr std::string_view status_degraded = "degraded";
inline constexpr std::string_view status_unhealthy = "unhealthy";

struct status_finding {
  std::string status;
  std::string code;  ///< stable; that of the alert in docs/operations.md, in snake case
  std::optional<std::string> service;
  std::optional<std::string> node;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(status_finding, (), (status, code, service, node, detail))

struct status_service {
  std::string service;
  std::int64_t partitions = 0;
  std::vector<std::string> owners;  ///< nodes that have partitions of it
  std::int64_t nodes = 0;           ///< that run it
  std::string store;                ///< the worst that one of them says
  std::int64_t mailbox = 0;
  std::int64_t outbox_events = 0;
  std::int64_t outbox_lag_us = 0;
  std::optional<kernel::service_figures> figures;
};
BOOST_DESCRIBE_STRUCT(status_service, (),
                      (service, partitions, owners, nodes, store, mailbox, outbox_events,
                       outbox_lag_us, figures))

struct status_report {
  std::string status;
  std::string cluster;
  std::vector<status_finding> findings;  ///< the worst first
  std::vector<status_service> services;
  std::vector<kernel::node_state> nodes;
};
BOOST_DESCRIBE_STRUCT(status_report, (), (status, cluster, findings, services, nodes))

/// What the node that was asked says of its readiness.
struct readiness {
  struct of_service {
    std::string service;
    bool ready = false;
    std::optional<std::string> missing;
  };
  struct of_capability {
    std::string capability;
    bool available = false;
    std::optional<std::string> reason;
  };
  std::string status;
  std::vector<of_service> services;
  std::vector<of_capability> capabilities;
  /// What nodes of an earlier version do not say.
  static constexpr std::string_view defaults[] = {"capabilities"};
};
BOOST_DESCRIBE_STRUCT(readiness::of_service, (), (service, ready, missing))
BOOST_DESCRIBE_STRUCT(readiness::of_capability, (), (capability, available, reason))
BOOST_DESCRIBE_STRUCT(readiness, (), (status, services, capabilities))

/// The services of the nodes, by name.
std::vector<status_service> services_of(const std::vector<kernel::node_state>& nodes);
/// What is wrong as far as the nodes know, and what keeps the node that was asked from being ready;
/// the worst first.
std::vector<status_finding> findings_of(const std::vector<kernel::node_state>& nodes,
                                        const readiness& ready = {});
/// `no_nodes` says why nothing is known of the nodes, such as a user service that is away, without
/// which there is no login; empty: something is.
status_report report_of(std::vector<kernel::node_state> nodes, const readiness& ready,
                        const std::string& no_nodes = {});

/// A table of the nodes.
void add_node_table(std::vector<screen_line>& to, const std::vector<kernel::node_state>& nodes);
/// A line for each finding.
std::vector<screen_line> lines_of(const std::vector<status_finding>& findings);
std::vector<screen_line> lines_of(const status_report& report);

}  // namespace stoa::cli
