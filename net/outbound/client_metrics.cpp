#include "net/outbound/client_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace stoa::outbound {

struct client_metrics::state {
  state(prometheus::Registry& r, const std::string& client)
      : duration(prometheus::BuildHistogram()
                     .Name("stoa_outbound_request_duration_seconds")
                     .Help("Duration of outbound HTTP requests, including the time in the queue")
                     .Register(r)
                     .Add({{"client", client}},
                          prometheus::Histogram::BucketBoundaries{0.005, 0.02, 0.05, 0.1, 0.25, 0.5,
                                                                  1, 2.5, 5, 10, 30})),
        in_flight(gauge(r, client, "stoa_outbound_requests_in_flight",
                        "Outbound HTTP requests in progress")),
        queued(gauge(r, client, "stoa_outbound_requests_queued",
                     "Outbound HTTP requests in the queue")),
        connections(prometheus::BuildCounter()
                        .Name("stoa_outbound_connections_opened_total")
                        .Help("Connections opened for outbound HTTP requests")
                        .Register(r)
                        .Add({{"client", client}})) {
    auto& requests = prometheus::BuildCounter()
                         .Name("stoa_outbound_requests_total")
                         .Help("Outbound HTTP requests, by outcome")
                         .Register(r);
    for (std::size_t i = 0; i < outcome_count; ++i) {
      const auto how = static_cast<outcome>(i);
      by_outcome.at(i) =
          &requests.Add({{"client", client}, {"outcome", std::string(name_of(how))}});
    }
  }

  static prometheus::Gauge& gauge(prometheus::Registry& r, const std::string& client,
                                  const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(r).Add({{"client", client}});
  }

  prometheus::Histogram& duration;
  prometheus::Gauge& in_flight;
  prometheus::Gauge& queued;
  prometheus::Counter& connections;
  std::array<prometheus::Counter*, outcome_count> by_outcome{};
};

client_metrics::client_metrics(prometheus::Registry* registry, const std::string& client)
    : state_(registry != nullptr ? std::make_unique<state>(*registry, client) : nullptr) {}
client_metrics::~client_metrics() = default;

void client_metrics::ended(outcome how, std::chrono::nanoseconds duration) {
  if (!state_) return;
  state_->by_outcome.at(static_cast<std::size_t>(how))->Increment();
  state_->duration.Observe(std::chrono::duration<double>(duration).count());
}

void client_metrics::connections_opened(long count) {
  if (state_ && count > 0) state_->connections.Increment(static_cast<double>(count));
}

void client_metrics::load(std::size_t in_flight, std::size_t queued) {
  if (!state_) return;
  state_->in_flight.Set(static_cast<double>(in_flight));
  state_->queued.Set(static_cast<double>(queued));
}

}  // namespace stoa::outbound
