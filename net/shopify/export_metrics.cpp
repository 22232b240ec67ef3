#include "net/shopify/export_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

namespace stoa::shopify {

namespace {

using catalog::export_state;

const prometheus::Histogram::BucketBoundaries export_time_buckets{0.1, 0.5, 1,   5,    10,
                                                                  30,  60,  300, 1800, 7200};

}  // namespace

struct export_metrics::state {
  explicit state(prometheus::Registry& r)
      : exports(prometheus::BuildCounter()
                    .Name("stoa_exports_total")
                    .Help("Finished exports over HTTP, by outcome")
                    .Register(r)),
        bytes(prometheus::BuildCounter()
                  .Name("stoa_export_bytes_total")
                  .Help("Bytes in the files of finished exports")
                  .Register(r)
                  .Add({})),
        running(prometheus::BuildGauge()
                    .Name("stoa_exports_running")
                    .Help("Exports currently running on this node")
                    .Register(r)
                    .Add({})),
        seconds(prometheus::BuildHistogram()
                    .Name("stoa_export_duration_seconds")
                    .Help("Duration of exports, by outcome")
                    .Register(r)) {
    for (const auto outcome : {export_state::completed, export_state::failed,
                               export_state::cancelled, export_state::interrupted}) {
      exports.Add({{"outcome", std::string(enum_name(outcome))}});
    }
  }

  prometheus::Family<prometheus::Counter>& exports;
  prometheus::Counter& bytes;
  prometheus::Gauge& running;
  prometheus::Family<prometheus::Histogram>& seconds;
};

export_metrics::export_metrics(prometheus::Registry& registry)
    : state_(std::make_unique<state>(registry)) {}

export_metrics::~export_metrics() = default;

void export_metrics::ended(const catalog::count_export& one) {
  const std::string outcome(enum_name(one.outcome));
  state_->exports.Add({{"outcome", outcome}}).Increment();
  state_->bytes.Increment(static_cast<double>(one.bytes));
  if (one.took_us > 0) {
    state_->seconds.Add({{"outcome", outcome}}, export_time_buckets)
        .Observe(static_cast<double>(one.took_us) / 1e6);
  }
}

export_metrics::running_scope::running_scope(export_metrics* of) : of_(of) {
  if (of_) of_->state_->running.Increment();
}

export_metrics::running_scope::~running_scope() {
  if (of_) of_->state_->running.Decrement();
}

}  // namespace stoa::shopify
