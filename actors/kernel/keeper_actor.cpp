// Supervises one service on this node: its readers and the partitions that the node owns. Takes
// partitions that are free or whose owner is dead, restarts failed actors, and hands over the
// partitions that another node should own. Blocks on the database, so it has a dedicated thread.

#include "actors/kernel/service_registry.hpp"
#include "actors/kernel/store_check.hpp"
#include "config/log.hpp"
#include "storage/base/fault.hpp"
#include "storage/kernel/member_store.hpp"

namespace stoa::kernel {

namespace {

/// Failures of one actor allowed within the window; at more the process exits, so that its
/// supervisor restarts it.
constexpr std::size_t restarts_max = 5;
constexpr seconds restart_window{60};
/// How long a draining writer may take.
constexpr seconds finish_limit{5};
/// How long a draining relay waits for answers to the events it has sent; its writer continues
/// meanwhile.
constexpr seconds answers_limit{1};
/// Time without a change of members before a partition is handed over to another node.
constexpr seconds settle_time{2};
/// Interval between reads of the database's clock and identity; in between, elapsed local time is
/// added.
constexpr seconds clock_interval{2};

enum class part { writer, relay, timer, reader, replica_watch };

struct child {
  part what;
  std::int64_t index;
  reader_group group{};  ///< of a reader
};

std::string name_of(const child& c) {
  static constexpr std::array names{"writer", "relay", "timer", "reader", "replica watch"};
  std::string name = names[static_cast<std::size_t>(c.what)];
  if (c.group.replica) name = "replica " + name;
  return c.group.cost == query_cost::expensive ? "expensive " + name : name;
}

/// The last observation of a partition owned by another node.
struct observation {
  std::int64_t epoch = -1;
  std::int64_t beat = -1;
  timestamp since;
};

class keeper {
 public:
  keeper(keeper_handle::pointer self, service_registry& registry, service_entry& service)
      : self_(self), registry_(registry), service_(service) {
    self_->set_down_handler([this](caf::down_msg& down) { child_down(down); });
    self_->set_exit_handler([this](caf::exit_msg& m) {
      for (const auto& [address, c] : children_) {
        self_->send_exit(caf::actor_cast<caf::actor>(address), caf::exit_reason::user_shutdown);
      }
      self_->quit(m.reason);
    });
    self_->send(self_, tick_atom::value);
  }

  void tick() {
    look_now();
    if (service_.database->shared()) {
      self_->delayed_send(self_, registry_.options.lease / 6, tick_atom::value);
    }
  }

  void look_now() {
    try {
      if (!database_) open();
      if (database_) look();
      note_recovery();
    } catch (const db::error& e) {
      if (e.constraint() == db::data_lost) return lose_data(e.what());
      if (!service_.database->shared() || e.kind() == db::error_kind::programming) {
        registry_.fail(service_.definition.name + ": " + e.what());
        return;
      }
      if (!service_.reach.failed("read the partitions", e)) {
        log::error("failed to read the partitions",
                   {{"service", service_.definition.name}, {"error", std::string_view(e.what())}});
      }
    }
  }

  void lost(const partition_lost_box& box) {
    auto& l = service_.partitions[static_cast<std::size_t>(box.partition)];
    if (l.epoch() != box.epoch) return;
    log::warn("partition lost",
              {{"service", service_.definition.name}, {"partition", box.partition}});
    end_partition(box.partition);
    registry_.announce();
  }

  /// Releases every partition after its queued messages have been processed.
  caf::typed_response_promise<bool> drain() {
    auto promise = self_->make_response_promise<bool>();
    drains_.push_back(promise);
    for (std::size_t i = 0; i < service_.partition_count; ++i) {
      if (service_.partitions[i].epoch() != 0) hand_over(static_cast<std::int64_t>(i));
    }
    note_drained();
    return promise;
  }

 private:
  static timestamp now() { return process_time().now(); }

  /// The stored data is lost, including the partitions. Requests are rejected until it is restored,
  /// or the service starts empty where that is accepted.
  void lose_data(const std::string& error) {
    const auto& name = service_.definition.name;
    const bool accepted = accepts_loss();
    if (!service_.data_lost.exchange(true)) {
      log::error(accepted ? "stored data lost: the service starts empty"
                          : "stored data lost: restore it, or accept the loss with "
                            "`stoa store adopt --accept-loss --service NAME`",
                 {{"service", name}, {"error", error}});
      registry_.metrics->data_lost(name, accepted);
    }
    for (std::size_t i = 0; i < service_.partition_count; ++i) {
      if (service_.partitions[i].epoch() != 0) end_partition(static_cast<std::int64_t>(i));
    }
    registry_.announce();
    database_.reset();  // open() finds restored partitions, or creates new ones.
  }

