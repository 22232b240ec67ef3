#include "net/front/front_metrics.hpp"

#include "net/front/route.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <mutex>
#include <unordered_map>

namespace stoa::front {

namespace {

/// Up to order.checkout_wait_ms_max's default and some overhead.
const prometheus::Histogram::BucketBoundaries buckets{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 45, 60};

}  // namespace

struct front_metrics::state {
  explicit state(prometheus::Registry& r)
      : requests(prometheus::BuildCounter()
                     .Name("stoa_http_requests_total")
                     .Help("HTTP requests, by route and status")
                     .Register(r)),
        duration(prometheus::BuildHistogram()
                     .Name("stoa_http_request_duration_seconds")
                     .Help("Time from the request's head to the response")
                     .Register(r)),
        purchases(prometheus::BuildCounter()
                      .Name("stoa_purchases_total")
                      .Help("Checkouts, by outcome")
                      .Register(r)),
        webhooks(prometheus::BuildCounter()
                     .Name("stoa_webhooks_received_total")
                     .Help("Webhooks of payment gateways, by outcome")
                     .Register(r)),
        reports(prometheus::BuildCounter()
                    .Name("stoa_sms_reports_received_total")
                    .Help("Reports of SMS providers on the delivery of messages, by outcome")
                    .Register(r)),
        checks(prometheus::BuildCounter()
                   .Name("stoa_session_checks_total")
                   .Help("Session checks of access tokens at the user service, by outcome")
                   .Register(r)),
        revoked(prometheus::BuildGauge()
                    .Name("stoa_session_revocations")
                    .Help("Revoked sessions in this node's table")
                    .Register(r)
                    .Add({})),
        revoked_age(prometheus::BuildGauge()
                        .Name("stoa_session_revocations_age_seconds")
                        .Help("Age of this node's table of revoked sessions")
                        .Register(r)
                        .Add({})),
        refused(prometheus::BuildCounter()
                    .Name("stoa_http_requests_rejected_total")
                    .Help("Requests rejected by admission control")
                    .Register(r)
                    .Add({})),
        in_flight(prometheus::BuildGauge()
                      .Name("stoa_http_requests_in_flight")
                      .Help("Cost of requests in flight; a read by key costs 1")
                      .Register(r)
                      .Add({})),
        limit(prometheus::BuildGauge()
                  .Name("stoa_http_requests_in_flight_limit")
                  .Help("Maximum cost of requests in flight, adjusted by their duration")
                  .Register(r)
                  .Add({})) {}

  /// The counters of one route and status: looked up by pointer instead of label on every request.
  struct handles {
    prometheus::Counter* count;
    prometheus::Histogram* time;
  };
  handles find(const route* r, int status) {
    std::lock_guard lock(mutex);
    auto [it, added] = known.try_emplace({r, status});
    if (added) {
      std::string path = r ? r->path : "none";
      std::string method = r ? std::string(http::to_string(r->method)) : "none";
      it->second = {
          &requests.Add({{"method", method}, {"route", path}, {"status", std::to_string(status)}}),
          &duration.Add({{"method", method}, {"route", path}}, buckets)};
    }
    return it->second;
  }

  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Histogram>& duration;
  prometheus::Family<prometheus::Counter>& purchases;
  prometheus::Family<prometheus::Counter>& webhooks;
  prometheus::Family<prometheus::Counter>& reports;
  prometheus::Family<prometheus::Counter>& checks;
  prometheus::Gauge& revoked;
  prometheus::Gauge& revoked_age;
  prometheus::Counter& refused;
  prometheus::Gauge& in_flight;
  prometheus::Gauge& limit;
  std::mutex mutex;
  std::map<std::pair<const route*, int>, handles> known;
};

front_metrics::front_metrics(prometheus::Registry* registry)
    : state_(registry ? std::make_unique<state>(*registry) : nullptr) {}
front_metrics::~front_metrics() = default;

void front_metrics::request(const route* r, int status, microseconds took) {
  if (!state_) return;
  auto h = state_->find(r, status);
  h.count->Increment();
  h.time->Observe(static_cast<double>(took.count()) / 1e6);
}

void front_metrics::refused() {
  if (state_) state_->refused.Increment();
}

void front_metrics::load(std::int64_t in_flight, std::int64_t limit) {
  if (!state_) return;
  state_->in_flight.Set(static_cast<double>(in_flight));
  state_->limit.Set(static_cast<double>(limit));
}

void front_metrics::revocations(std::size_t count, microseconds age) {
  if (!state_) return;
  state_->revoked.Set(static_cast<double>(count));
  state_->revoked_age.Set(static_cast<double>(age.count()) / 1e6);
}

void front_metrics::session_check(const std::string& outcome) {
  if (state_) state_->checks.Add({{"outcome", outcome}}).Increment();
}

void front_metrics::webhook(const std::string& gateway, std::string_view outcome) {
  if (!state_) return;
  state_->webhooks.Add({{"gateway", gateway}, {"outcome", std::string(outcome)}}).Increment();
}

void front_metrics::delivery_report(const std::string& provider, std::string_view outcome) {
  if (!state_) return;
  state_->reports.Add({{"provider", provider}, {"outcome", std::string(outcome)}}).Increment();
}

void front_metrics::purchase(const std::string& outcome) {
  if (state_) state_->purchases.Add({{"outcome", outcome}}).Increment();
}

}  // namespace stoa::front
