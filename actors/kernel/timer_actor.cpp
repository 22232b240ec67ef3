#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/service_registry.hpp"
#include "config/log.hpp"

#include <deque>

namespace stoa::kernel {

namespace {

/// Interval between clean-up passes.
constexpr seconds cleanup_interval{5};
constexpr int cleanup_pause = 4;
constexpr seconds command_timeout{30};
/// How often the figures for operators are read.
constexpr seconds figures_interval{5};

/// Reads due work from the service's database, and runs the service's effects.
class timer {
 public:
  timer(timer_handle::pointer self, service_registry& registry, service_entry& service,
        std::int64_t partition)
      : self_(self),
        registry_(registry),
        service_(service),
        partition_(service.partitions[static_cast<std::size_t>(partition)]),
        measures_(partition == 0),
        connection_(service.database->open(db::access::read)),
        // With a shared database other partitions may have effects in progress: effects of a
        // partition that was taken over are found by their due time instead.
        starting_(!service.definition.make_effects || !service.database->shared()) {
    if (service.definition.make_effects) {
      const timer_handle me(self_);
      effects_ = service.definition.make_effects([me](any_message m) {
        request_box box;
        box.context.who.kind = caller_kind::system;
        box.message = std::move(m);
        caf::anon_send(me, std::move(box));
      });
    }
    self_->delayed_send(self_, milliseconds{0}, tick_atom::value);
  }

  void start_effects(const effects_box& box) {
    if (!effects_) return;
    for (const auto& e : box.effects) effects_->start(e, process_time().now());
  }

  /// Forwards an effect's result to the writer. If it is lost, the sweep starts the effect again.
  void report(request_box& box) { self_->send(partition_.writer(), std::move(box)); }

  void tick() {
    timestamp now = process_time().now();
    if (!service_.database->shared()) follow_machine();
    if (effects_) effects_->tick(now);
    // Without write requests only a heartbeat detects that commits succeed again.
    if (partition_.failing_since_us != 0) self_->send(partition_.writer(), beat_atom::value);
    sweep();
    // Only partition 0 cleans up: others would delete the same rows.
    if (&partition_ == &service_.partitions[0] && now >= next_cleanup_) {
      next_cleanup_ = now + cleanup_interval;
      self_->send(partition_.writer(), look_atom::value);
    }
    if (measures_ && now > measured_at_ + figures_interval) measure(now);
    self_->delayed_send(self_, registry_.options.sweep_interval, tick_atom::value);
  }

  /// Sends the next command that removes expired data, followed by a pause of four times its
  /// duration for the writer's other work.
  void clean_up() {
    is_resting_ = false;
    if (cleanups_.empty()) return;
    auto next = std::move(cleanups_.front());
    cleanups_.pop_front();
    ask(std::move(next), [this, began = process_time().now()] {
      --open_;
      const auto took = process_time().now() - began;
      is_resting_ = true;
      self_->delayed_send(self_, took * cleanup_pause, clean_atom::value);
    });
  }

 private:
  /// A local file uses the machine's clock. Each sweep reads the due work, so that a step of the
  /// clock takes effect with the next sweep.
  void follow_machine() {
    registry_.clocks->moved(service_.definition.name, service_.time.follow(system_time()));
    store_time().follow(system_time());
  }

  void sweep() {
    if (open_ > 0) return;  // The last sweep's commands have not been answered yet.
    due_work work;
    try {
      work = service_.definition.due(*connection_, service_.time.now(), starting_);
      service_.reach.succeeded();
    } catch (const db::error& e) {
      if (!service_.reach.failed("sweep", e)) log_failure(e);
      return;
    } catch (const std::exception& e) {
      log_failure(e);
      return;
    }
    starting_ = false;
    for (auto& m : work.commands) {
      if (!here(m)) continue;
      ++open_;
      if (service_.definition.one_by_one.contains(m.kind())) {
        cleanups_.push_back(std::move(m));
      } else {
        ask(std::move(m), [this] { --open_; });
      }
    }
    if (!is_resting_) clean_up();
    if (effects_) {
      for (const auto& e : work.effects) effects_->start(e, process_time().now());
    }
  }

  /// The figures cover the whole service, so that one partition reads them.
  void measure(timestamp now) {
    measured_at_ = now;
    try {
      service_figures f;
      f.dead_letters = read_dead_letter_count(*connection_).total;
      if (service_.definition.measure) {
        service_.definition.measure(*connection_, service_.time.now(), f);
      }
      if (partition_.epoch() != 0) service_.set_figures(f);
    } catch (const db::error&) {
      service_.set_figures(std::nullopt);  // The sweep logs the reason.
    }
  }

  void ask(any_message m, const std::function<void()>& answered) {
    request_box box;
    box.context.who.kind = caller_kind::system;
    box.message = std::move(m);
    self_->request(partition_.writer(), command_timeout, std::move(box))
        .then([answered](const answer_box&) { answered(); },
              [answered](const caf::error&) { answered(); });
  }

  void log_failure(const std::exception& e) const {
    log::error("sweep failed",
               {{"service", service_.definition.name}, {"error", std::string_view(e.what())}});
  }

  /// Each partition's timer reads all due work and processes what is routed to its partition, so
  /// that each item is processed exactly once.
  bool here(const any_message& m) const {
    const auto* codec = registry_.options.codecs.find(m.name());
    auto route = codec && codec->routed ? codec->route(m) : 0;
    return service_.partition_of(route) == &partition_;
  }

  timer_handle::pointer self_;
  service_registry& registry_;
  service_entry& service_;
  partition_entry& partition_;
  const bool measures_;
  std::unique_ptr<db::connection> connection_;
  std::unique_ptr<effect_runner> effects_;
  std::deque<any_message> cleanups_;
  bool is_resting_ = false;  ///< in the pause after the last clean-up command
  std::size_t open_ = 0;
  timestamp measured_at_;
  timestamp next_cleanup_;
  bool starting_;
};

using timer_self = timer_handle::stateful_pointer<std::optional<timer>>;

}  // namespace

timer_handle spawn_timer(caf::actor_system& system, runs where, service_registry& registry,
                         service_entry& service, std::int64_t partition) {
  return spawn_where(
      system, where,
      [&registry, &service, partition](timer_self self) -> timer_handle::behavior_type {
        log_exceptions(self, "timer");
        self->state.emplace(self, registry, service, partition);
        return {
            [self](const effects_box& box) { self->state->start_effects(box); },
            [self](request_box& box) { self->state->report(box); },
            [](const answer_box&) {},
            [self](tick_atom) { self->state->tick(); },
            [self](clean_atom) { self->state->clean_up(); },
        };
      });
}

}  // namespace stoa::kernel
