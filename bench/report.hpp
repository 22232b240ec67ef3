#pragma once
// The report of a load run: as JSON, as a table, and as HdrHistogram's text.

#include "bench/load_engine.hpp"
#include "storage/base/describe.hpp"
#include "storage/base/result.hpp"

#include <optional>

namespace stoa::bench {

/// Operations or requests of one name, in the measuring period. Durations are milliseconds.
struct times_report {
  std::int64_t count = 0;
  std::int64_t failed = 0;
  double per_second = 0;
  double mean = 0;
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double p99_9 = 0;
  double max = 0;
  std::string histogram;  ///< of microseconds, HdrHistogram's compressed V2 encoding

  bool operator==(const times_report&) const = default;
};
BOOST_DESCRIBE_STRUCT(times_report, (),
                      (count, failed, per_second, mean, p50, p90, p99, p99_9, max, histogram))

struct second_report {
  double at = 0;  ///< seconds since the measuring period began; negative: warm-up
  double per_second = 0;
  double failed_per_second = 0;
  double p50 = 0;
  double p99 = 0;
  double max = 0;
  double server_cores = 0;
  double server_memory_mb = 0;
  std::string histogram;  ///< of the durations

  bool operator==(const second_report&) const = default;
};
BOOST_DESCRIBE_STRUCT(second_report, (),
                      (at, per_second, failed_per_second, p50, p99, max, server_cores,
                       server_memory_mb, histogram))

/// One rate of a ramp.
struct ramp_step {
  double rate = 0;
  double per_second = 0;
  double p99 = 0;
  std::int64_t failed = 0;
  std::int64_t not_started = 0;
  bool passed = false;

  bool operator==(const ramp_step&) const = default;
};
BOOST_DESCRIBE_STRUCT(ramp_step, (), (rate, per_second, p99, failed, not_started, passed))

struct audit_report {
  bool ok = false;
  std::string text;

  bool operator==(const audit_report&) const = default;
};
BOOST_DESCRIBE_STRUCT(audit_report, (), (ok, text))

struct run_report {
  std::int64_t format = 1;
  std::string scenario;
  std::string target;  ///< "stoa"
  std::string url;
  std::string loop;      ///< "open", "closed"
  double rate = 0;       ///< wanted operations per second; 0: closed loop
  std::string arrivals;  ///< "constant", "poisson"
  std::int64_t connections = 0;
  std::int64_t threads = 0;
  double warmup_s = 0;
  double seconds = 0;
  std::int64_t think_ms = 0;
  std::string machine;
  std::string started_at;  ///< RFC 3339
  std::map<std::string, times_report> operations;
  times_report all;
  std::map<std::string, times_report> steps;
  std::map<std::string, std::int64_t> errors;
  std::vector<std::string> samples;
  std::map<std::string, std::int64_t> facts;
  std::int64_t not_started = 0;  ///< arrivals that found all connections busy until the end
  std::vector<second_report> series;
  /// The rates that were tried; the rest of the report is of the highest that passed, or else of
  /// the last.
  std::vector<ramp_step> ramp;
  std::optional<audit_report> audit;
  bool ok = false;

  bool operator==(const run_report&) const = default;
};
BOOST_DESCRIBE_STRUCT(run_report, (),
                      (format, scenario, target, url, loop, rate, arrivals, connections, threads,
                       warmup_s, seconds, think_ms, machine, started_at, operations, all, steps,
                       errors, samples, facts, not_started, series, ramp, audit, ok))

/// The measurements of a run; the caller adds scenario, target, url and audit.
run_report report_of(const load_plan& plan, const load_result& result);

/// The whole of a run by several load generators; all histograms are added. `parts` is not empty.
/// Throws std::runtime_error when a part is malformed.
run_report merged(std::span<const run_report> parts);
/// The rates of a ramp as a table; "" if there was none.
std::string ramp_table_of(const run_report& r);
/// The highest rate of the ramp that passed; 0: none.
double highest_rate(const run_report& r);
/// Both runs, and the ratios of the second to the first.
std::string comparison_of(const run_report& a, const run_report& b);
/// For people.
std::string table_of(const run_report& r);
/// A line for each second of a run.
std::string line_of(const second_of_run& s);
/// Problem `malformed` when the text is not a report of this format.
result<run_report> read_report(const std::string& json);

}  // namespace stoa::bench
