#include "actors/kernel/node.hpp"

#include "actors/kernel/directory.hpp"
#include "config/log.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

#include <array>
#include <filesystem>

namespace stoa::kernel {

namespace {

/// An actor may fail this often within the window; then the process gives up, so that whoever
/// watches it starts a fresh one.
constexpr std::size_t restarts_max = 5;
constexpr seconds restart_window{60};
constexpr seconds start_timeout{30};

using actor_function = caf::behavior (*)(caf::event_based_actor*, directory&, service_entry&);

/// One actor that the supervisor keeps alive.
struct child {
  std::string name;
  service_entry* service;
  actor_function function;
  bool detached;
  void (*place)(service_entry&, std::size_t, caf::actor);
  std::size_t index;
  std::vector<timestamp> failures;
};

caf::actor spawn_child(caf::actor_system& system, directory& all, const child& c) {
  auto body = [&all, &c](caf::event_based_actor* self) {
    return c.function(self, all, *c.service);
  };
  // Writers wait for the disk: each has a thread of its own.
  return c.detached ? system.spawn<caf::detached>(body) : system.spawn(body);
}

/// Watches the children, starts the failed ones again with a limit.
caf::behavior supervisor_actor(caf::event_based_actor* self, directory& all,
                               std::vector<std::unique_ptr<child>>& children) {
  auto by_address = std::make_shared<std::map<caf::actor_addr, child*>>();
  auto start = [self, &all, by_address](child& c) {
    caf::actor made = spawn_child(self->system(), all, c);
    self->monitor(made);
    (*by_address)[made.address()] = &c;
    c.place(*c.service, c.index, made);
  };
  for (auto& c : children) start(*c);
  self->set_down_handler([=, &all](caf::down_msg& down) {
    auto it = by_address->find(down.source);
    if (it == by_address->end() || all.stopping) return;
    child& c = *it->second;
    by_address->erase(it);
    timestamp now = system_time().now();
    std::erase_if(c.failures, [&](timestamp t) { return now - t > restart_window; });
    c.failures.push_back(now);
    log::error("actor failed", {{"actor", c.name},
                                {"reason", self->system().render(down.reason)},
                                {"failures", static_cast<std::int64_t>(c.failures.size())}});
    all.metrics->restarted(c.name);
    if (c.failures.size() > restarts_max) {
      if (all.options.on_failure) all.options.on_failure(c.name + " keeps failing");
      return;
    }
    start(c);
  });
  return {[](sync_atom) -> bool { return true; }};
}

class caf_node final : public node {
 public:
  caf_node(node_options options, std::vector<service_definition> services) {
    all_.options = std::move(options);
    all_.metrics = std::make_unique<kernel_metrics>(all_.options.metrics);
    for (auto& d : services) {
      for (const auto& type : d.subscriptions) all_.subscriptions[type].push_back(d.name);
      auto name = d.name;
      all_.services.emplace(name,
                            std::make_unique<service_entry>(std::move(d), all_.options.readers));
    }
  }
  ~caf_node() override { stop(milliseconds{1000}); }

  void start() override {
    std::filesystem::create_directories(all_.options.data_dir);
    for (const auto& [name, service] : all_.services) migrate_service(name);
    config_ = std::make_unique<caf::actor_system_config>();
    if (all_.options.actor_threads > 0) {
      config_->set("scheduler.max-threads", all_.options.actor_threads);
    }
    system_ = std::make_unique<caf::actor_system>(*config_);
    make_children();
    supervisor_ = system_->spawn(
        [this](caf::event_based_actor* self) { return supervisor_actor(self, all_, children_); });
    await_ready();
  }

  std::shared_ptr<port> make_port() override {
    ports_.push_back(make_port_actor(*system_, all_));
    return ports_.back();
  }

  std::vector<service_health> health() const override {
    std::vector<service_health> list;
    for (const auto& [name, s] : all_.services) {
      list.push_back({name, s->ready.load() && !all_.stopping.load(), s->commands_in_flight.load(),
                      s->mailbox.load(), s->outbox_lag_us.load()});
      all_.metrics->gauges(name, list.back().mailbox, list.back().in_flight);
    }
    return list;
  }

