#include "actors/kernel/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace stoa::kernel {

namespace {

const prometheus::Histogram::BucketBoundaries size_buckets{1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
const prometheus::Histogram::BucketBoundaries time_buckets{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1};

double seconds_of(microseconds t) {
  return static_cast<double>(t.count()) / 1e6;
}

}  // namespace

struct kernel_metrics::state {
  explicit state(prometheus::Registry& r)
      : batch_size(prometheus::BuildHistogram()
                       .Name("stoa_batch_messages")
                       .Help("Messages decided in one transaction")
                       .Register(r)),
        commit_time(prometheus::BuildHistogram()
                        .Name("stoa_commit_duration_seconds")
                        .Help("Time to make one batch durable")
                        .Register(r)),
        batch_time(prometheus::BuildHistogram()
                       .Name("stoa_batch_duration_seconds")
                       .Help("Time to load, decide, save, commit and answer one batch")
                       .Register(r)),
        failures(prometheus::BuildCounter()
                     .Name("stoa_batch_failures_total")
                     .Help("Batches that could not be saved")
                     .Register(r)),
        commits_failed(prometheus::BuildCounter()
                           .Name("stoa_commits_failed_total")
                           .Help("Commits that failed in the database: disk full, I/O error, no "
                                 "connection")
                           .Register(r)),
        cleaned(prometheus::BuildCounter()
                    .Name("stoa_cleanup_rows_total")
                    .Help("Expired rows deleted")
                    .Register(r)),
        cleanup_behind(prometheus::BuildGauge()
                           .Name("stoa_cleanup_behind_seconds")
                           .Help("Time by which the deletion of the oldest expired rows is "
                                 "overdue; 0 when none are left")
                           .Register(r)),
        mailbox(prometheus::BuildGauge()
                    .Name("stoa_mailbox_depth")
                    .Help("Messages waiting for the service writer")
                    .Register(r)),
        in_flight(prometheus::BuildGauge()
                      .Name("stoa_requests_in_flight")
                      .Help("Commands from the edge that are not answered yet, by service")
                      .Register(r)),
        held(prometheus::BuildGauge()
                 .Name("stoa_outbox_events")
                 .Help("Events held by the relay until every subscriber acknowledges them")
                 .Register(r)),
        lag(prometheus::BuildGauge()
                .Name("stoa_outbox_lag_seconds")
                .Help("Age of the oldest unacknowledged event")
                .Register(r)),
        refusals(prometheus::BuildCounter()
                     .Name("stoa_events_rejected_total")
                     .Help("Deliveries that a subscriber could not apply")
                     .Register(r)),
        dead(prometheus::BuildCounter()
                 .Name("stoa_dead_letters_total")
                 .Help("Events that became dead letters after too many failed deliveries")
                 .Register(r)),
        restarts(prometheus::BuildCounter()
                     .Name("stoa_actor_restarts_total")
                     .Help("Actors restarted by the supervisor")
                     .Register(r)),
        overloads(prometheus::BuildCounter()
                      .Name("stoa_overloaded_total")
                      .Help("Requests rejected because the service had too many in flight")
                      .Register(r)),
        peer_connections(prometheus::BuildCounter()
                             .Name("stoa_cluster_connections_total")
                             .Help("Connections opened to the cluster port, by result")
                             .Register(r)),
        peers_open(prometheus::BuildGauge()
                       .Name("stoa_cluster_connections_open")
                       .Help("Open connections to the cluster port: established, or half_open "
                             "during the handshake")
                       .Register(r)),
        expensive(prometheus::BuildGauge()
                      .Name("stoa_expensive_queries_in_flight")
                      .Help("Searches and lists in progress")
                      .Register(r)),
        stopped(prometheus::BuildCounter()
                    .Name("stoa_queries_stopped_total")
                    .Help("Queries canceled because they took longer than queries.time_ms_max")
                    .Register(r)),
        losses(prometheus::BuildCounter()
                   .Name("stoa_store_data_lost_total")
                   .Help("Data losses detected in a service's database, by outcome: given_up "
                         "(the service starts empty) or refused (it waits for a restore)")
                   .Register(r)),
        replica_lag(prometheus::BuildGauge()
                        .Name("stoa_replica_lag_seconds")
                        .Help("Age of the oldest change that the replica has not applied")
                        .Register(r)),
        replica_in_use(prometheus::BuildGauge()
                           .Name("stoa_replica_in_use")
                           .Help("1 while the replica answers queries, 0 while the primary does")
                           .Register(r)),
        replica_reads(prometheus::BuildCounter()
                          .Name("stoa_replica_reads_total")
                          .Help("Queries that a replica may answer, by outcome: replica, or "
                                "fallback to the primary")
                          .Register(r)),
        unapplied(prometheus::BuildCounter()
                      .Name("stoa_answers_not_applied_total")
                      .Help("Final answers sent after relay.applied_wait_ms, before all services "
                            "had applied the event")
                      .Register(r)),
        gaps(prometheus::BuildCounter()
                 .Name("stoa_outbox_gaps_total")
                 .Help("Losses of delivered events detected in a producer's database, by "
                       "subscriber and producer")
                 .Register(r)),
        regressions(prometheus::BuildCounter()
                        .Name("stoa_database_regressions_total")
                        .Help("Losses of committed changes detected in a database by the node "
                              "that writes to it")
                        .Register(r)),
        foreign(prometheus::BuildCounter()
                    .Name("stoa_foreign_events_total")
                    .Help("Events dropped because the producer's database has been replaced, by "
                          "subscriber and producer")
                    .Register(r)),
        clock_skews(prometheus::BuildGauge()
                        .Name("stoa_clock_skew_seconds")
                        .Help("Time by which another node's clock is ahead of this node's")
                        .Register(r)),
        database_skews(prometheus::BuildGauge()
                           .Name("stoa_database_clock_skew_seconds")
                           .Help("Time by which this node's clock is ahead of the service's "
                                 "database clock")
                           .Register(r)) {}

