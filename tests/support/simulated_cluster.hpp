#pragma once
// Three nodes under CAF's deterministic scheduler, with the kernel's real actors: a seed picks what
// happens next. Nodes crash and stop for a while, connections are cut, commits are lost, and clocks
// are set, while clients send commands and repeat those that failed. The same seed always runs the
// same way.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/codec_service.hpp"
#include "storage/base/json_read.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/support/counting_service.hpp"
#include "tests/support/simulated_database.hpp"
#include "tests/support/simulated_network.hpp"
#include "tests/support/temp_dir.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <filesystem>

namespace stoa::test {

using namespace stoa::kernel;

/// The databases' tables, made once.
class simulated_store {
 public:
  explicit simulated_store(std::int64_t partitions) : folder_(in_memory()) {
    for (const auto* name : {"toy", "counting"}) {
      const auto path = database_path(folder_.path().string(), name);
      auto file = db::open_sqlite(path, db::sqlite_mode::write);
      const std::array<std::string_view, 1> modules{"kernel"};
      db::migrate(*file, "sqlite", modules);
      file->run_script(toy_tables);
      make_partitions(*file, partitions);
      file.reset();
      db::sqlite_database(path)->finish();
    }
  }
  void copy_to(const std::filesystem::path& folder) const {
    for (const auto* name : {"toy.db", "counting.db"}) {
      std::filesystem::copy_file(folder_ / name, folder / name);
    }
  }
  /// A folder in memory, if the machine has one.
  static std::filesystem::path in_memory() {
    const std::filesystem::path shm = "/dev/shm";
    return std::filesystem::is_directory(shm) ? shm : std::filesystem::temp_directory_path();
  }

 private:
  temp_dir folder_;
};

/// The clocks of all nodes: one flow of time, and for each node an offset of its machine's clock.
struct simulated_time {
  struct process_clock final : clock {
    timestamp at{1'800'000'000'000'000};
    timestamp now() const override { return at; }
  };
  struct machine_clock final : clock {
    const process_clock* process = nullptr;
    const microseconds* offset = nullptr;  ///< of the node that runs
    timestamp now() const override {
      return process->at + (offset != nullptr ? *offset : microseconds{0});
    }
  };
  process_clock process;
  machine_clock machine;
};

struct scheduler_for_tests : caf::actor_system_config {
  scheduler_for_tests() { set("scheduler.policy", caf::atom("testing")); }
};

class simulated_node {
 public:
  simulated_node(std::size_t number, std::string name, const std::filesystem::path& folder,
                 id_source& ids, std::shared_ptr<database_link> servers)
      : number_(number), database_(std::move(servers)) {
    auto& o = all_.options;
    o.data_dir = folder.string();
    o.name = name;
    o.batch_max = 4;
    o.lease = milliseconds{600};
    o.move_wait = milliseconds{1000};
    o.cluster.heartbeat = milliseconds{100};
    o.cluster.dead_after = milliseconds{500};
    o.relay.answer_timeout = milliseconds{500};
    o.relay.retry_min = milliseconds{10};
    o.relay.retry_max = milliseconds{200};
    o.time_service = "toy";
    o.ids = &ids;
    o.codecs.add_service<toy_service>();
    all_.blocking = runs::in_pool;
    all_.metrics = std::make_unique<kernel_metrics>(nullptr);
    all_.clocks = std::make_unique<clock_watch>(seconds{60}, *all_.metrics);
    all_.subscriptions[std::string(counted::name)] = {"counting"};
    add(define_service(toy_), folder);
    add(define_service(counting_), folder);
    all_.members.set_self(std::move(name), {"toy", "counting"});
  }
  ~simulated_node() { close(); }
  simulated_node(const simulated_node&) = delete;
  simulated_node& operator=(const simulated_node&) = delete;

  void start() {
    endpoint = spawn_endpoint(system, all_);
    link = spawn_link(system, all_, endpoint);
    all_.set_link(link);
    for (auto& [name, s] : all_.services) s->set_keeper(spawn_keeper(system, all_, *s));
    port = make_port_actor(system, all_);
    dialer_ = system.spawn([this](caf::event_based_actor* self) -> caf::behavior {
      dialing_ = self;
      return {[](const task_box& box) { box.run(); }};
    });
  }

  /// Introduces itself to another node, as dialer_actor.cpp does.
  void call(const link_handle& there) {
    caf::anon_send(
        dialer_, task_box{[this, there] {
          dialing_->request(there, seconds{1}, wire_hello{wire_state_of(all_, link, endpoint)})
              .then([this](const wire_welcome& w) { welcomed(w); }, [](const caf::error&) {});
        }});
  }
  /// As an operator: the node hands over its partitions, or takes some again.
  void cordon(bool yes) {
    operate_here(all_, {yes ? node_action::cordon : node_action::uncordon, {}, {}});
  }
  bool is_cordoned() const { return all_.cordoned; }
  bool knows(const std::string& node) const { return all_.members.is_alive(node); }

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }
  const std::string& name() const { return all_.options.name; }
  std::size_t number() const { return number_; }
  database_link& database() { return *database_; }

  microseconds clock_offset{0};
  timestamp stopped_until;  ///< its process does not run before
  microseconds missed{0};   ///< time that passed meanwhile
  caf::actor_system_config& config() { return config_; }

 private:
  scheduler_for_tests config_;

 public:
  caf::actor_system system{config_};
  endpoint_handle endpoint;
  link_handle link;
  std::shared_ptr<node_port> port;

 private:
  void add(service_definition d, const std::filesystem::path& folder) {
    auto name = d.name;
    auto file =
        std::make_unique<simulated_database>(database_path(folder.string(), name), database_);
    all_.services.emplace(name,
                          std::make_unique<service_entry>(std::move(d), std::move(file), 1, 0));
  }
  void welcomed(const wire_welcome& w) {
    if (!w.refused.empty()) return;
    const auto state = json::read_lenient<node_state>(w.mine.state);
    if (state && state->node != name()) dialing_->send(link, welcome_box{w.mine});
  }
  void close() {
    all_.stopping = true;
    port->close();
    caf::anon_send_exit(dialer_, caf::exit_reason::kill);
    for (auto& [name, s] : all_.services) {
      caf::anon_send_exit(s->keeper(), caf::exit_reason::user_shutdown);
      s->close();
    }
    caf::anon_send_exit(link, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(endpoint, caf::exit_reason::user_shutdown);
    all_.clear_actors();
    link = nullptr;
    endpoint = nullptr;
    dialer_ = nullptr;
    scheduler().run();
  }

  const std::size_t number_;
  std::shared_ptr<database_link> database_;
  toy_service toy_;
  counting_service counting_;
  service_registry all_;
  caf::actor dialer_;
  caf::event_based_actor* dialing_ = nullptr;
};

}  // namespace stoa::test
