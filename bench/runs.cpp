#include "bench/load.hpp"
#include "bench/report.hpp"
#include "bench/scenario.hpp"

namespace stoa::bench {
namespace {

load_plan plan_of(const run_options& options) {
  load_plan plan;
  plan.connections = options.concurrency;
  plan.warmup = std::chrono::seconds{options.warmup_s};
  plan.duration = std::chrono::seconds{options.seconds};
  plan.targets = {options.port};
  for (const auto port : options.other_ports) plan.targets.emplace_back(port);
  plan.repeats = true;
  return plan;
}

/// A closed loop of users on one thread.
load_result run_closed(const run_options& options, shop& target, const operation& what) {
  load_watch watch;
  if (options.progress) {
    watch.each_second = [](const second_of_run& s, bool) { show_progress(line_of(s)); };
  }
  target.prepare({.server = options.port, .uniform = true});
  auto result = run_load(plan_of(options), what, watch);
  if (options.progress) end_progress();
  return result;
}

void fill(figures& f, std::string name, const load_result& from) {
  f.name = std::move(name);
  f.seconds = from.took_s;
  for (const auto& [step, m] : from.all.steps) f.steps[step].add(m.times);
  for (const auto& [of, m] : from.all.operations) {
    f.done += static_cast<std::uint64_t>(m.times.count()) - m.failed;
    f.steps[f.name].add(m.times);
  }
  for (const auto* counts : {&from.all.facts, &from.all.errors}) {
    for (const auto& [what, many] : *counts) f.outcomes[what] += many;
  }
  f.errors = from.all.samples;
}

}  // namespace

purchase_figures run_purchases(const run_options& options) {
  const auto target = make_stoa_shop();
  const auto result = run_closed(options, *target, scenario_of("checkout", *target));
  purchase_figures f;
  fill(f, "purchases", result);
  const auto confirmed = result.all.facts.find(confirmed_orders_fact);
  if (confirmed != result.all.facts.end()) f.confirmed = confirmed->second;
  return f;
}

figures run_reads(const run_options& options) {
  const auto target = make_stoa_shop();
  const operation detail = [&](user& u, std::string_view& name) {
    name = "detail";
    return target->detail(u);
  };
  figures f;
  fill(f, "product reads", run_closed(options, *target, detail));
  return f;
}

}  // namespace stoa::bench
