#pragma once
// Evaluates what the nodes report: whether the store is healthy, and the findings.

#include "actors/kernel/node_state.hpp"
#include "net/cli/top_screen.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::cli {

/// Status of a finding; the store has the worst status of its findings. Degraded: it works, but
/// needs attention. Unhealthy: some requests fail.
inline constexpr std::string_view status_healthy = "healthy";
inline constexpr std::string_view status_degraded = "degraded";
inline constexpr std::string_view status_unhealthy = "unhealthy";

struct status_finding {
  std::string status;
  std::string code;  ///< stable: the alert of docs/operations.md, in snake case
  std::optional<std::string> service;
  std::optional<std::string> node;
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(status_finding, (), (status, code, service, node, detail))

struct status_service {
  std::string service;
  std::int64_t partitions = 0;
  std::vector<std::string> owners;  ///< nodes that own partitions of the service
  std::int64_t nodes = 0;           ///< nodes that run the service
  std::string store;                ///< the worst state that a node reports
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
  std::vector<status_finding> findings;  ///< worst first
  std::vector<status_service> services;
  std::vector<kernel::node_state> nodes;
};
BOOST_DESCRIBE_STRUCT(status_report, (), (status, cluster, findings, services, nodes))

/// Readiness as reported by the queried node.
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
  /// Not reported by nodes of earlier versions.
  static constexpr std::string_view defaults[] = {"capabilities"};
};
BOOST_DESCRIBE_STRUCT(readiness::of_service, (), (service, ready, missing))
BOOST_DESCRIBE_STRUCT(readiness::of_capability, (), (capability, available, reason))
BOOST_DESCRIBE_STRUCT(readiness, (), (status, services, capabilities))

/// The nodes' services, by name.
std::vector<status_service> services_of(const std::vector<kernel::node_state>& nodes);
/// Findings from the nodes' reports and the queried node's readiness, worst first.
std::vector<status_finding> findings_of(const std::vector<kernel::node_state>& nodes,
                                        const readiness& ready = {});
/// `no_nodes`: why the nodes are unknown (for example no login, because the user service is
/// unavailable); empty: they are known.
status_report report_of(std::vector<kernel::node_state> nodes, const readiness& ready,
                        const std::string& no_nodes = {});

/// A table of the nodes.
void add_node_table(std::vector<screen_line>& to, const std::vector<kernel::node_state>& nodes);
/// One line per finding.
std::vector<screen_line> lines_of(const std::vector<status_finding>& findings);
std::vector<screen_line> lines_of(const status_report& report);

}  // namespace stoa::cli
