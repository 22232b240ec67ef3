#include "net/shopify/import_metrics.hpp"

#include "net/shopify/file_formats.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <string>

namespace stoa::shopify {

namespace {

using catalog::import_state;

const prometheus::Histogram::BucketBoundaries time_buckets{0.1, 0.5, 1,   5,    10,
                                                           30,  60,  300, 1800, 7200};

using counters = prometheus::Family<prometheus::Counter>;

counters& counter(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r);
}

}  // namespace

struct import_metrics::state {
  explicit state(prometheus::Registry& r)
      : imports(
            counter(r, "stoa_imports_total", "Finished imports over HTTP, by format and outcome")),
        rows(counter(r, "stoa_import_rows_total",
                     "Rows in the files of finished imports, by format and result")),
        products(counter(r, "stoa_import_products_total",
                         "Products, or other objects, in finished imports, by format and result; "
                         "excludes dry runs")),
        running(prometheus::BuildGauge()
                    .Name("stoa_imports_running")
                    .Help("Imports currently running on this node")
                    .Register(r)
                    .Add({})),
        seconds(prometheus::BuildHistogram()
                    .Name("stoa_import_duration_seconds")
                    .Help("Duration of imports, by format and outcome")
                    .Register(r)) {
    for (const auto& format : file_formats()) {
      const std::string name(enum_name(format.format));
      for (const auto outcome : {import_state::completed, import_state::failed,
                                 import_state::cancelled, import_state::interrupted}) {
        imports.Add({{"format", name}, {"outcome", std::string(enum_name(outcome))}});
      }
    }
  }

  counters& imports;
  counters& rows;
  counters& products;
  prometheus::Gauge& running;
  prometheus::Family<prometheus::Histogram>& seconds;
};

import_metrics::import_metrics(prometheus::Registry& registry)
    : state_(std::make_unique<state>(registry)) {}

import_metrics::~import_metrics() = default;

void import_metrics::begun() {
  state_->running.Increment();
}

void import_metrics::left() {
  state_->running.Decrement();
}

void import_metrics::ended(const catalog::count_import& import) {
  const std::string format(enum_name(import.format));
  const std::string outcome(enum_name(import.outcome));
  state_->imports.Add({{"format", format}, {"outcome", outcome}}).Increment();
  if (import.took_us > 0) {
    state_->seconds.Add({{"format", format}, {"outcome", outcome}}, time_buckets)
        .Observe(static_cast<double>(import.took_us) / 1e6);
  }
  const auto add = [&](auto& family, const char* result, std::int64_t count) {
    family.Add({{"format", format}, {"result", result}}).Increment(static_cast<double>(count));
  };
  add(state_->rows, "rejected", import.rows_rejected);
  add(state_->rows, "accepted", import.rows - import.rows_rejected);
  if (import.dry_run) return;
  add(state_->products, "created", import.products.created);
  add(state_->products, "updated", import.products.updated);
  add(state_->products, "unchanged", import.products.unchanged);
  add(state_->products, "rejected", import.products.rejected);
}

}  // namespace stoa::shopify
