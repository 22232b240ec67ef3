#include "actors/kernel/node.hpp"

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/peer_listener.hpp"
#include "config/log.hpp"

#include <filesystem>
#include <thread>

namespace stoa::kernel {

namespace {

constexpr seconds start_timeout{30};
constexpr milliseconds start_poll{5};
/// An actor yields its thread after this many messages. CAF's default is unlimited: an actor whose
/// mailbox never becomes empty would keep its thread.
constexpr std::size_t messages_in_a_row_max = 64;
/// How long a node with a shared database waits for its partitions before it starts without them.
constexpr seconds shared_start_wait{2};
constexpr const char* data_lost_reason =
    "Redis has lost the stored data: restore it, or set cart.accept_loss to start empty";

class caf_node final : public node {
 public:
  caf_node(node_options options, std::vector<service_definition> services) {
    registry_.options = std::move(options);
    registry_.metrics = std::make_unique<kernel_metrics>(registry_.options.metrics);
    registry_.clocks =
        std::make_unique<clock_watch>(registry_.options.cluster.clock_skew_max, *registry_.metrics);
    const auto& here = registry_.options.services;
    std::set<std::string> local;
    for (auto& d : services) {
      for (const auto& type : d.subscriptions) {
        registry_.subscriptions[type].push_back(d.name);
        registry_.bus_subscriptions[type] = {all_subscribers};
      }
      auto name = d.name;
      std::unique_ptr<db::database> database;
      if (!here || here->contains(name)) {
        database = database_of(name);
        local.insert(name);
      }
      registry_.services.emplace(
          name, std::make_unique<service_entry>(std::move(d), std::move(database),
                                                registry_.options.readers,
                                                registry_.options.expensive_readers));
    }
    registry_.members.set_self(registry_.options.name, std::move(local));
  }
  ~caf_node() override { stop(milliseconds{1000}); }

  void start() override {
    std::filesystem::create_directories(registry_.options.data_dir);
    config_ = std::make_unique<caf::actor_system_config>();
    config_->set("scheduler.max-threads", actor_threads());
    // CAF's work stealing polls, which cost half of a cluster's CPU time in idle wake-ups.
    config_->set("scheduler.policy", caf::atom("sharing"));
    config_->set("scheduler.max-throughput", messages_in_a_row_max);
    if (clustered()) {
      const auto& c = registry_.options.cluster;
      credentials_ = credentials_of(c.secrets, {c.tls_certificate, c.tls_key, c.tls_ca});
      configure_cluster(*config_, registry_);
    }
    system_ = std::make_unique<caf::actor_system>(*config_);
    for (auto& [name, s] : registry_.services) {
      if (!s->local()) continue;
      auto* entry = s.get();
      s->set_keeper(spawn_keeper(*system_, registry_, *entry));
    }
    if (clustered()) start_cluster();
    if (registry_.options.bus) {
      bus_ = spawn_bus(*system_, registry_);
    }
    await_ready();
  }

  std::shared_ptr<port> make_port() override {
    ports_.push_back(make_port_actor(*system_, registry_));
    return ports_.back();
  }

  std::vector<service_health> health() const override {
    std::vector<service_health> list;
    for (const auto& [name, s] : registry_.services) {
      service_health h;
      h.service = name;
      h.here = s->local();
      h.missing = missing(*s);
      h.readable = s->readable();
      h.in_flight = s->commands_in_flight;
      h.ready = h.missing.empty() && !registry_.stopping.load();
      note_away(*s, !h.missing.empty());
      h.replica = s->replica_here();
      for (std::size_t i = 0; i < s->partition_count; ++i) {
        h.mailbox += s->partitions[i].mailbox;
        h.outbox_lag_us = std::max(h.outbox_lag_us, s->partitions[i].outbox_lag_us.load());
      }
      registry_.metrics->gauges(name, h.mailbox, h.in_flight, s->expensive_in_flight);
      list.push_back(std::move(h));
    }
    return list;
  }

  std::vector<node_state> nodes() const override {
    std::vector<node_state> all{state_of(registry_)};
    for (auto& other : registry_.others()) all.push_back(std::move(other));
    return all;
  }

  bool drained() const override { return registry_.drained; }

  std::optional<std::uint64_t> data_version(std::string_view service) const override {
    const auto* entry = registry_.find(service);
    return entry != nullptr ? entry->data_version() : std::nullopt;
  }

