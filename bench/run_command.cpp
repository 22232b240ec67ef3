#include "bench/run_command.hpp"

#include "bench/figures.hpp"
#include "bench/load.hpp"
#include "bench/report.hpp"
#include "bench/scenario.hpp"
#include "bench/target.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"
#include "tests/support/store_checker.hpp"
#include "tests/support/temp_dir.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <unistd.h>

namespace stoa::bench {
namespace {

constexpr int connections_most = 20'000;
constexpr double mb = 1024 * 1024;
constexpr std::string_view get_name = "get";
/// A server that it starts does not limit its clients, who all have one address.
const test::environment unlimited{{"STOA_LOG_LEVEL", "warn"}};

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
std::function<server_use()> use_of(std::uint16_t port) {
  auto client = std::make_shared<test::http_client>(port);
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

class scenario_run {
 public:
  explicit scenario_run(scenario_options o) : o_(std::move(o)) {}

  int run() {
    if (o_.start) start();
    port_ = server_ ? server_->port() : loopback_port(o_.url);
    const auto before = data().empty() ? 0 : confirmed_orders(data());
    const auto target = make_stoa_shop();
    const auto what = operation_at(*target);
    load_watch watch{use_of(port_), {}};
    if (o_.progress) watch.each_second = [](const auto& s, bool) { show_progress(line_of(s)); };
    const auto started_at = system_time().now();
    const auto plan = plan_of();
    const auto result = run_load(plan, what, watch);
    if (o_.progress) end_progress();
    auto report = report_of(plan, result);
    report.scenario = o_.scenario;
    report.target = o_.scenario == get_name ? "http" : "stoa";
    report.url = "http://127.0.0.1:" + std::to_string(port_);
    report.started_at = started_at.str();
    if (!data().empty()) audit(report, before);
    return write(report);
  }

 private:
  std::filesystem::path data() const { return server_ ? server_->data() : o_.data; }

  operation operation_at(shop& target) const {
    if (o_.scenario == get_name) return get_of(o_.path, o_.pipeline);
    target.prepare({.port = port_,
                    .accounts = o_.scenario == "login" ? o_.accounts : 0,
                    .sells_out = o_.scenario == "flash-sale"});
    return scenario_of(o_.scenario, target, {o_.reads, o_.cart_changes, o_.purchases});
  }

  void start() {
    folder_.emplace();
    if (o_.program.empty()) o_.program = test::stoa_binary();
    const bool is_sale = o_.scenario == "flash-sale";
    test::load_demo(o_.program, *folder_ / "data", is_sale ? 1 : o_.products, o_.stock);
    server_.emplace(test::server_options{
        .program = o_.program, .data = *folder_ / "data", .settings = unlimited, .arguments = {}});
    server_->start();
  }

  load_plan plan_of() const {
    load_plan p;
    p.once = o_.scenario == "flash-sale";
    const bool closed = o_.connections > 0 || p.once;
    p.rate = closed ? 0 : o_.rate;
    p.spacing = o_.poisson ? arrivals::poisson : arrivals::constant;
    p.connections = o_.connections > 0 ? o_.connections : p.once ? 1000 : o_.connections_max;
    p.threads = std::min(o_.threads, p.connections);
    p.warmup = std::chrono::seconds{p.once ? 0 : o_.warmup_s};
    p.duration = std::chrono::seconds{o_.seconds};
    p.ports = {port_};
    p.timeout = std::chrono::seconds{o_.timeout_s};
    p.think = std::chrono::milliseconds{o_.think_ms};
    p.repeats = p.once;
    p.seed = o_.seed;
    return p;
  }

  void audit(run_report& r, std::int64_t before) const {
    const auto found = r.facts.find(std::string(confirmed_orders_fact));
    const auto confirmed = found == r.facts.end() ? 0 : found->second;
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
    return r.ok ? 0 : 1;
  }

  static void write_file(const std::filesystem::path& path, const std::string& content) {
    std::ofstream out(path, std::ios::binary);
    out << content;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
  }

  scenario_options o_;
  std::optional<test::temp_dir> folder_;
  std::optional<test::server> server_;
  std::uint16_t port_ = 0;
};

}  // namespace

void add_scenario_flags(CLI::App& app, scenario_options& o) {
  std::vector<std::string> names(scenario_names.begin(), scenario_names.end());
  names.emplace_back(get_name);
  app.add_option("scenario", o.scenario,
                 "browse, cart, checkout, flash-sale, login, mixed, or get for any HTTP server "
                 "(bench/README.md)")
      ->required()
      ->check(CLI::IsMember(names));
  auto* url =
      app.add_option("--url", o.url, "The server: http://127.0.0.1:PORT")->capture_default_str();
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
  auto* rate = app.add_option("--rate", o.rate, "Open loop: operations per second")
                   ->check(CLI::Range(0.1, 1e6))
                   ->capture_default_str();
  app.add_flag("--poisson", o.poisson,
               "Open loop: random (Poisson) arrivals instead of equal intervals");
  app.add_option("--connections-max", o.connections_max, "Open loop: most operations at once")
      ->check(CLI::Range(1, connections_most))
      ->capture_default_str();
  app.add_option("--connections", o.connections,
                 "Closed loop: users who wait for each response (flash-sale: buyers, 1000)")
      ->check(CLI::Range(1, connections_most))
      ->excludes(rate);
  app.add_option("--threads", o.threads, "Threads of the load generator")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--seconds", o.seconds, "Measuring period in seconds (flash-sale: limit)")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  app.add_option("--warmup", o.warmup_s, "Warm-up in seconds, not measured")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  app.add_option("--think", o.think_ms, "Mean pause between the steps of an operation in ms")
      ->check(CLI::Range(0, 600'000))
      ->capture_default_str();
  app.add_option("--timeout", o.timeout_s, "Longest wait for a response in seconds")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--reads", o.reads, "mixed: weight of page views")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--cart-changes", o.cart_changes, "mixed: weight of cart changes")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--purchases", o.purchases, "mixed: weight of purchases")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--accounts", o.accounts, "login: accounts to register first")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--path", o.path, "get: the path, of any HTTP server")->capture_default_str();
  app.add_option("--pipeline", o.pipeline, "get: requests that a user sends at once")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seed", o.seed, "Seed of all random choices")->capture_default_str();
  app.add_option("--json", o.json, "Write the report as JSON to this file; - for standard output");
  app.add_option("--hdr", o.hdr, "Write the percentile distribution to this file (HdrHistogram)");
}

int run_scenario(const CLI::App& /*app*/, scenario_options o) {
  if (o.reads + o.cart_changes + o.purchases == 0) {
    throw std::runtime_error("--reads, --cart-changes and --purchases are all 0");
  }
  test::raise_open_files(static_cast<std::uint64_t>(std::max(o.connections, o.connections_max)) +
                         1000);
  o.progress = ::isatty(STDERR_FILENO) == 1;
  return scenario_run(std::move(o)).run();
}

}  // namespace stoa::bench
