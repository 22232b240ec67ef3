#include "bench/cluster.hpp"

#include "bench/contest.hpp"
#include "bench/load.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>

#include <memory>
#include <stdexcept>

namespace stoa::bench {
namespace {

constexpr double goal_postgres_to_sqlite = 0.8;
constexpr double goal_cluster_cpu = 1.3;

/// The nodes of a store, and the results measured on them.
struct setup {
  contender purchases;
  std::vector<test::server*> nodes;
  std::vector<std::uint16_t> fronts;
  std::filesystem::path data;
  const test::postgres_server* postgres = nullptr;  ///< null: SQLite

  double nodes_cpu_s() const {
    double sum = 0;
    for (const auto* n : nodes) sum += cpu_seconds(n->pid());
    return sum;
  }
  double postgres_cpu_s() const { return postgres ? postgres_cpu_seconds(postgres->data()) : 0; }
  run_options at(run_options run) const {
    run.port = fronts.front();
    run.other_ports.assign(fronts.begin() + 1, fronts.end());
    return run;
  }
};

/// Runs a load against the setup's nodes and adds the result.
template <class Load>
auto measured(const setup& s, contender& c, const run_options& run, Load load) {
  const auto cpu = s.nodes_cpu_s();
  const auto postgres_cpu = s.postgres_cpu_s();
  auto found = load(s.at(run));
  c.program_cpu_s += s.nodes_cpu_s() - cpu;
  c.servers_cpu_s += s.postgres_cpu_s() - postgres_cpu;
  c.rates.push_back(found.per_second());
  c.times.add(found.steps[found.name]);
  if (!found.errors.empty() && c.note.empty()) c.note = "error: " + found.errors.front();
  return found;
}

class stage {
 public:
  explicit stage(const cluster_options& options)
      : options_(options),
        ground_({.redis = false,
                 .nats = false,
                 .gates = false,
                 .roomy = true,
                 .writers = 1,
                 .fsync = true}) {
    add_sqlite();
    add_one_node();
    add_nodes("three nodes, PostgreSQL", ground_, "three", {"all", "all", "all"});
    add_nodes("front and services apart, PostgreSQL", ground_, "two",
              {"front,user", "catalog,cart,order,payment,pricing,notification"});
    setups_.back().fronts.resize(1);  // The second node has no front.
    if (!options.brokers) return;
    brokers_ = std::make_unique<test::cluster_ground>(test::ground_options{
        .redis = true, .nats = true, .gates = false, .roomy = true, .writers = 1, .fsync = true});
    add_nodes("three nodes, PostgreSQL, NATS, Redis", *brokers_, "brokers", {"all", "all", "all"});
  }

  void run() {
    for (int round = 0; round < options_.rounds; ++round) {
      // Each setup is measured first once and last once, because some machines slow down under
      // load.
      for (std::size_t turn = 0; turn < setups_.size(); ++turn) {
        auto& s = setups_[(turn + static_cast<std::size_t>(round)) % setups_.size()];
        const auto found = measured(s, s.purchases, options_.run, run_purchases);
        s.purchases.done += found.confirmed;
      }
      for (auto& r : reads_) {
        auto run = options_.run;
        run.concurrency = r.clients;
        run.warmup_s = 0;  // Only counted reads may use CPU time.
        const auto found = measured(setups_[r.where], r.result, run, run_reads);
        r.result.done += found.done;
      }
    }
  }

  /// Checks that each setup has exactly the confirmed orders and that all sums are consistent.
  bool verify_all() {
    bool good = true;
    for (const auto& s : setups_) {
      const auto check = verify(s.data, 0, s.purchases.done);
      if (check.ok && s.purchases.done > 0) continue;
      good = false;
      fmt::print(stderr, "{}: VERIFICATION FAILED:\n{}", s.purchases.name, check.text);
    }
    return good;
  }

  void print(bool verified) {
    auto purchases = list(setups_, &setup::purchases);
    auto reads = list(reads_, &reading::result);
    const auto& one = purchases[one_node];
    const auto cpu = [&](std::size_t many) {
      return one.program_cpu_us() > 0 ? purchases[many].program_cpu_us() / one.program_cpu_us() : 0;
    };
    const std::vector<goal> goals{
        {"purchases, PostgreSQL / SQLite", rate_ratio(one, purchases[sqlite]),
         goal_postgres_to_sqlite, goal::at_least},
        {"CPU per purchase, three nodes / one node", cpu(three_nodes), goal_cluster_cpu,
         goal::at_most}};
    if (options_.json) {
      fmt::print(R"({{"machine":{},"purchases":{},"reads":{},"verified":{}}})"
                 "\n",
                 json::write(machine()), contest_json(purchases, goals, "purchases"),
                 contest_json(reads, {}, "reads"), verified);
      return;
    }
    fmt::print("{}\nall with fsync: {} rounds of {} s, {} clients\n{}", machine(), options_.rounds,
               options_.run.seconds, options_.run.concurrency,
               contest_text(purchases, goals, "purchases"));
    fmt::print("  purchases, three nodes / one node: {:.2f}\n",
               rate_ratio(purchases[three_nodes], one));
    fmt::print("{}", contest_text(reads, {}, "reads"));
    fmt::print("  round trip between nodes: {:.0f} us idle, {:.0f} us of CPU under load\n",
               (reads[1].times.percentile_ms(0.5) - reads[0].times.percentile_ms(0.5)) * 1000,
               reads[3].program_cpu_us() - reads[2].program_cpu_us());
    fmt::print("verification {}\n", verified ? "succeeded for each store" : "FAILED");
  }

