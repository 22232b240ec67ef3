#include "net/cli/status_report.hpp"

#include "actors/kernel/cluster_view.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/text_table.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace stoa::cli {

namespace {

/// Thresholds of the alerts in docker/prometheus/stoa.rules.yml.
constexpr std::int64_t pending_s_max = 300;
constexpr std::int64_t stuck_s_min = 900;
constexpr std::int64_t mail_s_max = 600;
constexpr std::int64_t webhook_s_max = 3600;
constexpr std::int64_t outbox_lag_us_max = 30'000'000;
constexpr std::int64_t clock_skew_us_max = 1'000'000;

int badness(std::string_view status) {
  return status == status_unhealthy ? 2 : status == status_degraded ? 1 : 0;
}

int badness_of_store(const std::string& store) {
  if (store == kernel::store_lost) return 3;
  return store == "away" ? 2 : store == "failing" ? 1 : 0;
}

class findings {
 public:
  void add(std::string_view status, std::string code, std::optional<std::string> service,
           std::optional<std::string> node, std::string detail) {
    all_.push_back({std::string(status), std::move(code), std::move(service), std::move(node),
                    std::move(detail)});
  }
  std::vector<status_finding> take() {
    std::stable_sort(all_.begin(), all_.end(), [](const auto& a, const auto& b) {
      return badness(a.status) > badness(b.status);
    });
    return std::move(all_);
  }

 private:
  std::vector<status_finding> all_;
};

void judge_readiness(const readiness& ready, findings& found) {
  for (const auto& c : ready.capabilities) {
    if (c.available) continue;
    found.add(status_unhealthy, "capability_away", {}, {},
              c.capability + ": " + c.reason.value_or("not available"));
  }
  for (const auto& s : ready.services) {
    if (s.ready) continue;
    found.add(status_unhealthy, "not_ready", s.service, {}, s.missing.value_or("not ready"));
  }
}

std::string state_name(const kernel::node_state& n) {
  if (n.leaving) return "leaving";
  if (n.drained) return "drained";
  return n.cordoned ? "cordoned" : "serving";
}

/// Offset of the node's clock from its databases'; below one millisecond it is not significant.
std::string clock_of(const kernel::node_state& n) {
  if (std::abs(n.clock_ahead_us) < 1000) return "0";
  return n.clock_ahead_us < 0 ? "-" + lag_of(-n.clock_ahead_us) : lag_of(n.clock_ahead_us);
}

void judge_membership(const kernel::node_state& n, findings& found) {
  if (n.cordoned || n.drained) {
    found.add(status_degraded, "node_cordoned", {}, n.node,
              n.drained ? "drained: it takes no partitions and reports not ready"
                        : "cordoned: it takes no partitions");
  }
  if (n.held_back || std::abs(n.clock_ahead_us) > clock_skew_us_max) {
    found.add(status_degraded, "clock_skew", {}, n.node,
              "its clock differs by " + clock_of(n) + " from its databases'" +
                  (n.held_back ? ": it takes no partitions" : ""));
  }
  for (const auto& r : n.refused) {
    found.add(status_degraded, "node_refused", {}, n.node,
              "it rejects " + r.node + ": " + r.reason);
  }
}

void judge_nodes(const std::vector<kernel::node_state>& nodes, findings& found) {
  for (const auto& n : nodes) {
    judge_membership(n, found);
    if (n.bus == "broker away") {
      found.add(status_degraded, "bus_away", {}, n.node, "it is not connected to the broker");
    }
    for (const auto& s : n.services) {
      if (s.store == "away") {
        found.add(status_unhealthy, "store_away", s.service, n.node,
                  "its database cannot be reached");
      } else if (s.store == "failing") {
        found.add(status_unhealthy, "store_away", s.service, n.node,
                  "commits to its database fail");
      } else if (s.store == kernel::store_lost) {
        found.add(status_unhealthy, "store_data_lost", s.service, n.node,
                  "its database has lost its data");
      }
      if (s.replica && !s.replica->in_use) {
        found.add(status_degraded, "replica_unused", s.service, n.node,
                  s.replica->reason + " (" + lag_of(s.replica->lag_us) + ")");
      }
    }
  }
}

void judge_figures(const status_service& s, findings& found) {
  const auto& f = *s.figures;
  const auto oldest = f.oldest_pending_s.value_or(0);
  if (s.service == "notification") {
    const auto overdue = f.overdue_s.value_or(0);
    if (overdue > mail_s_max) {
      found.add(status_degraded, "mails_wait", s.service, {},
                "an email has been due for " + duration_of(overdue));
    }
  } else if (oldest > pending_s_max) {
    found.add(status_degraded, oldest > stuck_s_min ? "orders_stuck" : "orders_pending", s.service,
              {}, "the oldest Pending " + s.service + " is " + duration_of(oldest) + " old");
  }
  if (f.failed.value_or(0) > 0) {
    found.add(status_degraded, "mails_given_up", s.service, {},
              std::to_string(*f.failed) + " emails of the last 24 hours failed permanently");
  }
  if (const auto disabled = f.webhooks_disabled.value_or(0); disabled > 0) {
    found.add(status_degraded, "webhook_disabled", s.service, {},
              std::to_string(disabled) + " endpoints of webhooks are disabled");
  }
  if (const auto waited = f.webhook_oldest_pending_s.value_or(0); waited > webhook_s_max) {
    found.add(status_degraded, "webhooks_wait", s.service, {},
              "a webhook has not been delivered for " + duration_of(waited));
  }
  if (f.dead_letters > 0) {
    found.add(status_degraded, "dead_letters", s.service, {},
              std::to_string(f.dead_letters) + " events could not be applied");
  }
}

void judge_services(const std::vector<kernel::node_state>& nodes, findings& found) {
  for (const auto& [service, partitions] : kernel::partitions_without_owner(nodes)) {
    std::string which;
    for (const auto partition : partitions)
      which += (which.empty() ? "" : ", ") + std::to_string(partition);
    found.add(status_unhealthy, "partitions_without_owner", service, {},
              "no owner for partition " + which);
  }
  for (const auto& s : services_of(nodes)) {
    if (s.figures) judge_figures(s, found);
    if (s.outbox_lag_us > outbox_lag_us_max) {
      found.add(status_degraded, "outbox_lags", s.service, {},
                "its oldest undelivered event is " + lag_of(s.outbox_lag_us) + " old");
    }
  }
}

}  // namespace

