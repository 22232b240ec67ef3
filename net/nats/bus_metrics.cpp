#include "net/nats/bus_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>

namespace stoa::nats {

namespace {

using counter_family = prometheus::Family<prometheus::Counter>;

counter_family& counters(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r);
}

}  // namespace

struct bus_metrics::state {
  explicit state(prometheus::Registry& r)
      : publishes(counters(r, "stoa_bus_events_published_total",
                           "Events published to the broker, by outcome")),
        connections(counters(r, "stoa_bus_connections_total",
                             "Attempts to connect to the broker, by outcome")),
        deliveries(counters(r, "stoa_bus_events_delivered_total",
                            "Events received from the broker, by service and kind")),
        rejections(counters(r, "stoa_bus_events_rejected_total",
                            "Events from the broker with a rejected signature, by reason")),
        verdict_rejections(
            counters(r, "stoa_bus_verdicts_rejected_total",
                     "Verdict messages from the broker that were rejected, by reason")),
        up(prometheus::BuildGauge()
               .Name("stoa_bus_ready")
               .Help("1 while the broker is connected and the stream and consumers exist")
               .Register(r)
               .Add({})),
        by_count{&publishes.Add({{"outcome", "confirmed"}}),
                 &publishes.Add({{"outcome", "duplicate"}}),
                 &publishes.Add({{"outcome", "failed"}}),
                 &publishes.Add({{"outcome", "dropped"}}),
                 &connections.Add({{"outcome", "made"}}),
                 &connections.Add({{"outcome", "failed"}}),
                 &counters(r, "stoa_bus_consumers_replaced_total",
                           "Unresponsive consumers at the broker that were recreated")
                      .Add({})} {}

  counter_family& publishes;
  counter_family& connections;
  counter_family& deliveries;
  counter_family& rejections;
  counter_family& verdict_rejections;
  prometheus::Gauge& up;
  std::array<prometheus::Counter*, 7> by_count;  ///< in the order of bus_count
};

bus_metrics::bus_metrics(prometheus::Registry* registry)
    : state_(registry != nullptr ? std::make_unique<state>(*registry) : nullptr) {}
bus_metrics::~bus_metrics() = default;

void bus_metrics::count(bus_count what, std::size_t n) {
  if (!state_ || n == 0) return;
  state_->by_count.at(static_cast<std::size_t>(what))->Increment(static_cast<double>(n));
}

void bus_metrics::count(delivery_count what, const std::string& service) {
  if (!state_) return;
  constexpr std::array<const char*, 4> names{"consumed", "redelivered", "malformed", "expired"};
  state_->deliveries.Add({{"service", service}, {"kind", names.at(static_cast<std::size_t>(what))}})
      .Increment();
}

void bus_metrics::rejected(bool event, const std::string& reason) {
  if (!state_) return;
  auto& family = event ? state_->rejections : state_->verdict_rejections;
  family.Add({{"reason", reason}}).Increment();
}

void bus_metrics::ready(bool yes) {
  if (state_) state_->up.Set(yes ? 1 : 0);
}

}  // namespace stoa::nats
