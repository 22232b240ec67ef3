#include "bench/run_command.hpp"

#include "bench/direct_client.hpp"
#include "bench/figures.hpp"
#include "bench/load.hpp"
#include "bench/report.hpp"
#include "bench/report_html.hpp"
#include "bench/target.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/server.hpp"
#include "tests/support/store_checker.hpp"
#include "tests/support/temp_dir.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <unistd.h>

namespace stoa::bench {
namespace {

constexpr int connections_most = 20'000;
constexpr double mb = 1024 * 1024;
constexpr std::chrono::milliseconds metrics_limit{2000};
constexpr double percent = 100;
constexpr double rate_most = 1e6;
/// A ramp ends when the rate that is too much is at most this much higher than the last good one.
constexpr double ramp_precision = 1.05;
constexpr double ramp_rate_least = 1;
/// Of a server that it starts. Loopback addresses are exempt from its limits.
const test::environment server_settings{{"STOA_LOG_LEVEL", "warn"}};

/// The value of a metric without labels; 0: there is none.
double metric_in(std::string_view text, std::string_view name) {
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const auto end = at + name.size();
    const bool is_line = (at == 0 || text[at - 1] == '\n') && end < text.size() && text[end] == ' ';
    if (is_line) return std::strtod(text.data() + end, nullptr);
  }
  return 0;
}

/// The server's own figures, from its metrics.
std::function<server_use()> use_of(const target& server) {
  auto client = std::make_shared<direct_client>(server, metrics_limit);
  return [client] {
    try {
      const auto metrics = client->get("/metrics").body;
      return server_use{metric_in(metrics, "process_cpu_seconds_total"),
                        metric_in(metrics, "process_resident_memory_bytes") / mb};
    } catch (const std::exception&) {
      return server_use{};  // It does not respond: its load is not known.
    }
  };
}

void write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

run_report report_in(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw std::runtime_error("cannot read " + path.string());
  auto r = read_report(text);
  if (!r) throw std::runtime_error(path.string() + " is not a report: " + r.error().detail);
  return std::move(*r);
}

class scenario_run {
 public:
  explicit scenario_run(scenario_options o) : o_(std::move(o)) {}

  int run() {
    if (o_.start && o_.order.shop != "stoa") {
      throw std::runtime_error("--start starts Stoa; start " + o_.order.shop +
                               " first (docs/compare.md) and use --url");
    }
    if (o_.start) start();
    const auto before = data().empty() ? 0 : confirmed_orders(data());
    o_.target.url = o_.order.url;
    load_watch watch{use_of(target_of(o_.target)), {}};
    if (o_.progress) watch.each_second = [](const auto& s, bool) { show_progress(line_of(s)); };
    if (o_.team.agents.empty()) load_.emplace(o_.order, o_.target);
    auto report = o_.ramp ? ramp(watch) : report_at(o_.order.rate, watch);
    if (!data().empty()) audit(report, before);
    return write(report);
  }

 private:
  std::filesystem::path data() const { return server_ ? server_->data() : o_.data; }

  void start() {
    folder_.emplace();
    if (o_.program.empty()) o_.program = test::stoa_binary();
    const bool is_sale = o_.order.scenario == sale_name;
    test::load_demo(o_.program, *folder_ / "data", is_sale ? 1 : o_.products, o_.stock);
    server_.emplace(test::server_options{.program = o_.program,
                                         .data = *folder_ / "data",
                                         .settings = server_settings,
                                         .arguments = {}});
    server_->start();
    o_.order.url = server_->url();
  }

  run_report report_at(double rate, const load_watch& watch) {
    auto order = o_.order;
    order.rate = rate;
    auto r = load_ ? load_->run(watch, rate) : run_on_agents(o_.team, order, watch);
    if (o_.progress) end_progress();
    for (const auto& [fact, many] : r.facts) facts_[fact] += many;
    return r;
  }

  bool is_within_limits(const run_report& r) const {
    const auto failed = static_cast<double>(r.all.failed) * percent;
    return r.all.count > 0 && r.all.p99 <= o_.p99_ms && r.not_started == 0 &&
           failed <= o_.errors_percent * static_cast<double>(r.all.count);
  }