  prometheus::Family<prometheus::Histogram>& batch_size;
  prometheus::Family<prometheus::Histogram>& commit_time;
  prometheus::Family<prometheus::Histogram>& batch_time;
  prometheus::Family<prometheus::Counter>& failures;
  prometheus::Family<prometheus::Counter>& commits_failed;
  prometheus::Family<prometheus::Counter>& cleaned;
  prometheus::Family<prometheus::Gauge>& cleanup_behind;
  prometheus::Family<prometheus::Gauge>& mailbox;
  prometheus::Family<prometheus::Gauge>& in_flight;
  prometheus::Family<prometheus::Gauge>& held;
  prometheus::Family<prometheus::Gauge>& lag;
  prometheus::Family<prometheus::Counter>& refusals;
  prometheus::Family<prometheus::Counter>& dead;
  prometheus::Family<prometheus::Counter>& restarts;
  prometheus::Family<prometheus::Counter>& overloads;
  prometheus::Family<prometheus::Counter>& peer_connections;
  prometheus::Family<prometheus::Gauge>& peers_open;
  prometheus::Family<prometheus::Gauge>& expensive;
  prometheus::Family<prometheus::Counter>& stopped;
  prometheus::Family<prometheus::Counter>& losses;
  prometheus::Family<prometheus::Gauge>& replica_lag;
  prometheus::Family<prometheus::Gauge>& replica_in_use;
  prometheus::Family<prometheus::Counter>& replica_reads;
  prometheus::Family<prometheus::Counter>& unapplied;
  prometheus::Family<prometheus::Counter>& gaps;
  prometheus::Family<prometheus::Counter>& regressions;
  prometheus::Family<prometheus::Counter>& foreign;
  prometheus::Family<prometheus::Gauge>& clock_skews;
  prometheus::Family<prometheus::Gauge>& database_skews;
};

kernel_metrics::kernel_metrics(prometheus::Registry* registry)
    : state_(registry ? std::make_unique<state>(*registry) : nullptr) {}
kernel_metrics::~kernel_metrics() = default;

void kernel_metrics::batch(const std::string& service, const batch_report& report) {
  if (!state_) return;
  state_->batch_size.Add({{"service", service}}, size_buckets)
      .Observe(static_cast<double>(report.jobs));
  state_->batch_time.Add({{"service", service}}, time_buckets)
      .Observe(seconds_of(report.total_time));
  if (report.committed) {
    state_->commit_time.Add({{"service", service}}, time_buckets)
        .Observe(seconds_of(report.commit_time));
  }
  if (report.failed) state_->failures.Add({{"service", service}}).Increment();
  if (report.database_regressed) state_->regressions.Add({{"service", service}}).Increment();
  for (const auto& g : report.gaps) {
    const auto producer = g.outbox.substr(0, g.outbox.find('/'));
    state_->gaps.Add({{"service", service}, {"producer", producer}}).Increment();
  }
  if (report.database_error) state_->commits_failed.Add({{"service", service}}).Increment();
}

void kernel_metrics::cleaned_up(const std::string& service, const cleanup_slice& slice) {
  if (!state_) return;
  const prometheus::Labels labels{{"service", service}, {"table", slice.table}};
  state_->cleaned.Add(labels).Increment(static_cast<double>(slice.rows));
  state_->cleanup_behind.Add(labels).Set(seconds_of(slice.behind));
}

void kernel_metrics::gauges(const std::string& service, std::int64_t mailbox,
                            std::int64_t in_flight, std::int64_t expensive_in_flight) {
  if (!state_) return;
  state_->mailbox.Add({{"service", service}}).Set(static_cast<double>(mailbox));
  state_->in_flight.Add({{"service", service}}).Set(static_cast<double>(in_flight));
  state_->expensive.Add({{"service", service}}).Set(static_cast<double>(expensive_in_flight));
}

void kernel_metrics::relay(const std::string& service, std::size_t held, microseconds lag) {
  if (!state_) return;
  state_->held.Add({{"service", service}}).Set(static_cast<double>(held));
  state_->lag.Add({{"service", service}}).Set(seconds_of(lag));
}

void kernel_metrics::event_refused(const std::string& subscriber, const std::string& type) {
  if (state_) state_->refusals.Add({{"service", subscriber}, {"type", type}}).Increment();
}

void kernel_metrics::dead_letter(const std::string& subscriber, const std::string& type) {
  if (state_) state_->dead.Add({{"service", subscriber}, {"type", type}}).Increment();
}

void kernel_metrics::restarted(const std::string& actor) {
  if (state_) state_->restarts.Add({{"actor", actor}}).Increment();
}

void kernel_metrics::overloaded(const std::string& service) {
  if (state_) state_->overloads.Add({{"service", service}}).Increment();
}

void kernel_metrics::peer_connection(const std::string& result) {
  if (state_) state_->peer_connections.Add({{"result", result}}).Increment();
}

void kernel_metrics::peers(std::size_t established, std::size_t half_open) {
  if (!state_) return;
  state_->peers_open.Add({{"state", "established"}}).Set(static_cast<double>(established));
  state_->peers_open.Add({{"state", "half_open"}}).Set(static_cast<double>(half_open));
}

void kernel_metrics::not_applied(const std::string& service) {
  if (state_) state_->unapplied.Add({{"service", service}}).Increment();
}

void kernel_metrics::foreign_event(const std::string& subscriber, const std::string& producer) {
  if (state_) state_->foreign.Add({{"service", subscriber}, {"producer", producer}}).Increment();
}

void kernel_metrics::clock_skew(const std::string& node, std::optional<microseconds> ahead) {
  if (!state_) return;
  auto& gauge = state_->clock_skews.Add({{"node", node}});
  if (ahead) return gauge.Set(seconds_of(*ahead));
  state_->clock_skews.Remove(&gauge);
}

void kernel_metrics::database_clock_skew(const std::string& service, microseconds ahead) {
  if (!state_) return;
  state_->database_skews.Add({{"service", service}}).Set(seconds_of(ahead));
}

void kernel_metrics::query_stopped(const std::string& service) {
  if (state_) state_->stopped.Add({{"service", service}}).Increment();
}

void kernel_metrics::data_lost(const std::string& service, bool given_up) {
  if (!state_) return;
  const char* outcome = given_up ? "given_up" : "refused";
  state_->losses.Add({{"service", service}, {"outcome", outcome}}).Increment();
}

void kernel_metrics::replica(const std::string& service, bool in_use, microseconds lag) {
  if (!state_) return;
  state_->replica_in_use.Add({{"service", service}}).Set(in_use ? 1 : 0);
  state_->replica_lag.Add({{"service", service}}).Set(seconds_of(lag));
}

void kernel_metrics::replica_read(const std::string& service, bool by_replica) {
  if (!state_) return;
  const char* outcome = by_replica ? "replica" : "fallback";
  state_->replica_reads.Add({{"service", service}, {"outcome", outcome}}).Increment();
}

}  // namespace stoa::kernel
