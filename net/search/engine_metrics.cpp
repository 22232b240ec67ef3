#include "net/search/engine_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace stoa::search {

namespace {

using counters = prometheus::Family<prometheus::Counter>;

counters& engine_counter(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(r);
}

prometheus::Gauge& engine_gauge(prometheus::Registry& r, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(r).Add({});
}

}  // namespace

struct engine_metrics::state {
  explicit state(prometheus::Registry& r)
      : requests(engine_counter(r, "stoa_search_engine_requests_total",
                                "Requests to the search engine, by operation and outcome")),
        searches(engine_counter(r, "stoa_searches_total",
                                "Searches that the engine could answer, by the search that did")),
        documents(engine_counter(r, "stoa_search_documents_total",
                                 "Documents sent to the search engine, by result")),
        available(engine_gauge(r, "stoa_search_engine_available",
                               "Whether searches are sent to the search engine")),
        queue(engine_gauge(r, "stoa_search_queue_length",
                           "Products whose documents are outdated, counted up to 10000")) {
    for (const char* by : {"engine", "builtin"}) searches.Add({{"source", by}});
    for (const char* result : {"sent", "rejected"}) documents.Add({{"result", result}});
    available.Set(1);
  }

  counters& requests;
  counters& searches;
  counters& documents;
  prometheus::Gauge& available;
  prometheus::Gauge& queue;
};

engine_metrics::engine_metrics(prometheus::Registry* registry) {
  if (registry != nullptr) state_ = std::make_unique<state>(*registry);
}

engine_metrics::~engine_metrics() = default;

void engine_metrics::ended(const std::string& operation, const std::string& outcome) {
  if (!state_) return;
  state_->requests.Add({{"operation", operation}, {"outcome", outcome}}).Increment();
}

void engine_metrics::answered(answered_by who) {
  if (!state_) return;
  const bool engine = who == answered_by::engine;
  state_->searches.Add({{"source", engine ? "engine" : "builtin"}}).Increment();
}

void engine_metrics::available(bool yes) {
  if (state_) state_->available.Set(yes ? 1 : 0);
}

void engine_metrics::queue(std::int64_t length) {
  if (state_) state_->queue.Set(static_cast<double>(length));
}

void engine_metrics::sent(std::int64_t documents) {
  if (state_) {
    state_->documents.Add({{"result", "sent"}}).Increment(static_cast<double>(documents));
  }
}

void engine_metrics::rejected(std::int64_t documents) {
  if (state_) {
    state_->documents.Add({{"result", "rejected"}}).Increment(static_cast<double>(documents));
  }
}

}  // namespace stoa::search