  void stop(milliseconds limit) override {
    if (!system_) return;
    all_.stopping = true;
    stop_actors(limit);
    for (auto& p : ports_) p->close();
    for (auto& [name, s] : all_.services) s->clear();
    supervisor_ = nullptr;
    system_->await_actors_before_shutdown(false);
    system_.reset();
  }

 private:
  void stop_actors(milliseconds limit) {
    caf::scoped_actor self{*system_};
    // The order: timers start nothing new; writers finish what is in their mailboxes; relays let
    // go. What is not acknowledged by now stands in the outbox and is sent again at the next start.
    for (auto& [name, s] : all_.services)
      self->send_exit(s->timer(), caf::exit_reason::user_shutdown);
    for (auto& [name, s] : all_.services) {
      self->request(s->writer(), limit, sync_atom::value)
          .receive([](bool) {},
                   [this, &service = name](caf::error& e) {
                     log::warn("writer did not finish in time",
                               {{"service", service}, {"reason", system_->render(e)}});
                   });
    }
    for (auto& [name, s] : all_.services) {
      self->send_exit(s->relay(), caf::exit_reason::user_shutdown);
      for (std::size_t i = 0; i < s->reader_count(); ++i) {
        self->send_exit(s->reader_at(i), caf::exit_reason::user_shutdown);
      }
      self->send_exit(s->writer(), caf::exit_reason::user_shutdown);
    }
    self->send_exit(supervisor_, caf::exit_reason::user_shutdown);
  }

  void migrate_service(const std::string& name) {
    auto connection =
        db::open_sqlite(database_path(all_.options.data_dir, name), db::sqlite_mode::write);
    std::array<std::string_view, 2> modules{"kernel", name};
    int count = db::migrate(*connection, "sqlite", modules);
    if (count > 0) {
      log::info("database migrated", {{"service", name}, {"migrations", std::int64_t{count}}});
    }
  }

  void make_children() {
    auto add = [this](const std::string& what, service_entry& s, actor_function f, bool detached,
                      void (*place)(service_entry&, std::size_t, caf::actor), std::size_t index) {
      children_.push_back(std::make_unique<child>(
          child{s.definition.name + " " + what, &s, f, detached, place, index, {}}));
    };
    for (auto& [name, s] : all_.services) {
      add(
          "writer", *s, writer_actor, true,
          [](service_entry& e, std::size_t, caf::actor a) { e.set_writer(std::move(a)); }, 0);
    }
    for (auto& [name, s] : all_.services) {
      for (std::size_t i = 0; i < s->reader_count(); ++i) {
        add(
            "reader", *s, reader_actor, false,
            [](service_entry& e, std::size_t n, caf::actor a) { e.set_reader(n, std::move(a)); },
            i);
      }
    }
    for (auto& [name, s] : all_.services) {
      add(
          "relay", *s, relay_actor, false,
          [](service_entry& e, std::size_t, caf::actor a) { e.set_relay(std::move(a)); }, 0);
    }
    for (auto& [name, s] : all_.services) {
      add(
          "timer", *s, timer_actor, false,
          [](service_entry& e, std::size_t, caf::actor a) { e.set_timer(std::move(a)); }, 0);
    }
  }

  void await_ready() {
    caf::scoped_actor self{*system_};
    self->request(supervisor_, start_timeout, sync_atom::value)
        .receive([](bool) {}, [&](caf::error& e) { throw_start("supervisor", e); });
    for (auto& [name, s] : all_.services) {
      self->request(s->writer(), start_timeout, sync_atom::value)
          .receive([](bool) {},
                   [this, &service = name](caf::error& e) { throw_start(service, e); });
      s->ready = true;
    }
  }
  [[noreturn]] void throw_start(const std::string& what, const caf::error& e) {
    throw std::runtime_error(what + " did not start: " + system_->render(e));
  }

  directory all_;
  std::vector<std::unique_ptr<child>> children_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::actor supervisor_;
  std::vector<std::shared_ptr<node_port>> ports_;
};

}  // namespace

std::unique_ptr<node> make_node(node_options options, std::vector<service_definition> services) {
  return std::make_unique<caf_node>(std::move(options), std::move(services));
}

std::string database_path(const std::string& data_dir, std::string_view service) {
  return (std::filesystem::path(data_dir) / (std::string(service) + ".db")).string();
}

}  // namespace stoa::kernel