  /// Doubles the rate until it is too much, and halves the distance to the last one that was not.
  run_report ramp(const load_watch& watch) {
    std::vector<ramp_step> steps;
    std::optional<run_report> best;
    run_report last;
    double good = 0;
    double bad = 0;
    for (double rate = o_.order.rate;
         rate <= rate_most && (bad == 0 || bad > good * ramp_precision);) {
      last = report_at(rate, watch);
      const bool passed = is_within_limits(last);
      steps.push_back(
          {rate, last.all.per_second, last.all.p99, last.all.failed, last.not_started, passed});
      fmt::print(stderr, "{:.0f}/s: p99 {:.2f} ms, {} failed: {}\n", rate, last.all.p99,
                 last.all.failed, passed ? "passed" : "too much");
      (passed ? good : bad) = rate;
      if (passed) best = last;
      // Even the first rate may be too much.
      if (bad > 0 && good == 0 && bad < ramp_rate_least) break;
      rate = bad == 0 ? rate * 2 : good == 0 ? rate / 2 : (good + bad) / 2;
    }
    auto report = best ? *best : last;
    report.ramp = std::move(steps);
    report.facts = facts_;
    report.ok = best.has_value();
    return report;
  }

  void audit(run_report& r, std::int64_t before) const {
    const auto found = facts_.find(std::string(confirmed_orders_fact));
    const auto confirmed = found == facts_.end() ? 0 : found->second;
    const auto check = verify(data(), before, static_cast<std::uint64_t>(confirmed));
    r.audit = audit_report{check.ok, check.text};
    r.ok = r.ok && check.ok;
  }

  int write(const run_report& r) const {
    const bool to_output = o_.json == "-";
    if (!to_output) fmt::print("{}", table_of(r));
    if (to_output) fmt::print("{}\n", json::write(r));
    if (!o_.json.empty() && !to_output) write_file(o_.json, json::write(r) + "\n");
    if (!o_.hdr.empty()) {
      const auto all = histogram::decode(r.all.histogram);
      write_file(o_.hdr, all ? all->text() : "");
    }
    if (!o_.html.empty()) write_file(o_.html, html_of(std::span(&r, 1)));
    return r.ok ? 0 : 1;
  }

  scenario_options o_;
  std::optional<test::temp_dir> folder_;
  std::optional<test::server> server_;
  std::optional<ordered_load> load_;
  std::map<std::string, std::int64_t> facts_;  ///< of all rates of a ramp
};

}  // namespace

void add_target_flags(CLI::App& app, target_options& o) {
  app.add_flag("--i-own-this-host", o.own_host, "Allow a server on another machine");
  app.add_option("--ca", o.ca_file, "Trusted certificates (PEM) for https instead of the system's")
      ->check(CLI::ExistingFile);
  app.add_flag("--insecure", o.insecure, "Accept any certificate");
}

