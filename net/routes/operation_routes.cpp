#include "config/settings.hpp"
#include "net/front/access_log.hpp"
#include "net/front/capabilities.hpp"
#include "net/front/client_limits.hpp"
#include "net/front/cluster_metrics.hpp"
#include "net/front/edge_metrics.hpp"
#include "net/front/front_metrics.hpp"
#include "net/front/process_metrics.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/node_routes.hpp"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace stoa::front {

namespace {

using response_task = task<http::response>;

struct live_view {
  static constexpr std::string_view schema_name = "liveness";
  std::string status;
  std::string version;
};
BOOST_DESCRIBE_STRUCT(live_view, (), (status, version))

struct replica_view {
  static constexpr std::string_view schema_name = "replica_readiness";
  bool in_use = false;
  std::optional<std::string> reason;
  double lag_s = 0;
};
BOOST_DESCRIBE_STRUCT(replica_view, (), (in_use, reason, lag_s))

struct service_state {
  static constexpr std::string_view schema_name = "service_readiness";
  std::string service;
  bool ready = false;
  std::optional<std::string> missing;
  std::int64_t requests_in_flight = 0;
  std::int64_t mailbox = 0;
  double outbox_lag_s = 0;
  /// When it is not in use, queries use the primary: the service is ready in any case.
  std::optional<replica_view> replica;
};
BOOST_DESCRIBE_STRUCT(service_state, (),
                      (service, ready, missing, requests_in_flight, mailbox, outbox_lag_s, replica))
struct ready_view {
  static constexpr std::string_view schema_name = "readiness";
  std::string status;
  std::vector<service_state> services;
  std::vector<capability_state> capabilities;
};
BOOST_DESCRIBE_STRUCT(ready_view, (), (status, services, capabilities))

struct ready_query {
  std::optional<std::vector<std::string>> require;
  static constexpr json::rule rules[] = {
      {.field = "require",
       .description = "Capabilities that are required for 200, instead of those of the "
                      "settings; all: every capability.",
       .example = R"(["checkout"])"}};
};
BOOST_DESCRIBE_STRUCT(ready_query, (), (require))

std::optional<replica_view> view_of(const std::optional<kernel::replica_state>& r) {
  if (!r) return std::nullopt;
  replica_view view{r->in_use, std::nullopt, static_cast<double>(r->lag_us) / 1e6};
  if (!r->reason.empty()) view.reason = r->reason;
  return view;
}

service_state state_of(const kernel::service_health& h) {
  service_state s{h.service,         h.ready,   {},
                  h.in_flight,       h.mailbox, static_cast<double>(h.outbox_lag_us) / 1e6,
                  view_of(h.replica)};
  if (!h.ready) s.missing = h.missing;
  return s;
}

/// Fails for an unknown capability.
void check_required(const std::vector<std::string>& required) {
  for (const auto& name : required) {
    if (!config::is_capability(name)) {
      fail({400,
            "invalid_request",
            "Unknown capability.",
            {{"?require", "value", "names from `capabilities`, or all"}}});
    }
  }
}

/// Why the node as a whole is not ready.
std::string_view held_back(const exchange& x) {
  if (*x.shared->draining) return "stopping";
  return x.shared->node->drained() ? "draining" : "";
}

/// A node that serves customers is ready while the required capabilities are available; any other
/// node, while all its services are.
response_task ready(exchange& x, ready_query q) {
  const auto& required = q.require ? *q.require : x.shared->config->http.ready_requires;
  check_required(required);
  const auto requires_it = [&](const std::string& name) {
    return std::ranges::any_of(required,
                               [&](const auto& r) { return r == name || r == every_capability; });
  };
  ready_view view{"ready", {}, {}};
  const auto services = x.shared->node->health();
  for (const auto& s : services) {
    if (x.shared->operation_only && !s.here) continue;
    view.services.push_back(state_of(s));
    if (x.shared->operation_only && !s.ready) view.status = "not ready";
  }
  if (x.shared->capabilities) view.capabilities = x.shared->capabilities->look(services);
  for (auto& c : view.capabilities) {
    c.required = requires_it(c.capability);
    if (c.available) continue;
    if (c.required) view.status = "not ready";
    if (view.status == "ready") view.status = "degraded";
  }
  // Its clock is wrong and other nodes own the partitions, but it serves requests.
  if (view.status == "ready" && x.shared->node->nodes().front().held_back) view.status = "degraded";
  if (const auto why = held_back(x); !why.empty()) view.status = why;
  co_return x.json(view.status == "ready" || view.status == "degraded" ? 200 : 503, view);
}

void add_lost_lines(std::vector<prometheus::MetricFamily>& families, std::uint64_t lost) {
  prometheus::ClientMetric m;
  m.counter.value = static_cast<double>(lost);
  families.push_back({"stoa_access_log_lines_lost_total",
                      "Access log lines dropped because the disk is slow or full",
                      prometheus::MetricType::Counter,
                      {m}});
}

response_task metrics(exchange& x, none) {
  x.shared->node->health();  // updates the gauges
  x.shared->limits->measure(*x.shared->passwords);
  x.shared->metrics->load(x.shared->entrance->in_flight(), x.shared->entrance->limit());
  http::response r;
  r.content_type = "text/plain; version=0.0.4; charset=utf-8";
  auto families = x.shared->registry->Collect();
  x.shared->edges->collect(families);
  collect_process(families);
  collect_cluster(families, x.shared->node->nodes());
  if (x.shared->access) add_lost_lines(families, x.shared->access->lost());
  r.body = prometheus::TextSerializer().Serialize(families);
  co_return r;
}

http::response document(exchange& x, const std::string& text) {
  http::response response;
  response.content_type = "application/json";
  response.body = text;
  return x.with_etag(std::move(response));
}

}  // namespace

void add_operation_routes(routes& r, const front_end& front) {
  r.get<none, live_view>("/livez",
                         {.id = "livez",
                          .tag = "operation",
                          .summary = "Liveness probe",
                          .vital = true,
                          .on_admin_listen = true},
                         [](exchange& x, none) -> response_task {
                           co_return x.json(200, live_view{"live", STOA_VERSION});
                         });
  r.get<ready_query, ready_view>(
      "/readyz",
      {.id = "readyz",
       .tag = "operation",
       .summary = "Readiness probe, with the capabilities of the node",
       .description = "200 while the required capabilities are available, 503 otherwise and "
                      "while the node is draining.",
       .success = {200, 503},
       .vital = true,
       .on_admin_listen = true},
      ready);
  r.get<none, none>("/metrics",
                    {.id = "metrics",
                     .tag = "operation",
                     .summary = "Prometheus metrics",
                     .vital = true,
                     .on_admin_listen = true,
                     .reply_type = "text/plain; version=0.0.4; charset=utf-8"},
                    metrics);
  r.get<none, none>(
      "/openapi.json",
      {.id = "openapi",
       .tag = "operation",
       .summary = "This document",
       .success = {200, 304},
       .shared_cache = true,
       .cost = list_cost},
      [&front](exchange& x, none) -> response_task { co_return document(x, front.openapi()); });
  r.get<none, none>(
      "/asyncapi.json",
      {.id = "asyncapi",
       .tag = "operation",
       .summary = "The events published to the message broker, as an AsyncAPI document",
       .success = {200, 304},
       .shared_cache = true,
       .cost = list_cost},
      [&front](exchange& x, none) -> response_task { co_return document(x, front.asyncapi()); });
  add_node_routes(r);
}

}  // namespace stoa::front