  bool accepts_loss() const {
    return registry_.options.accept_loss.contains(service_.definition.name);
  }

  void note_recovery() {
    if (!service_.data_lost.exchange(false)) return;
    log::info("service continues after the loss of its stored data",
              {{"service", service_.definition.name}});
    registry_.announce();
  }

  /// Migrates the database and reads the number of its partitions.
  void open() {
    std::array<std::string_view, 2> modules{"kernel", service_.definition.name};
    int count = service_.database->migrate(modules);
    if (count > 0) {
      log::info("database migrated",
                {{"service", service_.definition.name}, {"migrations", std::int64_t{count}}});
    }
    auto c = service_.database->open(db::access::write);
    if (check_membership(store(), service_.definition.name, *service_.database, *c)) {
      lose_data("its database is empty");
    }
    if (service_.data_lost && !accepts_loss() && read_partitions(*c).empty()) {
      throw db::error(db::error_kind::unavailable, db::data_lost, "its partitions are missing");
    }
    if (service_.database->shared())
      check_settings(registry_.options.settings, *service_.database, *c);
    service_.set_identity(make_identity(*c));
    const bool may_be_lost = service_.database->may_lose_data();
    auto found =
        make_partitions(*c, partitions_wanted(),
                        may_be_lost ? partition_start_after_loss(now()) : partition_start{});
    if (found > static_cast<std::int64_t>(partitions_max)) {
      throw db::error(db::error_kind::programming, "partition", "too many partitions");
    }
    service_.partition_count = static_cast<std::size_t>(found);
    seen_.resize(static_cast<std::size_t>(found));
    database_ = std::move(c);
  }

  /// The number reported by other nodes, if known.
  std::int64_t partitions_wanted() const {
    if (service_.partition_count > 0) return static_cast<std::int64_t>(service_.partition_count);
    if (service_.definition.one_partition || !service_.database->shared()) return 1;
    return static_cast<std::int64_t>(registry_.options.writers);
  }

  store_membership store() const {
    store_membership m{registry_.options.store_id, {}, registry_.options.database, accepts_loss()};
    for (const auto& [name, s] : registry_.services) m.services.push_back(name);
    return m;
  }

  /// Called before a partition is taken: all owners of a partition must use the same clock.
  void read_clock_and_identity() {
    if (!service_.database->shared()) return;
    if (fault("machine_clock")) return void(service_.time.follow(system_time()));
    const auto& name = service_.definition.name;
    if (const auto asked = now(); asked - clock_read_at_ >= clock_interval) {
      const auto shown = read_clock(*database_);
      const auto answered = now();
      const auto moved = service_.time.observe(shown, asked, answered);
      if (clock_read_at_ != timestamp{}) registry_.clocks->moved(name, moved);
      if (name == registry_.reference_service()) store_time().observe(shown, asked, answered);
      clock_read_at_ = answered;
      // Another node may have replaced a lost database.
      if (const auto id = find_identity(*database_)) service_.set_identity(*id);
    }
    registry_.clocks->database(name, system_time().now() - service_.time.now());
  }

  void look() {
    read_clock_and_identity();
    for (const auto group : reader_groups) {
      for (std::size_t i = 0; i < service_.reader_count(group); ++i) {
        if (service_.reader_at(group, i)) continue;
        start({part::reader, static_cast<std::int64_t>(i), group});
      }
    }
    if (service_.database->has_replica() && !replica_watch_) start({part::replica_watch, 0});
    const auto rows = read_partitions(*database_);
    if (rows.size() < service_.partition_count && service_.database->may_lose_data()) {
      throw db::error(db::error_kind::unavailable, db::data_lost, "its partitions are missing");
    }
    service_.reach.succeeded();
    for (const auto& row : rows) {
      if (handing_over_.contains(row.partition)) continue;
      auto& l = service_.partitions[static_cast<std::size_t>(row.partition)];
      auto wanted = registry_.members.preferred(service_.definition.name,
                                                static_cast<std::size_t>(row.partition),
                                                service_.partition_count);
      const bool mine = wanted == registry_.members.self();
      if (wanted != wanted_[row.partition].first) wanted_[row.partition] = {wanted, now()};
      if (l.epoch() != 0) {
        keep(row, l, mine);
      } else if (mine || (abandoned(row) && !registry_.members.is_held_back())) {
        if (free(row)) take(row);
      }
    }
  }

