// The actors under CAF's deterministic scheduler: a seed picks the next actor with work, the test
// fires timers, and writers and relays die in between.

#include "actors/kernel/service_registry.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"
#include "storage/kernel/partition_store.hpp"
#include "tests/simulation/random.hpp"
#include "tests/support/counting_service.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <array>

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::kernel;

struct config : caf::actor_system_config {
  config() { set("scheduler.policy", caf::atom("testing")); }
};

constexpr std::uint8_t counters = 3;
constexpr std::size_t commands = 40;
constexpr std::size_t steps_max = 20'000;

class store {
 public:
  explicit store(std::uint64_t seed) : random_(seed), system_(config_) {
    all_.options.data_dir = folder_.path().string();
    all_.options.batch_max = 4;
    // A lost delivery is repeated at once: the relay's clock is the real one.
    all_.options.relay.answer_timeout = all_.options.relay.retry_min = microseconds{1};
    all_.options.relay.retry_max = microseconds{100};
    all_.metrics = std::make_unique<kernel_metrics>(nullptr);
    all_.subscriptions[std::string(counted::name)] = {"counting"};
    add(define_service(toy_));
    add(define_service(counting_));
    for (auto& [name, s] : all_.services) {
      start_writer(*s);
      start_relay(*s);
      auto* service = s.get();
      s->set_reader({query_cost::cheap}, 0,
                    spawn_reader(system_, runs::in_pool, all_, *service, {query_cost::cheap}));
    }
    port_ = make_port_actor(system_, all_);
  }
  ~store() {
    port_->close();
    for (auto& [name, s] : all_.services) {
      caf::anon_send_exit(s->partitions[0].writer(), caf::exit_reason::kill);
      caf::anon_send_exit(s->partitions[0].relay(), caf::exit_reason::kill);
      caf::anon_send_exit(s->reader_at({query_cost::cheap}, 0), caf::exit_reason::kill);
      s->close();
    }
    scheduler().run();
  }
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  /// Sends the commands and runs actors in the seed's order, with `deaths` in between.
  void run(std::size_t deaths) {
    port_->post([this] {
      for (std::size_t i = 0; i < commands; ++i) {
        auto id = static_cast<std::uint8_t>(i % counters);
        auto m = any_message::of(add_to{counter(id), std::to_string(id), 1});
        port_->command("toy", std::move(m), {}, [this](const answer& a) {
          ++answered;
          if (!a.error) ++acknowledged;
        });
      }
    });
    for (std::size_t i = 0; i < steps_max && !quiet(); ++i) {
      if (deaths > 0 && random_.chance(3)) {
        --deaths;
        kill_one();
      }
      step();
    }
  }

  std::int64_t total(std::string_view service) {
    static const db::sql sum{"sum", "SELECT coalesce(sum(n),0) FROM counters"};
    return number(service, sum);
  }
  std::int64_t outbox() {
    static const db::sql left{"left", "SELECT count(*) FROM outbox"};
    return number("toy", left);
  }

  std::size_t answered = 0;
  std::int64_t acknowledged = 0;

 private:
  void add(service_definition d) {
    auto name = d.name;
    auto file = db::open_sqlite(database_path(all_.options.data_dir, name), db::sqlite_mode::write);
    const std::array<std::string_view, 1> modules{"kernel"};
    db::migrate(*file, "sqlite", modules);
    file->run_script(toy_tables);
    files_.emplace(name, std::move(file));
    auto path = database_path(all_.options.data_dir, name);
    auto entry = std::make_unique<service_entry>(std::move(d), db::sqlite_database(path), 1, 0);
    entry->partition_count = 1;
    all_.services.emplace(name, std::move(entry));
  }
  /// Like the keeper: the new writer takes the partition from the previous one.
  void start_writer(service_entry& s) {
    auto grant = force_take_partition(*files_.find(s.definition.name)->second, 0, "node");
    s.partitions[0].set_writer(spawn_writer(system_, runs::in_pool, all_, s, grant, {}));
    s.partitions[0].own(grant.epoch);
  }
  void start_relay(service_entry& s) {
    s.partitions[0].set_relay(spawn_relay(system_, runs::in_pool, all_, s, 0));
  }

  void kill_one() {
    auto& s = *all_.find(random_.chance(50) ? "toy" : "counting");
    if (random_.chance(50)) {
      caf::anon_send_exit(s.partitions[0].writer(), caf::exit_reason::kill);
      start_writer(s);
    } else {
      caf::anon_send_exit(s.partitions[0].relay(), caf::exit_reason::kill);
      start_relay(s);
    }
  }
  void step() {
    auto& jobs = scheduler().jobs;
    if (jobs.empty()) {
      scheduler().trigger_timeout();
      return;
    }
    auto picked = jobs.begin() + static_cast<std::ptrdiff_t>(random_.below(jobs.size()));
    std::rotate(jobs.begin(), picked, picked + 1);
    scheduler().run_once();
  }
  bool quiet() {
    return answered == commands && total("counting") == total("toy") && outbox() == 0;
  }
  std::int64_t number(std::string_view service, const db::sql& what) {
    std::int64_t n = 0;
    files_.find(service)->second->query({&what, {}},
                                        [&](db::row r) { n = std::get<std::int64_t>(r[0]); });
    return n;
  }
  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  simulation::random_source random_;
  temp_dir folder_;
  toy_service toy_;
  counting_service counting_;
  service_registry all_;
  std::map<std::string, std::unique_ptr<db::connection>, std::less<>> files_;
  config config_;
  caf::actor_system system_;
  std::shared_ptr<node_port> port_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(scheduling)

BOOST_AUTO_TEST_CASE(in_any_order_every_command_is_answered_and_every_event_applied_once) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    store s(seed);
    s.run(0);
    BOOST_TEST(s.answered == commands, "seed " << seed);
    BOOST_TEST(s.acknowledged == static_cast<std::int64_t>(commands), "seed " << seed);
    BOOST_TEST(s.total("toy") == static_cast<std::int64_t>(commands), "seed " << seed);
    BOOST_TEST(s.total("counting") == static_cast<std::int64_t>(commands), "seed " << seed);
    BOOST_TEST(s.outbox() == 0, "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(actors_that_die_lose_nothing_that_was_acknowledged) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    store s(seed);
    s.run(4);
    BOOST_TEST(s.answered == commands, "seed " << seed);
    BOOST_TEST(s.total("toy") >= s.acknowledged, "seed " << seed);
    BOOST_TEST(s.total("counting") == s.total("toy"), "seed " << seed);
    BOOST_TEST(s.outbox() == 0, "seed " << seed);
  }
}

BOOST_AUTO_TEST_SUITE_END()
