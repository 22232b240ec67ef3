#include "bench/limits.hpp"

#include "bench/contest.hpp"
#include "bench/load.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

namespace stoa::bench {
namespace {

constexpr int products = 1000;
constexpr int stock = 1'000'000;
constexpr int cold_starts = 5;
constexpr double kb = 1000;

/// What the process has caused to be written to the disk (proc(5), io).
double bytes_written(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/io");
  std::string name;
  double value = 0;
  while (in >> name >> value) {
    if (name == "write_bytes:") return value;
  }
  return 0;
}

double bytes_in(const std::filesystem::path& folder) {
  double sum = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) sum += static_cast<double>(entry.file_size());
  }
  return sum;
}

/// The purchases of one number of clients.
struct purchase_costs {
  purchase_figures run;
  double cpu_ms = 0;      ///< of the server per purchase
  double kb_written = 0;  ///< per purchase
  double rate() const { return run.per_second(); }
  double percentile(double part) { return run.steps["purchases"].percentile_ms(part); }
};

purchase_costs purchases(const test::server& server, int clients, int seconds) {
  const auto cpu = cpu_seconds(server.pid());
  const auto written = bytes_written(server.pid());
  purchase_costs m;
  m.run = run_purchases(
      {.port = server.port(), .concurrency = clients, .seconds = seconds, .warmup_s = 1});
  if (m.run.confirmed == 0) throw std::runtime_error("no purchase was confirmed");
  const auto done = static_cast<double>(m.run.confirmed);
  m.cpu_ms = (cpu_seconds(server.pid()) - cpu) * 1000 / done;
  m.kb_written = (bytes_written(server.pid()) - written) / kb / done;
  return m;
}

class limits_stage {
 public:
  explicit limits_stage(const limits_options& options) : options_(options) {}

  void run() {
    cold_start();
    on_sqlite();
    on_postgres();
    for (auto& l : read_limits(options_)) all_.push_back(std::move(l));
    sale();
    for (const auto& [what, how] :
         {std::pair("CPU per purchase, three nodes / one node", "./dev bench cluster"),
          std::pair("three times the sustainable load", "functional/overrun_test"),
          std::pair("growth to 100,000 products and 1,000,000 orders", "docs/performance.md")}) {
      all_.push_back({what, std::nullopt, "", 0, 0, limit::at_most, "see " + std::string(how)});
    }
  }

  void print() const {
    if (options_.json) return print_json();
    fmt::print(
        "{}\n{} s each; ratios count, figures depend on the machine\n\n  "
        "{:<66}{:>10}{:>12}{:>12}\n",
        machine(), options_.seconds, "", "measured", "floor", "goal");
    for (const auto& l : all_) {
      if (!l.value) {
        fmt::print("  {:<66}{:>10}{:>36}{}\n", l.what, "-", "", l.note);
        continue;
      }
      const auto sign = l.kind == limit::at_least ? ">=" : "<=";
      fmt::print("  {:<66}{:>10.{}f}{:>12}{:>12}  {}{}{}\n", l.what, *l.value,
                 *l.value < 100 ? 2 : 0, fmt::format("{} {:g}", sign, l.floor),
                 fmt::format("{} {:g}", sign, l.goal), l.verdict(), l.note.empty() ? "" : "  ",
                 l.note);
    }
    for (const auto& p : problems_) fmt::print("{}\n", p);
  }
  bool good() const { return problems_.empty(); }

 private:
  void add(std::string what, double value, std::string unit, double floor, double goal,
           decltype(limit::at_least) kind, std::string note = {}) {
    all_.push_back({std::move(what), value, std::move(unit), floor, goal, kind, std::move(note)});
  }

  void cold_start() {
    const test::temp_dir folder;
    test::server server = make(folder / "data", {});
    histogram times;
    for (int i = 0; i <= cold_starts; ++i) {
      const auto began = load_clock::now();
      server.start();
      // The first one creates the store.
      if (i > 0) times.add(load_clock::now() - began);
      server.stop();
    }
    server.start();
    std::this_thread::sleep_for(std::chrono::seconds{1});
    add("cold start to the first answer, ms", times.percentile_ms(0.5), "ms", 60, 40,
        limit::at_most);
    add("memory, idle, MB", static_cast<double>(server.memory_kb()) / 1024, "MB", 40, 30,
        limit::at_most);
  }

  test::server make(const std::filesystem::path& data, test::environment settings) const {
    settings.emplace_back("STOA_LOG_LEVEL", "error");
    return test::server({.program = options_.program,
                         .data = data,
                         .settings = std::move(settings),
                         .arguments = {}});
  }

