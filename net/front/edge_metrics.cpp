#include "net/front/edge_metrics.hpp"

#include <prometheus/metric_family.h>

#include <utility>

namespace stoa::front {

namespace {

using prometheus::MetricType;

/// One metric of each listener.
struct row {
  const char* name;
  const char* help;
  MetricType type;
  std::uint64_t http::server_counters::*value;
  const char* reason = nullptr;  ///< value of the label `reason`; rows of one name are adjacent
};

constexpr row rows[] = {
    {"stoa_http_connections", "Open connections", MetricType::Gauge,
     &http::server_counters::connections_open},
    {"stoa_http_connections_total", "Accepted connections", MetricType::Counter,
     &http::server_counters::connections_total},
    {"stoa_http_connections_rejected_total", "Connections rejected by a limit", MetricType::Counter,
     &http::server_counters::connections_refused, "connections_max"},
    {"stoa_http_connections_rejected_total", "Connections rejected by a limit", MetricType::Counter,
     &http::server_counters::connections_refused_by_address, "address"},
    {"stoa_http_connections_closed_idle_total", "Idle connections closed in favour of new ones",
     MetricType::Counter, &http::server_counters::connections_closed_idle},
    {"stoa_http_clients", "Client addresses with open connections, exempt ones excluded",
     MetricType::Gauge, &http::server_counters::clients_connected},
    {"stoa_http_accept_errors_total", "Connections not accepted for lack of file descriptors",
     MetricType::Counter, &http::server_counters::accept_errors},
    {"stoa_http_tls_handshakes_failed_total", "Failed TLS handshakes", MetricType::Counter,
     &http::server_counters::tls_handshakes_failed},
    {"stoa_http_handler_timeouts_total", "Requests whose handler did not respond in time",
     MetricType::Counter, &http::server_counters::handler_timeouts},
    {"stoa_http_body_bytes", "Memory held by incomplete request bodies", MetricType::Gauge,
     &http::server_counters::body_bytes_held},
    {"stoa_http_bodies_rejected_total",
     "Request bodies rejected by http.unfinished_bodies_bytes_max", MetricType::Counter,
     &http::server_counters::bodies_refused},
    {"stoa_http_allocation_failures_total", "Requests that failed for lack of memory",
     MetricType::Counter, &http::server_counters::allocation_failures},
    {"stoa_http_received_bytes_total", "Bytes received from clients", MetricType::Counter,
     &http::server_counters::bytes_in},
    {"stoa_http_sent_bytes_total", "Bytes sent to clients", MetricType::Counter,
     &http::server_counters::bytes_out},
};

prometheus::ClientMetric metric(const row& r, const std::string& listener, double value) {
  prometheus::ClientMetric m;
  m.label.push_back({"listener", listener});
  if (r.reason != nullptr) m.label.push_back({"reason", r.reason});
  if (r.type == MetricType::Counter) {
    m.counter.value = value;
  } else {
    m.gauge.value = value;
  }
  return m;
}

}  // namespace

void edge_metrics::watch(std::string name, const http::server& edge) {
  edges_.push_back({std::move(name), &edge});
}

void edge_metrics::collect(std::vector<prometheus::MetricFamily>& families) const {
  std::vector<http::server_counters> counts;
  for (const auto& e : edges_) counts.push_back(e.edge->counters());
  for (const auto& r : rows) {
    if (families.empty() || families.back().name != r.name) {
      families.push_back({r.name, r.help, r.type, {}});
    }
    for (std::size_t i = 0; i < edges_.size(); ++i) {
      const auto value = static_cast<double>(counts[i].*r.value);
      families.back().metric.push_back(metric(r, edges_[i].name, value));
    }
  }
  auto& refused = families.emplace_back();
  refused = {"stoa_http_early_rejections_total",
             "Requests rejected as malformed, too large or too slow, by problem code",
             MetricType::Counter,
             {}};
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    for (std::size_t reason = 0; reason < http::refusal_reasons.size(); ++reason) {
      prometheus::ClientMetric m;
      m.label = {{"listener", edges_[i].name},
                 {"reason", std::string(http::refusal_reasons[reason])}};
      m.counter.value = static_cast<double>(counts[i].refused_by_reason[reason]);
      refused.metric.push_back(std::move(m));
    }
  }
  auto& limits = families.emplace_back();
  limits = {"stoa_http_connections_limit", "Maximum open connections", MetricType::Gauge, {}};
  for (const auto& e : edges_) {
    prometheus::ClientMetric m;
    m.label.push_back({"listener", e.name});
    m.gauge.value = static_cast<double>(e.edge->connections_limit());
    limits.metric.push_back(std::move(m));
  }
}

}  // namespace stoa::front
