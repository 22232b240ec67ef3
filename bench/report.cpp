#include "bench/report.hpp"

#include "bench/figures.hpp"
#include "storage/base/json_read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace stoa::bench {
namespace {

constexpr std::int64_t format_version = 1;

times_report times_of(const timing& m, double seconds) {
  const auto& t = m.times;
  return {t.count(),
          static_cast<std::int64_t>(m.failed),
          seconds > 0 ? static_cast<double>(t.count()) / seconds : 0,
          t.mean_ms(),
          t.percentile_ms(0.5),
          t.percentile_ms(0.9),
          t.percentile_ms(0.99),
          t.percentile_ms(0.999),
          t.max_ms(),
          t.encoded()};
}

histogram decoded(const std::string& encoded) {
  auto h = histogram::decode(encoded);
  if (!h) throw std::runtime_error("a histogram is malformed");
  return std::move(*h);
}

void add_to(std::map<std::string, timing>& all, const std::map<std::string, times_report>& from) {
  for (const auto& [name, t] : from) {
    all[name].add({decoded(t.histogram), static_cast<std::uint64_t>(t.failed)});
  }
}

void merge_series(std::span<const run_report> parts, run_report& whole) {
  std::size_t length = 0;
  for (const auto& p : parts) length = std::max(length, p.series.size());
  for (std::size_t i = 0; i < length; ++i) {
    second_report s;
    histogram times;
    for (const auto& p : parts) {
      if (i >= p.series.size()) continue;
      s.at = p.series[i].at;
      s.per_second += p.series[i].per_second;
      s.failed_per_second += p.series[i].failed_per_second;
      times.add(decoded(p.series[i].histogram));
    }
    s.p50 = times.percentile_ms(0.5);
    s.p99 = times.percentile_ms(0.99);
    s.max = times.max_ms();
    s.histogram = times.encoded();
    whole.series.push_back(std::move(s));
  }
}

std::string row_of(std::string_view name, const times_report& t) {
  return fmt::format("  {:<18}{:>10.1f}{:>9}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}\n", name,
                     t.per_second, t.failed, t.p50, t.p90, t.p99, t.p99_9, t.max);
}

std::map<std::string, std::int64_t> counts_of(
    const std::map<std::string, std::uint64_t, std::less<>>& from) {
  return {from.begin(), from.end()};
}

}  // namespace

run_report report_of(const load_plan& plan, const load_result& result) {
  run_report r;
  r.loop = plan.rate > 0 ? "open" : "closed";
  r.rate = plan.rate;
  r.arrivals = plan.spacing == arrivals::constant ? "constant" : "poisson";
  r.connections = plan.connections;
  r.threads = plan.threads;
  r.warmup_s = std::chrono::duration<double>(plan.warmup).count();
  r.seconds = result.took_s;
  r.think_ms = plan.think.count();
  r.machine = machine();
  for (const auto& [name, m] : result.all.operations) {
    r.operations.emplace(name, times_of(m, result.took_s));
  }
  r.all = times_of({result.all.all_times(), result.all.failed()}, result.took_s);
  for (const auto& [name, m] : result.all.steps) r.steps.emplace(name, times_of(m, result.took_s));
  r.errors = counts_of(result.all.errors);
  r.samples = result.all.samples;
  r.facts = counts_of(result.all.facts);
  r.not_started = static_cast<std::int64_t>(result.late);
  for (const auto& s : result.seconds) {
    r.series.push_back(
        {s.at, s.done, s.failed, s.p50_ms, s.p99_ms, s.max_ms, s.cpu, s.memory_mb, s.times});
  }
  r.ok = r.all.count > 0 && r.all.failed == 0 && r.errors.empty() && r.not_started == 0;
  return r;
}

run_report merged(std::span<const run_report> parts) {
  run_report whole = parts.front();
  for (auto* all : {&whole.operations, &whole.steps}) all->clear();
  whole.errors.clear();
  whole.facts.clear();
  whole.samples.clear();
  whole.series.clear();
  whole.rate = 0;
  whole.connections = whole.threads = whole.not_started = 0;
  whole.ok = true;
  std::map<std::string, timing> operations;
  std::map<std::string, timing> steps;
  for (const auto& p : parts) {
    add_to(operations, p.operations);
    add_to(steps, p.steps);
    for (const auto& [what, many] : p.errors) whole.errors[what] += many;
    for (const auto& [what, many] : p.facts) whole.facts[what] += many;
    for (const auto& s : p.samples) {
      if (whole.samples.size() < samples_max) whole.samples.push_back(s);
    }
    whole.rate += p.rate;
    whole.connections += p.connections;
    whole.threads += p.threads;
    whole.not_started += p.not_started;
    whole.ok = whole.ok && p.ok;
    if (whole.machine.find(p.machine) == std::string::npos) whole.machine += "; " + p.machine;
  }
  timing sum;
  for (const auto& [name, t] : operations) {
    whole.operations.emplace(name, times_of(t, whole.seconds));
    sum.add(t);
  }
  for (const auto& [name, t] : steps) whole.steps.emplace(name, times_of(t, whole.seconds));
  whole.all = times_of(sum, whole.seconds);
  merge_series(parts, whole);
  return whole;
}