  void keep(const partition_row& row, partition_entry& l, bool mine) {
    // Also under the same epoch: after a fail-over to a replica that lagged an epoch can be
    // assigned twice, and its first holder may have released the partition.
    if (row.epoch >= l.epoch() && row.owner != registry_.members.self()) {
      lost({row.partition, l.epoch()});
    } else if (!mine && !wanted_[row.partition].first.empty() &&
               (registry_.cordoned || now() - wanted_[row.partition].second > settle_time)) {
      log::info("partition handed over", {{"service", service_.definition.name},
                                          {"partition", row.partition},
                                          {"to", wanted_[row.partition].first}});
      hand_over(row.partition);
    } else if (service_.database->shared()) {
      self_->send(l.writer(), beat_atom::value);
    }
  }

  /// The partition has no owner, its owner is dead, or this node owned it before a restart.
  bool free(const partition_row& row) {
    if (registry_.leaving || registry_.stopping || registry_.has_only_incompatible_peers())
      return false;
    if (!service_.database->shared() || row.owner.empty() ||
        row.owner == registry_.members.self()) {
      return true;
    }
    return registry_.members.is_dead(row.owner) || silent(row, registry_.options.lease);
  }

  /// Not even its preferred owner has taken it.
  bool abandoned(const partition_row& row) { return silent(row, 3 * registry_.options.lease); }

  /// No heartbeat for this long, by this node's clock.
  bool silent(const partition_row& row, milliseconds limit) {
    auto& s = seen_[static_cast<std::size_t>(row.partition)];
    if (s.epoch != row.epoch || s.beat != row.beat) s = {row.epoch, row.beat, now()};
    return now() - s.since > limit;
  }

  void take(const partition_row& row) {
    auto grant = take_partition(*database_, row.partition, row.epoch, registry_.members.self());
    if (!grant) return;  // Another node has taken it.
    if (service_.database->shared()) {
      log::info("partition taken", {{"service", service_.definition.name},
                                    {"partition", row.partition},
                                    {"epoch", grant->epoch},
                                    {"from", row.owner}});
    }
    grants_[row.partition] = *grant;
    for (auto what : {part::writer, part::relay, part::timer}) start({what, row.partition});
    service_.partitions[static_cast<std::size_t>(row.partition)].own(grant->epoch);
    registry_.announce();
    registry_.wake_relays();
  }

  /// First the timer ends, so that no new work starts, and the relay waits for its answers. Then no
  /// more messages arrive: the writer drains, and the partition is released.
  void hand_over(std::int64_t partition) {
    if (!handing_over_.insert(partition).second) return;
    auto& l = service_.partitions[static_cast<std::size_t>(partition)];
    end(l.timer());
    drain_then(l.relay(), answers_limit, [this, partition, &l](bool) {
      auto grant = grants_[partition];
      grant.epoch = l.epoch();
      l.own(0);
      drain_then(l.writer(), finish_limit,
                 [this, grant](bool done) { finish_hand_over(grant, done); });
    });
  }

  void finish_hand_over(const partition_grant& grant, bool done) {
    if (!done) log::warn("writer did not finish in time", {{"service", service_.definition.name}});
    end_partition(grant.partition);
    try {
      // Epoch 0: another node has taken it meanwhile.
      if (done && grant.epoch != 0 && database_) release_partition(*database_, grant);
    } catch (const db::error& e) {  // The next owner waits for the lease instead.
      log::warn("partition not released", {{"error", std::string(e.what())}});
    }
    handing_over_.erase(grant.partition);
    registry_.announce();
    note_drained();
  }

  /// Continues when the actor has drained (true), has ended, or at the limit (false).
  template <class Handle>
  void drain_then(const Handle& a, milliseconds limit, const std::function<void(bool)>& then) {
    if (!a) return then(true);
    self_->request(a, limit, drain_atom::value)
        .then([then](bool) { then(true); }, [then](const caf::error&) { then(false); });
  }

  void note_drained() {
    if (!handing_over_.empty()) return;
    for (auto& promise : std::exchange(drains_, {})) promise.deliver(true);
  }

  void end_partition(std::int64_t partition) {
    auto& l = service_.partitions[static_cast<std::size_t>(partition)];
    end(l.timer());
    end(l.relay());
    end(l.writer());
    l.disown();
    if (partition == 0) service_.set_figures(std::nullopt);
    l.outbox_lag_us = 0;
    l.outbox_held = 0;
    l.mailbox = 0;
    l.failing_since_us = 0;
  }

  template <class Handle>
  void end(const Handle& a) {
    if (!a) return;
    forget(a);
    self_->send_exit(a, caf::exit_reason::user_shutdown);
  }
  template <class Handle>
  void forget(const Handle& a) {
    if (a) children_.erase(a.address());
  }

