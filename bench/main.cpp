// stoa-bench: generates load for a Stoa server on this machine and verifies the resulting data.

#include "bench/cluster.hpp"
#include "bench/limits.hpp"
#include "bench/load.hpp"
#include "bench/orders.hpp"
#include "bench/profile.hpp"
#include "bench/run_command.hpp"
#include "tests/support/server.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <unistd.h>

namespace {

using namespace stoa::bench;

constexpr int exit_failed = 1;
constexpr int connections_max = 20'000;

struct arguments {
  run_options run;
  scenario_options scenario;
  compare_options compare;
  agent_options agent;
  own_store_options own;
  orders_options orders;
  cluster_options cluster;
  limits_options limits;
  profile_options profile;
  int rounds = 3;
  bool json = false;
};

void add_run_flags(CLI::App& app, arguments& a) {
  app.add_option("--concurrency", a.run.concurrency, "Number of concurrent clients")
      ->check(CLI::Range(1, connections_max))
      ->capture_default_str();
  app.add_option("--seconds", a.run.seconds, "Measuring period in seconds")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  app.add_option("--warmup", a.run.warmup_s, "Warm-up in seconds, not measured")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  app.add_flag("--json", a.json, "Print the result as one JSON object");
}

void add_contest_flags(CLI::App& app, arguments& a) {
  add_run_flags(app, a);
  app.add_option("--rounds", a.rounds, "Number of rounds, alternating between the contenders")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
}

/// Keeps two cores busy in each setup; with half as many clients, those on PostgreSQL sometimes
/// wait for the disk.
constexpr int cluster_clients = 128;

int run_contest(const CLI::App& orders, const CLI::App& cluster, arguments& a) {
  if (orders.parsed()) {
    a.orders.run = a.run;
    a.orders.rounds = a.rounds;
    a.orders.json = a.json;
    return run_orders(a.orders);
  }
  if (cluster.get_option("--concurrency")->empty()) a.run.concurrency = cluster_clients;
  if (a.cluster.program.empty()) a.cluster.program = stoa::test::stoa_binary();
  a.cluster.run = a.run;
  a.cluster.rounds = a.rounds;
  a.cluster.json = a.json;
  return run_cluster(a.cluster);
}

int run(int argc, char** argv) {
  CLI::App app("Load generator for a Stoa server on this machine");
  app.require_subcommand(1);
  arguments a;
  a.run.progress = ::isatty(STDERR_FILENO) == 1;

  auto* scenario = app.add_subcommand(
      "run", "A scenario at a rate (open loop), or by users who wait for responses (closed loop)");
  add_scenario_flags(*scenario, a.scenario);
  auto* agent = app.add_subcommand("agent", "Wait for orders of `run --agents`, one at a time");
  add_agent_flags(*agent, a.agent);
  auto* compare = app.add_subcommand("compare", "Compare the reports of two runs");
  add_compare_flags(*compare, a.compare);

  auto* own = app.add_subcommand(
      "store", "Start a server with a new demo store; run purchases, verify them, run reads");
  add_run_flags(*own, a);
  own->add_option("--program", a.own.program, "The program `stoa`")->check(CLI::ExistingFile);
  own->add_option("--products", a.own.products, "Products of the demo store")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  own->add_option("--stock", a.own.stock, "Stock of each product")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  own->add_option("--only", a.own.run_only, "Run only purchases or only reads")
      ->check(CLI::IsMember({"purchase", "read"}));

  auto* orders = app.add_subcommand(
      "orders", "The order store alone on PostgreSQL, and pgbench with the same statements");
  add_contest_flags(*orders, a);
  orders->add_option("--clients", a.orders.clients, "Clients of pgbench")
      ->check(CLI::Range(1, 150))
      ->capture_default_str();
  orders
      ->add_option("--producers", a.orders.producers,
                   "Concurrent producers of orders; several numbers allowed")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();

  auto* cluster = app.add_subcommand(
      "cluster", "Purchases on SQLite, on PostgreSQL and in a cluster; latency between nodes");
  add_contest_flags(*cluster, a);
  cluster->get_option("--concurrency")->default_str(std::to_string(cluster_clients));
  cluster->add_option("--program", a.cluster.program, "The program `stoa`")
      ->check(CLI::ExistingFile);
  cluster->add_flag("--brokers", a.cluster.brokers,
                    "Also measure three nodes with events over NATS and carts in Redis");

  auto* limits = app.add_subcommand(
      "limits",
      "One node against nginx, FTS5, PostgreSQL and a loop of row writes, with floors and goals");
  limits->add_option("--program", a.limits.program, "The program `stoa`")->check(CLI::ExistingFile);
  limits->add_option("--seconds", a.limits.seconds, "Duration of each measurement in seconds")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  limits->add_flag("--json", a.limits.json, "Print the result as one JSON object");

  auto* profile =
      app.add_subcommand("profile", "Flame graphs of purchases and of product reads, by perf");
  profile->add_option("--program", a.profile.program, "The program `stoa`")
      ->check(CLI::ExistingFile);
  profile->add_option("--output", a.profile.folder, "Folder of the SVG files")
      ->capture_default_str();
  profile->add_option("--seconds", a.profile.seconds, "Duration of the samples in seconds")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  profile->add_option("--concurrency", a.profile.concurrency, "Number of concurrent clients")
      ->check(CLI::Range(1, connections_max))
      ->capture_default_str();

  CLI11_PARSE(app, argc, argv);
  stoa::test::raise_open_files(static_cast<std::uint64_t>(a.run.concurrency) + 1000);
  if (compare->parsed()) return run_compare(a.compare);
  if (scenario->parsed()) return run_scenario(a.scenario);
  if (agent->parsed()) return run_agent(a.agent);
  if (profile->parsed()) {
    if (a.profile.program.empty()) a.profile.program = stoa::test::stoa_binary();
    return run_profile(a.profile);
  }
  if (limits->parsed()) {
    if (a.limits.program.empty()) a.limits.program = stoa::test::stoa_binary();
    return run_limits(a.limits);
  }
  if (orders->parsed() || cluster->parsed()) return run_contest(*orders, *cluster, a);
  if (a.own.program.empty()) a.own.program = stoa::test::stoa_binary();
  a.own.run = a.run;
  a.own.json = a.json;
  return run_own_store(a.own);
}

}  // namespace

int main(int argc, char** argv) {
  // A server that closes a TLS connection is an error of the request.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "stoa-bench: {}\n", e.what());
    return exit_failed;
  }
}
