#include "bench/orders.hpp"

#include "storage/base/json_write.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

namespace stoa::bench {
namespace {

constexpr double goal_ratio = 3;
/// Gap between the order numbers of pgbench's rounds; exceeds the orders of a client per round.
constexpr std::uint64_t numbers_a_round = 100'000'000;

/// A configuration of the order store.
struct configuration {
  int producers;
  int partitions;
  std::string database;
  contender result;
  std::uint64_t batches = 0;
};

std::vector<configuration> configurations(const orders_options& options) {
  std::vector<configuration> all;
  for (const int partitions : {1, 2}) {
    for (const int producers : options.producers) {
      configuration w{
          producers, partitions, fmt::format("orders_{}_{}", partitions, producers), {}, 0};
      w.result.name = fmt::format("stoa, {} producers, {}", producers,
                                  partitions == 1 ? "1 writer" : "2 writers");
      all.push_back(std::move(w));
    }
  }
  return all;
}

void run_configuration(configuration& w, test::postgres_server& server, const run_options& run) {
  const auto cpu = postgres_cpu_seconds(server.data());
  auto found =
      place_orders({server.url(w.database), w.producers, w.partitions, run.seconds, run.warmup_s});
  auto& r = w.result;
  r.servers_cpu_s += postgres_cpu_seconds(server.data()) - cpu;
  r.program_cpu_s += found.cpu_s;
  r.done += found.all_orders;
  r.rates.push_back(static_cast<double>(found.orders) / run.seconds);
  r.times.add(found.times);
  w.batches += found.batches;
  r.note = fmt::format("{:.0f} orders a batch",
                       static_cast<double>(r.done) / static_cast<double>(w.batches));
}

void run_pgbench_round(contender& r, const pgbench_script& script, test::postgres_server& server,
                       const pgbench_run& run) {
  const auto cpu = postgres_cpu_seconds(server.data());
  const auto found = run_pgbench(script, run);
  r.servers_cpu_s += postgres_cpu_seconds(server.data()) - cpu;
  r.program_cpu_s += found.cpu_s;
  r.done += found.orders;
  r.rates.push_back(found.per_second);
  r.note = fmt::format("mean latency {:.1f} ms", found.latency_ms);
}

/// Round trips per batch, counted on the wire.
double round_trips(test::postgres_server& server, const std::string& database) {
  test::tcp_proxy gate(server.port());
  const auto found = place_orders(
      {fmt::format("postgresql://stoa@127.0.0.1:{}/{}", gate.port(), database), 32, 1, 1, 0});
  return static_cast<double>(gate.round_trips()) / static_cast<double>(found.batches);
}

}  // namespace

int run_orders(const orders_options& options) {
  if (!test::postgres_server::available() || !pgbench_program()) {
    throw std::runtime_error("the PostgreSQL server and pgbench are required: postgresql-15");
  }
  test::postgres_server server({.fsync = true});
  auto configs = configurations(options);
  for (const auto& w : configs) {
    server.create_database(w.database);
    prepare_orders(server.url(w.database), w.partitions);
  }
  const std::string plain = "orders_pgbench";
  server.create_database(plain);
  prepare_orders(server.url(plain), 1);
  const auto script = order_script(server.url(plain));

  contender pgbench;
  pgbench.name = fmt::format("pgbench, {} clients, one transaction an order", options.clients);
  for (int round = 0; round < options.rounds; ++round) {
    run_pgbench_round(
        pgbench, script, server,
        {server.url(plain), options.clients, options.run.seconds + options.run.warmup_s,
         numbers_a_round * static_cast<std::uint64_t>(round + 1)});
    for (auto& w : configs) run_configuration(w, server, options.run);
  }

  std::vector<contender> all{std::move(pgbench)};
  std::vector<goal> goals;
  for (auto& w : configs) {
    goals.push_back({w.result.name + " / pgbench", rate_ratio(w.result, all.front()), goal_ratio,
                     goal::at_least});
    all.push_back(std::move(w.result));
  }
  const auto trips = round_trips(server, configs.front().database);
  if (options.json) {
    fmt::print(R"({{"machine":{},"orders":{},"round_trips_a_batch":{:.2f}}})"
               "\n",
               json::write(machine()), contest_json(all, goals, "orders"), trips);
  } else {
    fmt::print(
        "{}\norder store on PostgreSQL with fsync: {} rounds of {} s\n{}"
        "  round trips per batch, on the wire: {:.2f}\n",
        machine(), options.rounds, options.run.seconds, contest_text(all, goals, "orders"), trips);
  }
  return 0;
}

}  // namespace stoa::bench