  void start(const child& c) {
    auto& system = self_->system();
    const auto index = static_cast<std::size_t>(c.index);
    auto& partition = service_.partitions[c.what == part::reader ? 0 : index];
    // Reads of a local file do not block.
    const auto reads = service_.database->shared() ? registry_.blocking : runs::in_pool;
    switch (c.what) {
      case part::writer:
        return partition.set_writer(
            adopt(c, spawn_writer(system, registry_.blocking, registry_, service_, grants_[c.index],
                                  keeper_handle(self_))));
      case part::relay:
        return partition.set_relay(
            adopt(c, spawn_relay(system, reads, registry_, service_, c.index)));
      case part::timer:
        return partition.set_timer(
            adopt(c, spawn_timer(system, reads, registry_, service_, c.index)));
      case part::reader: {
        const bool expensive = c.group.cost == query_cost::expensive;
        return service_.set_reader(
            c.group, index,
            adopt(c, spawn_reader(system, expensive ? registry_.blocking : reads, registry_,
                                  service_, c.group)));
      }
      case part::replica_watch:
        replica_watch_ = adopt(c, spawn_replica_watch(system, registry_, service_));
        return;
    }
  }

  template <class Handle>
  Handle adopt(const child& c, Handle made) {
    self_->monitor(made);
    children_[made.address()] = c;
    return made;
  }

  void child_down(const caf::down_msg& down) {
    auto it = children_.find(down.source);
    if (it == children_.end() || registry_.stopping) return;
    child c = it->second;
    children_.erase(it);
    auto name = service_.definition.name + " " + name_of(c);
    timestamp at = now();
    auto& failures = failures_[{name_of(c), c.index}];
    std::erase_if(failures, [&](timestamp t) { return at - t > restart_window; });
    failures.push_back(at);
    log::error("actor failed", {{"actor", name},
                                {"reason", self_->system().render(down.reason)},
                                {"failures", static_cast<std::int64_t>(failures.size())}});
    registry_.metrics->restarted(name);
    if (service_.database->shared()) return defer_restart(c);
    if (failures.size() > restarts_max) {
      registry_.fail(name + " keeps failing");
      return;
    }
    restart(c);
  }

  /// The actor most likely failed because the database is unreachable, and a new one would, too. It
  /// is restarted once the keeper reaches the database again.
  void defer_restart(const child& c) {
    if (c.what == part::reader) {
      return service_.set_reader(c.group, static_cast<std::size_t>(c.index), {});
    }
    if (c.what == part::replica_watch) {
      replica_watch_ = nullptr;
      return;
    }
    end_partition(c.index);
    registry_.announce();
  }

  /// A writer's restart reads the partition from the database: the state in memory may be wrong.
  void restart(const child& c) {
    if (c.what != part::writer) return start(c);
    try {
      grants_[c.index] = force_take_partition(*database_, c.index, registry_.members.self());
      start(c);
      service_.partitions[static_cast<std::size_t>(c.index)].own(grants_[c.index].epoch);
      registry_.announce();
    } catch (const db::error& e) {
      log::error("failed to take the partition again", {{"error", std::string(e.what())}});
      end_partition(c.index);
    }
  }

  keeper_handle::pointer self_;
  service_registry& registry_;
  service_entry& service_;
  std::unique_ptr<db::connection> database_;
  std::map<caf::actor_addr, child> children_;
  replica_handle replica_watch_;
  std::map<std::pair<std::string, std::int64_t>, std::vector<timestamp>> failures_;
  std::map<std::int64_t, partition_grant> grants_;
  std::set<std::int64_t> handing_over_;
  std::vector<caf::typed_response_promise<bool>> drains_;
  std::map<std::int64_t, std::pair<std::string, timestamp>> wanted_;
  std::vector<observation> seen_;
  timestamp clock_read_at_;
};

using keeper_self = keeper_handle::stateful_pointer<std::optional<keeper>>;

}  // namespace

keeper_handle spawn_keeper(caf::actor_system& system, service_registry& registry,
                           service_entry& service) {
  return spawn_where(system, registry.blocking,
                     [&registry, &service](keeper_self self) -> keeper_handle::behavior_type {
                       log_exceptions(self, "keeper");
                       self->state.emplace(self, registry, service);
                       return {
                           [self](tick_atom) { self->state->tick(); },
                           [self](look_atom) { self->state->look_now(); },
                           [self](const partition_lost_box& box) { self->state->lost(box); },
                           [self](drain_atom) -> caf::result<bool> { return self->state->drain(); },
                       };
                     });
}

}  // namespace stoa::kernel
