#include "actors/kernel/call_times.hpp"

#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>

namespace stoa::kernel {

namespace {

double seconds_of(microseconds t) {
  return static_cast<double>(t.count()) / 1e6;
}

/// Standard buckets below the timeout, the timeout itself, and one above it for late answers.
prometheus::Histogram::BucketBoundaries buckets_up_to(double longest) {
  prometheus::Histogram::BucketBoundaries buckets;
  for (const double b : {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
                         10.0, 30.0, 60.0, 300.0}) {
    if (b < longest) buckets.push_back(b);
  }
  buckets.push_back(longest);
  buckets.push_back(longest * 2);
  return buckets;
}

}  // namespace

struct call_times::state {
  prometheus::Family<prometheus::Histogram>& family;
  prometheus::Histogram::BucketBoundaries buckets;
};

call_times::call_times(prometheus::Registry* registry, const std::string& name,
                       const std::string& help, microseconds longest) {
  if (!registry) return;
  state_ = std::make_unique<state>(
      state{prometheus::BuildHistogram().Name(name).Help(help).Register(*registry),
            buckets_up_to(seconds_of(longest))});
}
call_times::~call_times() = default;

void call_times::observe(const std::string& operation, const std::string& outcome,
                         microseconds took) {
  if (!state_) return;
  std::map<std::string, std::string> labels{{"outcome", outcome}};
  if (!operation.empty()) labels.emplace("operation", operation);
  state_->family.Add(labels, state_->buckets).Observe(seconds_of(took));
}

}  // namespace stoa::kernel