std::vector<status_service> services_of(const std::vector<kernel::node_state>& nodes) {
  std::map<std::string, status_service> all;
  for (const auto& n : nodes) {
    for (const auto& s : n.services) {
      auto& one = all[s.service];
      one.service = s.service;
      one.partitions = std::max(one.partitions, s.partitions);
      ++one.nodes;
      if (one.store.empty() || badness_of_store(s.store) > badness_of_store(one.store)) {
        one.store = s.store;
      }
      if (!s.owned.empty()) one.owners.push_back(n.node);
      if (s.figures) one.figures = s.figures;
      for (const auto& l : s.owned) {
        one.mailbox += l.mailbox;
        one.outbox_events += l.outbox_held;
        one.outbox_lag_us = std::max(one.outbox_lag_us, l.outbox_lag_us);
      }
    }
  }
  std::vector<status_service> list;
  list.reserve(all.size());
  for (auto& [name, s] : all) list.push_back(std::move(s));
  return list;
}

std::vector<status_finding> findings_of(const std::vector<kernel::node_state>& nodes,
                                        const readiness& ready) {
  findings found;
  judge_readiness(ready, found);
  judge_nodes(nodes, found);
  judge_services(nodes, found);
  return found.take();
}

status_report report_of(std::vector<kernel::node_state> nodes, const readiness& ready,
                        const std::string& no_nodes) {
  status_report report;
  report.findings = findings_of(nodes, ready);
  if (!no_nodes.empty()) {
    report.findings.push_back({std::string(status_degraded), "nodes_unknown", {}, {}, no_nodes});
  }
  report.status =
      report.findings.empty() ? std::string(status_healthy) : report.findings.front().status;
  if (!nodes.empty()) report.cluster = nodes.front().cluster;
  report.services = services_of(nodes);
  report.nodes = std::move(nodes);
  return report;
}

void add_node_table(std::vector<screen_line>& to, const std::vector<kernel::node_state>& nodes) {
  std::vector<table_row> rows{
      {"NODE", "VERSION", "STATE", "UP", "PARTITIONS", "CLOCK", "EVENTS BY"}};
  for (const auto& n : nodes) {
    std::size_t partitions = 0;
    for (const auto& s : n.services) partitions += s.owned.size();
    rows.push_back({printable(n.node), printable(n.version), state_name(n), duration_of(n.up_s),
                    std::to_string(partitions), clock_of(n), printable(n.bus)});
  }
  add_table(to, rows, 3);
}

std::vector<screen_line> lines_of(const std::vector<status_finding>& findings) {
  if (findings.empty()) return {};
  std::vector<table_row> rows{{"STATUS", "SERVICE", "NODE", "FINDING", "DETAIL"}};
  for (const auto& f : findings) {
    rows.push_back({f.status, printable(f.service.value_or("-")), printable(f.node.value_or("-")),
                    f.code, printable(f.detail)});
  }
  std::vector<screen_line> lines;
  add_table(lines, rows, rows.front().size());
  return lines;
}

std::vector<screen_line> lines_of(const status_report& report) {
  const auto count = report.nodes.size();
  std::string head = report.status;
  if (count > 0) {
    head += "  cluster " + printable(report.cluster) + "  " + std::to_string(count) +
            (count == 1 ? " node" : " nodes");
  }
  std::vector<screen_line> all{{std::move(head), true}, {}};
  for (auto& line : lines_of(report.findings)) all.push_back(std::move(line));
  if (!report.findings.empty()) all.push_back({});
  if (report.nodes.empty()) return all;
  add_node_table(all, report.nodes);
  all.push_back({});
  std::vector<table_row> rows{{"SERVICE", "STORE", "PARTITIONS", "NODES", "OLDEST PENDING",
                               "FAILED", "DEAD LETTERS", "OUTBOX", "LAG", "OWNERS"}};
  for (const auto& s : report.services) {
    const auto pending = s.figures ? s.figures->oldest_pending_s : std::nullopt;
    const auto failed = s.figures ? s.figures->failed : std::nullopt;
    std::string owners;
    for (const auto& o : s.owners) owners += (owners.empty() ? "" : " ") + printable(o);
    rows.push_back({printable(s.service), s.store.empty() ? "-" : printable(s.store),
                    std::to_string(s.partitions), std::to_string(s.nodes),
                    pending ? duration_of(*pending) : "-", failed ? std::to_string(*failed) : "-",
                    s.figures ? std::to_string(s.figures->dead_letters) : "-",
                    std::to_string(s.outbox_events), lag_of(s.outbox_lag_us),
                    owners.empty() ? "(none)" : owners});
  }
  add_table(all, rows, 2);
  return all;
}

}  // namespace stoa::cli