std::string table_of(const run_report& r) {
  std::string out = r.machine + "\n";
  out += fmt::format(
      "{} at {}, {}, {:.0f} s after {:.0f} s of warm-up\n", r.scenario, r.url,
      r.rate > 0 ? fmt::format("open loop: {:g} operations/s, {} arrivals", r.rate, r.arrivals)
                 : fmt::format("closed loop: {} users", r.connections),
      r.seconds, r.warmup_s);
  out += fmt::format("\n  {:<18}{:>10}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}  ms\n", "operation",
                     "per s", "failed", "p50", "p90", "p99", "p99.9", "max");
  for (const auto& [name, t] : r.operations) out += row_of(name, t);
  if (r.operations.size() > 1) out += row_of("all", r.all);
  out += fmt::format("\n  {:<18}\n", "step");
  for (const auto& [name, t] : r.steps) out += row_of(name, t);
  out += "\n" + ramp_table_of(r);
  for (const auto& [what, many] : r.facts) out += fmt::format("  {}: {}\n", what, many);
  for (const auto& [what, many] : r.errors) out += fmt::format("  error: {}: {}\n", what, many);
  for (const auto& s : r.samples) out += "    " + s + "\n";
  if (r.not_started > 0) {
    out += fmt::format(
        "  error: {} operations were not started: all {} connections were busy. The server is\n"
        "    slower than the rate, or needs more connections (--connections-max).\n",
        r.not_started, r.connections);
  }
  if (!r.audit) return out + "  audit: not run; it needs --start or --data\n";
  return out + (r.audit->ok ? "audit succeeded:\n" : "AUDIT FAILED:\n") + r.audit->text;
}

std::string ramp_table_of(const run_report& r) {
  if (r.ramp.empty()) return {};
  std::string out = fmt::format("  {:>12}{:>12}{:>12}{:>10}{:>14}\n", "rate", "per s", "p99, ms",
                                "failed", "not started");
  for (const auto& s : r.ramp) {
    out += fmt::format("  {:>12.0f}{:>12.1f}{:>12.2f}{:>10}{:>14}  {}\n", s.rate, s.per_second,
                       s.p99, s.failed, s.not_started, s.passed ? "passed" : "too much");
  }
  const double highest = highest_rate(r);
  return out + (highest > 0 ? fmt::format("  highest rate within the limits: {:.0f}/s\n\n", highest)
                            : std::string("  no rate was within the limits\n\n"));
}

double highest_rate(const run_report& r) {
  double highest = 0;
  for (const auto& s : r.ramp) {
    if (s.passed) highest = std::max(highest, s.rate);
  }
  return highest;
}

std::string comparison_of(const run_report& a, const run_report& b) {
  std::string out =
      fmt::format("A: {} at {}, {}, {}\nB: {} at {}, {}, {}\n\n", a.scenario, a.url, a.started_at,
                  a.machine, b.scenario, b.url, b.started_at, b.machine);
  if (a.scenario != b.scenario || a.loop != b.loop || a.rate != b.rate) {
    out += "The runs have different scenarios or rates.\n\n";
  }
  out += fmt::format("  {:<18}{:>12}{:>12}{:>8}{:>10}{:>10}{:>8}{:>10}{:>10}{:>8}\n", "operation",
                     "A per s", "B per s", "B/A", "A p50", "B p50", "B/A", "A p99", "B p99", "B/A");
  const auto ratio = [](double x, double y) { return x > 0 ? fmt::format("{:.2f}", y / x) : "-"; };
  const auto row = [&](const std::string& name, const times_report& x, const times_report& y) {
    out += fmt::format(
        "  {:<18}{:>12.1f}{:>12.1f}{:>8}{:>10.2f}{:>10.2f}{:>8}{:>10.2f}{:>10.2f}{:>8}\n", name,
        x.per_second, y.per_second, ratio(x.per_second, y.per_second), x.p50, y.p50,
        ratio(x.p50, y.p50), x.p99, y.p99, ratio(x.p99, y.p99));
  };
  for (const auto& [name, x] : a.operations) {
    if (const auto y = b.operations.find(name); y != b.operations.end()) row(name, x, y->second);
  }
  row("all", a.all, b.all);
  return out;
}

std::string line_of(const second_of_run& s) {
  std::string server;
  if (s.cpu > 0) server = fmt::format(", server {:.2f} cores, {:.0f} MB", s.cpu, s.memory_mb);
  return fmt::format("{}{:.0f}/s, p50 {:.2f} ms, p99 {:.2f} ms, {:.0f} failed/s{}",
                     s.at < 0 ? "warming up: " : "", s.done, s.p50_ms, s.p99_ms, s.failed, server);
}

result<run_report> read_report(const std::string& json) {
  auto r = json::read_lenient<run_report>(json);
  if (!r) return r.error();
  if (r->format != format_version) {
    return problem{problem_kind::malformed,
                   "malformed",
                   "The report has the format " + std::to_string(r->format) + ", not 1.",
                   {}};
  }
  return r;
}

}  // namespace stoa::bench