  void on_sqlite() {
    const test::temp_dir folder;
    const auto data = folder / "data";
    test::load_demo(options_.program, data, products, stock);
    auto server = make(data, {});
    const auto before = bytes_in(data);
    server.start();
    many_ = purchases(server, 128, options_.seconds);
    some_ = purchases(server, 16, options_.seconds);
    auto one = purchases(server, 1, options_.seconds);
    const auto memory = static_cast<double>(server.memory_kb()) / 1024;
    const auto confirmed = many_.run.confirmed + some_.run.confirmed + one.run.confirmed;
    check("SQLite", data, confirmed);
    if (server.stop() != 0) problems_.emplace_back("the server did not stop cleanly");
    add("purchases/s, 128 connections", many_.rate(), "/s", 2500, 3500, limit::at_least);
    add("purchases, 128 connections: p99, ms", many_.percentile(0.99), "ms", 100, 80,
        limit::at_most);
    add("purchases, 128 connections: CPU of the server, ms each", many_.cpu_ms, "ms", 0.6, 0.4,
        limit::at_most);
    add("purchases, 128 connections: written, KB each", many_.kb_written, "KB", 100, 60,
        limit::at_most);
    add("purchases/s, 16 connections", some_.rate(), "/s", 1400, 2000, limit::at_least);
    add("purchases, 16 connections: CPU of the server, ms each", some_.cpu_ms, "ms", 1.0, 0.6,
        limit::at_most);
    add("one customer's purchase: p50, ms", one.percentile(0.5), "ms", 3, 2.5, limit::at_most);
    add("one customer's purchase: p99, ms", one.percentile(0.99), "ms", 6, 5, limit::at_most);
    add("one customer's purchase: written, KB", one.kb_written, "KB", 300, 200, limit::at_most);
    add("kept on disk, KB a purchase, with its email",
        (bytes_in(data) - before) / kb / static_cast<double>(confirmed), "KB", 8, 6,
        limit::at_most);
    add("memory after purchases with 1,000 products, MB", memory, "MB", 300, 250, limit::at_most);
    const auto bare = bare_loop_per_second(folder / "bare", options_.seconds);
    add("purchases, 128 connections / the same rows written in a loop", many_.rate() / bare, "",
        0.4, 0.6, limit::at_least, fmt::format("the loop: {:.0f}/s", bare));
  }

  void on_postgres() {
    if (!test::postgres_server::available()) {
      all_.push_back({"purchases, PostgreSQL / SQLite", std::nullopt, "", 0.7, 0.8, limit::at_least,
                      "needs the package postgresql"});
      return;
    }
    test::postgres_server databases(test::postgres_server_options{.fsync = true});
    const test::temp_dir folder;
    const test::environment settings{
        {"STOA_DATA_STORE", "postgres"},
        {"STOA_POSTGRES_URL", databases.socket_url("limits_{service}")}};
    const auto demo =
        test::run_program(options_.program,
                          {"demo", "--data", (folder / "data").string(), "--products",
                           std::to_string(products), "--stock", std::to_string(stock)},
                          settings);
    if (demo.exit_code != 0) throw std::runtime_error("stoa demo: " + demo.output);
    auto server = make(folder / "data", settings);
    server.start();
    const auto many = purchases(server, 128, options_.seconds);
    const auto some = purchases(server, 16, options_.seconds);
    auto one = purchases(server, 1, options_.seconds);
    add("purchases, 128 connections, PostgreSQL / SQLite", many.rate() / many_.rate(), "", 0.7, 0.8,
        limit::at_least, fmt::format("{:.0f}/s", many.rate()));
    add("purchases, 16 connections, PostgreSQL / SQLite", some.rate() / some_.rate(), "", 0.5, 0.6,
        limit::at_least, fmt::format("{:.0f}/s", some.rate()));
    add("one customer's purchase on PostgreSQL: p50, ms", one.percentile(0.5), "ms", 10, 8,
        limit::at_most);
    add("one customer's purchase on PostgreSQL: p99, ms", one.percentile(0.99), "ms", 20, 15,
        limit::at_most);
  }

  void sale() {
    const auto found = run_flash_sale(options_.program);
    if (!found.is_exact) {
      problems_.push_back(fmt::format(
          "flash sale: {} of 100 units were sold, or the store is inconsistent", found.sold));
    }
    add("flash sale, 10,000 customers and 100 units, answers/s", found.per_second(), "/s", 5000,
        10'000, limit::at_least, found.is_exact ? "exact" : "NOT EXACT");
  }

  void check(const std::string& where, const std::filesystem::path& data, std::uint64_t confirmed) {
    const auto found = verify(data, 0, confirmed);
    if (!found.ok) problems_.push_back(where + ": VERIFICATION FAILED\n" + found.text);
  }

  void print_json() const {
    std::string out = R"({"machine":)" + json::write(machine()) + R"(,"limits":[)";
    for (const auto& l : all_) {
      out +=
          fmt::format(R"({}{{"what":{},"unit":{},"measured":{},"{}":{{"floor":{:g},"goal":{:g}}},)"
                      R"("verdict":{},"note":{}}})",
                      &l == all_.data() ? "" : ",", json::write(l.what), json::write(l.unit),
                      l.value ? fmt::format("{:.4g}", *l.value) : "null",
                      l.kind == limit::at_least ? "at_least" : "at_most", l.floor, l.goal,
                      json::write(l.verdict()), json::write(l.note));
    }
    fmt::print("{}],\"consistent\":{}}}\n", out, good());
  }

  const limits_options& options_;
  std::vector<limit> all_;
  std::vector<std::string> problems_;
  purchase_costs many_, some_;
};

}  // namespace

std::string limit::verdict() const {
  if (!value) return "-";
  const auto reaches = [&](double at) { return kind == at_least ? *value >= at : *value <= at; };
  if (reaches(goal)) return "goal";
  return reaches(floor) ? "floor" : "MISSED";
}

int run_limits(const limits_options& options) {
  limits_stage s(options);
  s.run();
  s.print();
  return s.good() ? 0 : 1;
}

}  // namespace stoa::bench