  void leave(milliseconds limit) override {
    if (!system_ || !clustered() || registry_.leaving.exchange(true)) return;
    registry_.members.leave();
    registry_.announce();
    caf::scoped_actor self{*system_};
    const auto until = std::chrono::steady_clock::now() + limit;
    for (auto& [name, s] : registry_.services) {
      if (!s->local()) continue;
      const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
      self->request(s->keeper(), std::max(left, milliseconds{1}), drain_atom::value)
          .receive([](bool) {},
                   [&, &service = name](const caf::error&) {
                     log::warn("partitions not handed over in time", {{"service", service}});
                   });
    }
  }

  void stop(milliseconds limit) override {
    if (!system_) return;
    registry_.stopping = true;
    listener_.reset();
    stop_actors(limit);
    for (auto& p : ports_) p->close();
    for (auto& [name, s] : registry_.services) s->close();
    registry_.clear_actors();
    link_ = nullptr;
    dialer_ = nullptr;
    endpoint_ = nullptr;
    bus_ = nullptr;
    await_ends(limit);
    system_->await_actors_before_shutdown(false);
    system_.reset();
    for (const auto& [name, s] : registry_.services) {
      if (s->local()) finish_database(name, *s->database);
    }
  }

 private:
  bool clustered() const { return !registry_.options.cluster.listen.empty(); }

  /// Read actors end last, and a read-only connection does not checkpoint SQLite's WAL: this does
  /// after all have ended.
  static void finish_database(const std::string& service, db::database& database) {
    try {
      database.finish();
    } catch (const db::error& e) {
      log::warn("database not checkpointed; keep its -wal file",
                {{"service", service}, {"error", std::string(e.what())}});
    }
  }

  std::unique_ptr<db::database> database_of(const std::string& name) const {
    if (registry_.options.database) return registry_.options.database(name);
    return db::sqlite_database(database_path(registry_.options.data_dir, name),
                               registry_.options.query_time_max);
  }

  void start_cluster() {
    endpoint_ = spawn_endpoint(*system_, registry_);
    link_ = spawn_link(*system_, registry_, endpoint_);
    listener_ = std::make_unique<peer_listener>(*system_, registry_, credentials_, link_);
    auto port = listener_->open();
    if (!port) throw std::runtime_error(port.error().detail);
    registry_.cluster_port = *port;
    registry_.set_link(link_);
    log::info("cluster port open", {{"node", registry_.options.name},
                                    {"listen", registry_.options.cluster.listen},
                                    {"tls", credentials_.tls != nullptr},
                                    {"authenticated", credentials_.any()}});
    dialer_ = spawn_dialer(*system_, registry_, credentials_, link_, endpoint_);
  }

  /// After a while without an owner, ports stop waiting for one.
  static void note_away(service_entry& s, bool away) {
    if (away == (s.away_since_us != 0)) return;
    s.away_since_us = away ? process_time().now().us : 0;
  }

  /// Why the partition's commits fail. The database's error text is only logged: it may contain
  /// hosts and paths, and /readyz is public.
  static std::string failing(const partition_entry& partition) {
    if (partition.epoch() == 0) {
      return partition.remote_failing ? "commits fail on the node that owns the partition" : "";
    }
    const auto since = partition.failing_since_us.load();
    if (since == 0) return {};
    std::string why = "the database cannot be written";
    if (partition.failure == db::error_kind::busy) why = "another process has locked the database";
    if (partition.failure == db::error_kind::unknown) why = "the outcome of a commit is not known";
    return "commits fail since " + timestamp{since}.str() + ": " + why;
  }

  /// Why another node and this one reject each other; empty: none does.
  std::string refusal() const {
    const auto refused = registry_.refused.all();
    return refused.empty() ? std::string() : refused.front().reason;
  }

  /// Why the service is not ready; empty: it is.
  std::string missing(const service_entry& s) const {
    if (s.data_lost) return data_lost_reason;
    if (s.partition_count == 0) {
      if (s.local()) return "its database cannot be reached";
      const auto refused = refusal();
      return refused.empty() ? "no node that runs it is connected"
                             : "the other nodes reject this node: " + refused;
    }
    for (std::size_t i = 0; i < s.partition_count; ++i) {
      if (!s.partitions[i].to_writer()) {
        return "partition " + std::to_string(i) + " has no writer" +
               (registry_.has_only_incompatible_peers()
                    ? ", and the other nodes reject this node: " + refusal()
                    : "");
      }
      if (auto why = failing(s.partitions[i]); !why.empty()) return why;
    }
    if (const auto since = s.reach.failing_since_us(); since != 0) {
      return "its database cannot be reached since " + timestamp{since}.str();
    }
    return s.readable() ? std::string() : "no node answers its queries";
  }