void add_scenario_flags(CLI::App& app, scenario_options& o) {
  std::vector<std::string> names(scenario_names.begin(), scenario_names.end());
  names.emplace_back(get_name);
  app.add_option("scenario", o.order.scenario,
                 "browse, cart, checkout, flash-sale, login, mixed, or get for any HTTP server "
                 "(bench/README.md)")
      ->required()
      ->check(CLI::IsMember(names));
  auto* url =
      app.add_option("--url", o.order.url, "The server: http://HOST:PORT or https://HOST:PORT")
          ->capture_default_str();
  add_target_flags(app, o.target);
  app.add_option("--shop", o.order.shop, "The product that runs at the URL (docs/compare.md)")
      ->check(CLI::IsMember(std::vector<std::string>(shop_names.begin(), shop_names.end())))
      ->capture_default_str();
  app.add_option("--shop-key", o.order.shop_key, "Medusa's publishable key");
  app.add_flag("--compress", o.order.compress, "Ask for gzip bodies");
  app.add_flag("--start", o.start, "Start a server with a new demo store, and audit it afterwards")
      ->excludes(url);
  app.add_option("--program", o.program, "The program `stoa`, for --start")
      ->check(CLI::ExistingFile);
  app.add_option("--products", o.products, "Products of the demo store")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--stock", o.stock, "Units of each product of the demo store")
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str();
  app.add_option("--data", o.data, "The running server's data directory, for the audit")
      ->check(CLI::ExistingDirectory);
  auto* rate = app.add_option("--rate", o.order.rate, "Open loop: operations per second")
                   ->check(CLI::Range(0.1, 1e6))
                   ->capture_default_str();
  app.add_flag("--poisson", o.order.poisson,
               "Open loop: random (Poisson) arrivals instead of equal intervals");
  app.add_option("--connections-max", o.order.connections_max, "Open loop: most operations at once")
      ->check(CLI::Range(1, connections_most))
      ->capture_default_str();
  app.add_option("--connections", o.order.connections,
                 "Closed loop: users who wait for each response (flash-sale: buyers, 1000)")
      ->check(CLI::Range(1, connections_most))
      ->excludes(rate);
  app.add_option("--threads", o.order.threads, "Threads of the load generator")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--seconds", o.order.seconds, "Measuring period in seconds (flash-sale: limit)")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  app.add_option("--warmup", o.order.warmup_s, "Warm-up in seconds, not measured")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  app.add_option("--think", o.order.think_ms, "Mean pause between the steps of an operation in ms")
      ->check(CLI::Range(0, 600'000))
      ->capture_default_str();
  app.add_option("--timeout", o.order.timeout_s, "Longest wait for a response in seconds")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--reads", o.order.reads, "mixed: weight of page views")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--cart-changes", o.order.cart_changes, "mixed: weight of cart changes")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--purchases", o.order.purchases, "mixed: weight of purchases")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--accounts", o.order.accounts, "login: accounts to register first")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--path", o.order.path, "get: the path, of any HTTP server")
      ->capture_default_str();
  app.add_option("--pipeline", o.order.pipeline, "get: requests that a user sends at once")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seed", o.order.seed, "Seed of all random choices")->capture_default_str();
  app.add_option("--json", o.json, "Write the report as JSON to this file; - for standard output");
  app.add_flag("--ramp", o.ramp,
               "Find the highest rate within the limits, from --rate, with --seconds for each rate")
      ->excludes("--connections");
  app.add_option("--p99", o.p99_ms, "--ramp: limit of the 99th percentile in ms")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"ms", 1}, {"s", 1000}},
                                        CLI::AsNumberWithUnit::UNIT_OPTIONAL))
      ->check(CLI::Range(0.1, 1e6))
      ->capture_default_str();
  app.add_option("--errors", o.errors_percent, "--ramp: limit of failed operations in per cent")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  app.add_option("--agents", o.team.agents, "Run on these agents (host:port) instead of here")
      ->delimiter(',');
  app.add_option("--token-file", o.team.token_file, "The agents' shared token")
      ->check(CLI::ExistingFile);
  app.add_option("--html", o.html, "Write the report with plots to this HTML file");
  app.add_option("--hdr", o.hdr, "Write the percentile distribution to this file (HdrHistogram)");
}

void add_compare_flags(CLI::App& app, compare_options& o) {
  app.add_option("A", o.a, "A report (run --json FILE)")->required()->check(CLI::ExistingFile);
  app.add_option("B", o.b, "The other one")->required()->check(CLI::ExistingFile);
  app.add_option("--html", o.html, "Write both with plots to this HTML file");
}

void add_agent_flags(CLI::App& app, agent_options& o) {
  add_target_flags(app, o.target);
  app.add_option("--listen", o.listen, "Address and port for the leader")->capture_default_str();
  app.add_option("--token-file", o.token_file,
                 "A token that the leader must have; required for other addresses than loopback")
      ->check(CLI::ExistingFile);
  app.add_option("--runs", o.runs, "End after this many orders; 0: never")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
}

int run_compare(const compare_options& o) {
  const std::array runs{report_in(o.a), report_in(o.b)};
  fmt::print("{}", comparison_of(runs[0], runs[1]));
  if (!o.html.empty()) write_file(o.html, html_of(runs));
  return 0;
}

int run_scenario(scenario_options o) {
  if (o.order.reads + o.order.cart_changes + o.order.purchases == 0) {
    throw std::runtime_error("--reads, --cart-changes and --purchases are all 0");
  }
  test::raise_open_files(
      static_cast<std::uint64_t>(std::max(o.order.connections, o.order.connections_max)) + 1000);
  o.progress = ::isatty(STDERR_FILENO) == 1;
  return scenario_run(std::move(o)).run();
}

}  // namespace stoa::bench
