// Records a writer's statements for pgbench, so that they cannot differ from those of the order
// store.

#include "actors/kernel/service_writer.hpp"
#include "actors/order/order_service.hpp"
#include "bench/order_sample.hpp"
#include "bench/orders.hpp"
#include "storage/db/postgres.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <sys/resource.h>

namespace stoa::bench {
namespace {

/// Distance between the order numbers of one client; exceeds the number of clients.
constexpr int clients_max = 1000;
/// Maximum number of UUIDs per order.
constexpr int uuids_max = 16;

/// A connection that records the statements.
class recorder final : public db::connection {
 public:
  explicit recorder(db::connection& behind) : behind_(behind) {}

  std::string_view dialect() const override { return behind_.dialect(); }
  void begin() override { behind_.begin(); }
  void begin_read() override { behind_.begin_read(); }
  void commit() override { behind_.commit(); }
  void rollback() noexcept override { behind_.rollback(); }
  void query(std::span<const db::statement> statements, const db::row_sink& sink) override {
    keep(statements);
    behind_.query(statements, sink);
  }
  void execute(std::span<const db::statement> statements) override {
    keep(statements);
    behind_.execute(statements);
  }
  void execute_and_commit(std::span<const db::statement> statements,
                          const std::function<void()>& before_commit) override {
    keep(statements);
    behind_.execute_and_commit(statements, before_commit);
  }
  void run_script(const std::string& text) override { behind_.run_script(text); }

  std::vector<db::statement> kept;

 private:
  void keep(std::span<const db::statement> statements) {
    kept.insert(kept.end(), statements.begin(), statements.end());
  }

  db::connection& behind_;
};

/// Builds the script: values that must be unique per order are derived from the order's number, all
/// others become variables.
class script_writer {
 public:
  explicit script_writer(std::string scope) : scope_(std::move(scope)) {
    script_.text = fmt::format(
        "\\set n :n + 1\n\\set number :n * {} + :client_id\n"
        "BEGIN ISOLATION LEVEL REPEATABLE READ;\n",
        clients_max);
  }

  void add(const db::statement& one) {
    const bool numbered = one.what->name == "insert outbox";  // Its second column is the number.
    std::string text;
    const std::string& from = one.what->text;
    for (std::size_t i = 0; i < from.size(); ++i) {
      std::size_t end = i + 1;
      while (end < from.size() && from[end] >= '0' && from[end] <= '9') ++end;
      if (from[i] != '$' || end == i + 1) {
        text += from[i];
        continue;
      }
      const auto place = std::stoul(from.substr(i + 1, end - i - 1));
      text += numbered && place == 2 ? ":number" : term(one.params.at(place - 1));
      i = end - 1;
    }
    script_.text += text + ";\n";
  }

  pgbench_script take() {
    script_.text += "COMMIT;\n";
    return std::move(script_);
  }

 private:
  std::string term(const db::value& v) {
    if (const auto* u = std::get_if<uuid>(&v)) {
      const auto place = places_.try_emplace(*u, places_.size()).first->second;
      if (place >= uuids_max) throw std::logic_error("an order has more ids than expected");
      // Ascending like version 7, so that index entries are appended here too.
      return fmt::format("lpad(to_hex(:number::bigint * {} + {}), 32, '0')::uuid", uuids_max,
                         place);
    }
    if (const auto* t = std::get_if<std::string>(&v)) {
      return *t == scope_ ? "(:scope || ' ' || :number::text)" : variable(*t);
    }
    if (const auto* n = std::get_if<std::int64_t>(&v)) return variable(std::to_string(*n));
    if (const auto* d = std::get_if<double>(&v)) return variable(fmt::format("{}", *d));
    return "NULL";
  }

  std::string variable(const std::string& held) {
    if (held.empty()) return "''";  // pgbench does not support empty variables.
    script_.variables.push_back(fmt::format("v{}={}", script_.variables.size(), held));
    return fmt::format(":v{}", script_.variables.size() - 1);
  }

  std::string scope_;
  pgbench_script script_;
  std::map<uuid, std::size_t> places_;
};

/// The number after the given text in pgbench's report.
double number_after(const std::string& report, const std::string& word) {
  const auto at = report.find(word);
  if (at == std::string::npos) throw std::runtime_error("pgbench failed:\n" + report);
  return std::stod(report.substr(at + word.size()));
}

double children_cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

}  // namespace

pgbench_script order_script(const std::string& url) {
  db::postgres_options options;
  options.url = url;
  const auto connection = db::postgres_database(std::move(options))->open(db::access::write);
  recorder seen(*connection);
  const order::order_service service{{}};
  kernel::writer_environment environment;
  environment.grant = kernel::force_take_partition(*connection, 0, environment.owner);
  kernel::service_writer<order::order_service> writer(service, seen, environment);
  auto j = sample_order();
  script_writer script(j.context.idempotency_scope);
  writer.add(std::move(j));
  if (!writer.flush(1).committed) throw std::runtime_error("the sample order was not committed");
  for (const auto& one : seen.kept) {
    // All clients would contend for this single row; pgbench has no partitions.
    if (one.what->name != "save partition") script.add(one);
  }
  auto made = script.take();
  made.variables.push_back("scope=guest POST /store/v1/carts/checkout bench");
  return made;
}

std::optional<std::string> pgbench_program() {
  std::optional<std::string> newest;
  int newest_version = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const int version = std::atoi(entry.path().filename().c_str());
    const auto program = entry.path() / "bin" / "pgbench";
    if (version <= newest_version || !std::filesystem::exists(program)) continue;
    newest_version = version;
    newest = program.string();
  }
  return newest;
}

pgbench_figures run_pgbench(const pgbench_script& script, const pgbench_run& run) {
  const test::temp_dir folder;
  const auto file = folder / "order.sql";
  std::ofstream(file) << script.text;
  std::vector<std::string> words{"--no-vacuum",
                                 "--protocol=prepared",
                                 "--file=" + file.string(),
                                 "--client=" + std::to_string(run.clients),
                                 "--jobs=" + std::to_string(std::min(run.clients, 2)),
                                 "--time=" + std::to_string(run.seconds),
                                 "--define=n=" + std::to_string(run.first)};
  for (const auto& v : script.variables) words.push_back("--define=" + v);
  words.push_back(run.url);
  const auto cpu = children_cpu_seconds();
  test::child_process pgbench({pgbench_program().value(), std::move(words), folder / "report", {}});
  pgbench.start();
  const auto ended = pgbench.wait(std::chrono::seconds{run.seconds + 60});
  const auto report = pgbench.log_end(4000);
  if (ended != 0) throw std::runtime_error("pgbench failed:\n" + report);
  pgbench_figures found;
  found.per_second = number_after(report, "tps = ");
  found.latency_ms = number_after(report, "latency average = ");
  found.orders = static_cast<std::uint64_t>(
      number_after(report, "number of transactions actually processed: "));
  if (number_after(report, "number of failed transactions: ") > 0) {
    throw std::runtime_error("pgbench transactions failed:\n" + report);
  }
  found.cpu_s = children_cpu_seconds() - cpu;
  return found;
}

}  // namespace stoa::bench
