#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/service_registry.hpp"
#include "config/log.hpp"

#include <deque>

namespace stoa::kernel {

namespace {

/// Expired rows are looked for this often.
constexpr seconds cleanup_interval{5};
constexpr int cleanup_pause = 4;
constexpr seconds command_timeout{30};
/// What operators watch is read this often.
constexpr seconds figures_interval{5};

/// Looks for what is due in the service's database, and keeps its effects going.
class timer {
 public:
  timer(caf::event_based_actor* self, service_registry& registry, service_entry& service,
        std::int64_t partition)
      : self_(self),
        registry_(registry),
        service_(service),
        partition_(service.partitions[static_cast<std::size_t>(partition)]),
        measures_(partition == 0),
        connection_(service.database->open(db::access::read)),
        // Where other partitions may have effects under way, those of a partition that was taken
        // over are found by their time.
        starting_(!service.definition.make_effects || !service.database->shared()) {
    if (service.definition.make_effects) {
      caf::actor me = self_;
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

  /// A result of an effect, on its way to the writer. Should it get lost, the sweep asks again.
  void report(request_box& box) { self_->send(partition_.writer(), std::move(box)); }

  void tick() {
    timestamp now = process_time().now();
    if (!service_.database->shared()) follow_machine();
    if (effects_) effects_->tick(now);
    // Without a request that writes, nothing else would find out that commits succeed again.
    if (partition_.failing_since_us != 0) self_->send(partition_.writer(), beat_atom::value);
    sweep();
    // One partition cleans for all: two would delete the same rows.
    const auto at = std::chrono::steady_clock::now();
    if (&partition_ == &service_.partitions[0] && at >= next_cleanup_) {
      next_cleanup_ = at + cleanup_interval;
      self_->send(partition_.writer(), look_atom::value);
    }
    if (measures_ && now > measured_at_ + figures_interval) measure(now);
    self_->delayed_send(self_, registry_.options.sweep_interval, tick_atom::value);
  }

  /// The next of the commands that remove what has expired. The writer has four times as long for
  /// its other work as it has taken for the last one.
  void clean_up() {
    is_resting_ = false;
    if (cleanups_.empty()) return;
    auto next = std::move(cleanups_.front());
    cleanups_.pop_front();
    ask(std::move(next), [this, began = std::chrono::steady_clock::now()] {
      --open_;
      const auto took =
          std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - began);
      is_resting_ = true;
      self_->delayed_send(self_, took * cleanup_pause, clean_atom::value);
    });
  }

 private:
  /// The clock of a file is the machine's. What is due is looked for in each sweep, so that a step
  /// takes effect with the next one.
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
      if (!service_.reach.failed("sweep", e)) complain(e);
      return;
    } catch (const std::exception& e) {
      complain(e);
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

  /// The figures are of the whole service, so that one of its partitions is enough.
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
      service_.set_figures(std::nullopt);  // The sweep says why, and the next one may succeed.
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

  void complain(const std::exception& e) const {
    log::error("sweep failed",
               {{"service", service_.definition.name}, {"error", std::string_view(e.what())}});
  }

  /// Each partition's timer sees all that is due, and does what falls to its partition: nothing is
  /// processed twice, and nothing is left out.
  bool here(const any_message& m) const {
    const auto* codec = registry_.options.codecs.find(m.name());
    auto route = codec && codec->routed ? codec->route(m) : 0;
    return service_.partition_of(route) == &partition_;
  }

  caf::event_based_actor* self_;
  service_registry& registry_;
  service_entry& service_;
  partition_entry& partition_;
  const bool measures_;
  std::unique_ptr<db::connection> connection_;
  std::unique_ptr<effect_runner> effects_;
  std::deque<any_message> cleanups_;
  bool is_resting_ = false;  ///< the pause after the last cleanup is not over
  std::size_t open_ = 0;
  timestamp measured_at_;
  std::chrono::steady_clock::time_point next_cleanup_;
  bool starting_;
};

}  // namespace

caf::behavior timer_actor(caf::event_based_actor* self, service_registry& registry,
                          service_entry& service, std::int64_t partition) {
  auto t = std::make_shared<timer>(self, registry, service, partition);
  return {
      [=](const effects_box& box) { t->start_effects(box); },
      [=](request_box& box) { t->report(box); },
      [=](tick_atom) { t->tick(); },
      [=](clean_atom) { t->clean_up(); },
      [](const answer_box&) {},
      [](sync_atom) -> bool { return true; },
  };
}

}  // namespace stoa::kernel