  /// CAF's default is four threads even on two cores. A single thread would delay all actors by one
  /// slow message.
  std::size_t actor_threads() const {
    if (registry_.options.actor_threads > 0) return registry_.options.actor_threads;
    return std::max<std::size_t>(2, std::thread::hardware_concurrency());
  }

  void stop_actors(milliseconds limit) {
    caf::scoped_actor self{*system_};
    auto end = [&](const auto& a) {
      if (a) self->send_exit(a, caf::exit_reason::user_shutdown);
    };
    // The order: no new input from other nodes; timers start no more work; writers process their
    // mailboxes; relays end. Unacknowledged events stay in the outbox, and the partition's next
    // owner sends them again.
    end(dialer_);
    for (auto& [name, s] : registry_.services) {
      for (std::size_t i = 0; i < s->partition_count; ++i) end(s->partitions[i].timer());
    }
    for (auto& [name, s] : registry_.services) {
      if (!s->keeper()) continue;
      self->request(s->keeper(), limit, drain_atom::value)
          .receive([](bool) {},
                   [this, &service = name](caf::error& e) {
                     log::warn("writer did not finish in time",
                               {{"service", service}, {"reason", system_->render(e)}});
                   });
      end(s->keeper());  // and with it the readers
    }
    end(bus_);
    end(link_);
    end(endpoint_);
  }

  /// CAF's actor system must not end before its actors: those that other nodes have handles of are
  /// in its registry, which is destroyed after parts that ending actors still need, and a delayed
  /// message that is sent after its clock has ended keeps its actor forever. An actor may still
  /// wait for a database, whose operations have time limits.
  void await_ends(milliseconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    bool is_late = false;
    while (system_->registry().running() > 0) {
      if (!is_late && std::chrono::steady_clock::now() >= until) {
        is_late = true;
        log::warn("actors did not end in time; waiting",
                  {{"actors", static_cast<std::int64_t>(system_->registry().running())}});
      }
      std::this_thread::sleep_for(start_poll);
    }
  }

  void await_ready() {
    auto started = std::chrono::steady_clock::now();
    for (;;) {
      bool ready = true;
      bool shared = clustered();
      for (const auto& [name, s] : registry_.services) {
        ready = ready && (!s->local() || missing(*s).empty());
        shared = shared || (s->local() && s->database->shared());
      }
      if (ready) return;
      auto waited = std::chrono::steady_clock::now() - started;
      if (shared && waited > shared_start_wait) return;
      if (waited > start_timeout || failed()) throw_start();
      std::this_thread::sleep_for(start_poll);
    }
  }
  bool failed() const { return registry_.failed; }
  [[noreturn]] void throw_start() const {
    if (const auto why = registry_.failure(); !why.empty()) throw std::runtime_error(why);
    for (const auto& h : health()) {
      if (!h.ready) throw std::runtime_error(h.service + " did not start: " + h.missing);
    }
    throw std::runtime_error("the services did not start");
  }

  service_registry registry_;
  peer_credentials credentials_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<peer_listener> listener_;
  link_handle link_;
  endpoint_handle endpoint_;
  dialer_handle dialer_;
  bus_handle bus_;
  std::vector<std::shared_ptr<node_port>> ports_;
};

}  // namespace

void log_exceptions(caf::scheduled_actor* self, std::string_view actor) {
  self->set_exception_handler([actor](caf::scheduled_actor*,
                                      std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      log::error("exception in an actor", {{"actor", actor}, {"error", std::string(e.what())}});
    } catch (...) {
      log::error("exception in an actor", {{"actor", actor}, {"error", "not a std::exception"}});
    }
    return caf::exit_reason::unhandled_exception;
  });
}

std::unique_ptr<node> make_node(node_options options, std::vector<service_definition> services) {
  return std::make_unique<caf_node>(std::move(options), std::move(services));
}

std::string database_path(const std::string& data_dir, std::string_view service) {
  return (std::filesystem::path(data_dir) / (std::string(service) + ".db")).string();
}

}  // namespace stoa::kernel