  bool stop() {
    bool clean = true;
    for (const auto& s : setups_) {
      for (auto* n : s.nodes) clean = n->stop() == 0 && clean;
    }
    if (!clean) fmt::print(stderr, "a node did not stop cleanly\n");
    return clean;
  }

 private:
  /// Order of the setups.
  enum place : std::size_t { sqlite, one_node, three_nodes, apart };
  struct reading {
    contender result;
    std::size_t where;
    int clients;
  };

  template <class All, class Member>
  static std::vector<contender> list(const All& all, Member member) {
    std::vector<contender> found;
    found.reserve(all.size());
    for (const auto& one : all) found.push_back(one.*member);
    return found;
  }

  void add(std::string name, std::vector<test::server*> nodes, std::filesystem::path data,
           const test::postgres_server* postgres) {
    setup s;
    s.purchases.name = std::move(name);
    for (const auto* n : nodes) s.fronts.push_back(n->port());
    s.nodes = std::move(nodes);
    s.data = std::move(data);
    s.postgres = postgres;
    setups_.push_back(std::move(s));
  }

  void start_alone(const std::string& name, const std::filesystem::path& data,
                   test::environment settings, const test::postgres_server* postgres) {
    const auto made = test::run_program(
        options_.program,
        {"demo", "--data", data.string(), "--products", std::to_string(options_.products),
         "--stock", std::to_string(options_.stock)},
        settings);
    if (made.exit_code != 0) throw std::runtime_error("stoa demo: " + made.output);
    settings.emplace_back("STOA_LOG_LEVEL", "warn");
    alone_.push_back(
        std::make_unique<test::server>(test::server_options{.program = options_.program,
                                                            .data = data,
                                                            .settings = std::move(settings),
                                                            .arguments = {}}));
    alone_.back()->start();
    add(name, {alone_.back().get()}, data, postgres);
  }

  void add_sqlite() { start_alone("one node, SQLite", folder_ / "sqlite", {}, nullptr); }

  void add_one_node() {
    const auto data = folder_ / "one";
    ground_.note_place(data, "one");
    start_alone("one node, PostgreSQL", data, ground_.settings("one"), &ground_.postgres());
  }

  void add_nodes(const std::string& name, test::cluster_ground& ground, const std::string& store,
                 std::vector<std::string> roles) {
    test::cluster_options o;
    o.program = options_.program;
    o.data = folder_ / store;
    o.store = store;
    o.nodes = roles.size();
    o.roles = std::move(roles);
    o.settings = {{"STOA_LOG_LEVEL", "warn"}};
    clusters_.push_back(std::make_unique<test::cluster>(ground, std::move(o)));
    auto& made = *clusters_.back();
    made.load(options_.products, options_.stock);
    made.start();
    std::vector<test::server*> nodes;
    for (std::size_t i = 0; i < made.size(); ++i) nodes.push_back(&made.node(i));
    add(name, std::move(nodes), made.data(), &ground.postgres());
  }

  std::vector<reading> make_reads() const {
    const auto many = options_.run.concurrency;
    std::vector<reading> all{
        {{}, one_node, 1}, {{}, apart, 1}, {{}, one_node, many}, {{}, apart, many}};
    for (auto& r : all) {
      r.result.name = fmt::format("a product from {}, {} client{}",
                                  r.where == one_node ? "the same node" : "another node", r.clients,
                                  r.clients == 1 ? "" : "s");
    }
    return all;
  }

  const cluster_options& options_;
  const test::temp_dir folder_;
  test::cluster_ground ground_;
  std::unique_ptr<test::cluster_ground> brokers_;
  std::vector<std::unique_ptr<test::server>> alone_;
  std::vector<std::unique_ptr<test::cluster>> clusters_;
  std::vector<setup> setups_;
  std::vector<reading> reads_ = make_reads();
};

}  // namespace

int run_cluster(const cluster_options& options) {
  const auto missing =
      test::cluster_ground::missing({.redis = options.brokers, .nats = options.brokers});
  if (!missing.empty()) throw std::runtime_error(missing);
  stage all(options);
  all.run();
  const bool verified = all.verify_all();
  all.print(verified);
  return all.stop() && verified ? 0 : 1;
}

}  // namespace stoa::bench
