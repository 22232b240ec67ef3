#include "net/front/cluster_metrics.hpp"

#include "actors/kernel/cluster_view.hpp"

#include <prometheus/metric_family.h>

#include <optional>
#include <string>
#include <utility>

namespace stoa::front {

namespace {

/// A gauge, filled value by value; with one or two labels, or without labels and with one value.
/// Omitted while it has no value.
class gauge {
 public:
  gauge(std::string name, std::string help, std::string label = {}, std::string second = {})
      : family_{std::move(name), std::move(help), prometheus::MetricType::Gauge, {}},
        label_(std::move(label)),
        second_(std::move(second)) {}

  void add(const std::string& of, double value, const std::string& second = {}) {
    prometheus::ClientMetric m;
    if (!label_.empty()) m.label.push_back({label_, of});
    if (!second_.empty()) m.label.push_back({second_, second});
    m.gauge.value = value;
    family_.metric.push_back(std::move(m));
  }
  void add(const std::string& of, std::optional<std::int64_t> value) {
    if (value) add(of, static_cast<double>(*value));
  }
  void move_to(std::vector<prometheus::MetricFamily>& families) {
    if (!family_.metric.empty()) families.push_back(std::move(family_));
  }

 private:
  prometheus::MetricFamily family_;
  std::string label_;
  std::string second_;
};

void collect_services(std::vector<prometheus::MetricFamily>& families,
                      const kernel::node_state& me) {
  gauge up("stoa_store_up", "Whether the service's database accepts commits (1) or not (0)",
           "service");
  gauge dead("stoa_dead_letters", "Events in the service's dead letter queue", "service");
  gauge pending("stoa_oldest_pending_seconds",
                "Age of the oldest order, payment or notification in status Pending; 0 if none",
                "service");
  gauge failed("stoa_notifications_failed",
               "Notifications that failed permanently in the last 24 hours", "service");
  gauge overdue("stoa_notifications_overdue_seconds",
                "Time since the next attempt of a Pending notification was due; 0 if none is");
  gauge disabled("stoa_webhooks_disabled", "Disabled endpoints of webhooks", "service");
  gauge undelivered("stoa_webhook_oldest_pending_seconds",
                    "Age of the oldest webhook for an enabled endpoint that is not delivered; 0 if "
                    "none",
                    "service");
  gauge disputes("stoa_payment_disputes", "Disputes about payments by gateway and state", "gateway",
                 "state");
  for (const auto& s : me.services) {
    up.add(s.service, s.store == "ok" ? 1.0 : 0.0);
    if (!s.figures) continue;
    dead.add(s.service, s.figures->dead_letters);
    pending.add(s.service, s.figures->oldest_pending_s);
    failed.add(s.service, s.figures->failed);
    overdue.add("", s.figures->overdue_s);
    disabled.add(s.service, s.figures->webhooks_disabled);
    undelivered.add(s.service, s.figures->webhook_oldest_pending_s);
    for (const auto& d : s.figures->disputes.value_or(std::vector<kernel::dispute_figure>{})) {
      disputes.add(d.gateway, static_cast<double>(d.disputes), d.state);
    }
  }
  for (auto* g : {&up, &dead, &pending, &failed, &overdue, &disabled, &undelivered, &disputes})
    g->move_to(families);
}

void collect_nodes(std::vector<prometheus::MetricFamily>& families,
                   const std::vector<kernel::node_state>& nodes) {
  double serving = 0;
  double leaving = 0;
  for (std::size_t i = 1; i < nodes.size(); ++i) ++(nodes[i].leaving ? leaving : serving);
  gauge peers("stoa_peers", "Other nodes, by state: serving, leaving or recently rejected",
              "state");
  peers.add("serving", serving);
  peers.add("leaving", leaving);
  peers.add("refused", static_cast<double>(nodes.front().refused.size()));
  peers.move_to(families);
  gauge cordoned("stoa_node_cordoned",
                 "Whether the node is cordoned or drained and takes no partitions (1) or not (0)");
  const auto& me = nodes.front();
  cordoned.add("", me.cordoned || me.drained ? 1.0 : 0.0);
  cordoned.move_to(families);
  const auto missing = kernel::partitions_without_owner(nodes);
  gauge ownerless("stoa_partitions_without_owner",
                  "Partitions of the service without an owner, as seen by this node", "service");
  for (const auto& s : nodes.front().services) {
    const auto found = missing.find(s.service);
    ownerless.add(s.service,
                  found == missing.end() ? 0.0 : static_cast<double>(found->second.size()));
  }
  ownerless.move_to(families);
}

void collect_bus(std::vector<prometheus::MetricFamily>& families, const kernel::node_state& me) {
  if (me.bus == "nodes") return;
  gauge up("stoa_bus_up", "Whether the node is connected to the message broker (1) or not (0)",
           "bus");
  up.add("nats", me.bus == "broker" ? 1.0 : 0.0);
  up.move_to(families);
}

}  // namespace

void collect_cluster(std::vector<prometheus::MetricFamily>& families,
                     const std::vector<kernel::node_state>& nodes) {
  if (nodes.empty()) return;
  collect_services(families, nodes.front());
  collect_nodes(families, nodes);
  collect_bus(families, nodes.front());
}

}  // namespace stoa::front
