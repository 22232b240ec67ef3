#include "actors/kernel/cluster.hpp"
#include "actors/kernel/local_requests.hpp"
#include "config/log.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/json_read.hpp"
#include "storage/kernel/kernel_store.hpp"

#include <unordered_map>

namespace stoa::kernel {

namespace {

/// How often an idle relay checks its timers and watchers.
constexpr milliseconds tick_interval{100};
/// How often it reads the outbox for events whose notification was lost.
constexpr seconds sweep_interval{5};

struct watcher {
  std::vector<std::string> types;
  std::vector<std::string> applied_by;  ///< services that must have applied the event
  timestamp deadline;
  promised_ptr<event_box> promise;
  bool happened = false;  ///< the event has arrived; services may not have applied it yet
  event_ptr seen;
  bool looked = false;  ///< without `seen`: the outbox has been read since the watch began
};

watcher watcher_of(const watch_box& box, promised_ptr<event_box> promise) {
  watcher w{{}, {}, box.deadline, std::move(promise), false, nullptr, false};
  for (const auto& type : box.types) {
    const bool service = type.starts_with(kernel::applied_by);
    (service ? w.applied_by : w.types).push_back(type.substr(service ? applied_by.size() : 0));
  }
  w.happened = w.types.empty();
  return w;
}

/// Added to the broker's duplicate window before an event is repeated: its first copy may have
/// waited for the broker to become reachable.
constexpr seconds broker_slack{1};

relay_limits limits_of(const node_options& o) {
  auto limits = o.relay;
  if (o.bus) limits.repeat_pause = o.bus->duplicate_window() + broker_slack;
  return limits;
}

class relay {
 public:
  relay(relay_handle::pointer self, service_registry& registry, service_entry& service,
        std::int64_t partition)
      : self_(self),
        registry_(registry),
        service_(service),
        partition_number_(partition),
        partition_(service.partitions[static_cast<std::size_t>(partition)]),
        connection_(service.database->open(db::access::read)),
        core_(service.definition.name,
              registry.options.bus ? registry.bus_subscriptions : registry.subscriptions,
              limits_of(registry.options),
              begin_run(*connection_, partition, registry.options.ids->next_v7())) {
    self_->delayed_send(self_, milliseconds{0}, tick_atom::value);
  }

  void committed(const committed_box& box) {
    core_.deleted(box.deleted);
    core_.committed(box.events, now());
    for (const auto& e : box.events) notify_watchers(e);
    pump();
    // An event that those services do not subscribe to gets no further verdict.
    if (watchers_.empty()) return;
    for (const auto& e : box.events) notify_applied(e->aggregate_id);
  }

  void verdicts(const verdict_box& box) {
    for (const auto& v : box.content) {
      if (!core_.may_settle(v.seq, v.event_id)) continue;
      if (!v.refused) {
        if (const auto of = acknowledged(box.subscriber, v.seq)) notify_applied(*of);
        continue;
      }
      if (is_partition_moved({nullptr, v.refused, false})) {
        core_.refused(registry_.options.bus ? all_subscribers : box.subscriber, v.seq,
                      v.refused->code, false, now());
        continue;
      }
      // Transient failures do not make the event a dead letter.
      bool counts = !is_transient(*v.refused);
      log::write(counts ? log::level::warn : log::level::debug, "event rejected",
                 {{"service", box.subscriber},
                  {"source", core_.source()},
                  {"seq", v.seq},
                  {"error", v.refused->detail}});
      registry_.metrics->event_refused(box.subscriber, core_.source());
      core_.refused(registry_.options.bus ? all_subscribers : box.subscriber, v.seq,
                    v.refused->code + ": " + v.refused->detail, counts, now());
    }
    pump();
    note_drained();
  }

  /// Stops sending, so that the partition's next owner starts with events that were not sent: a
  /// broker would drop its copies of recent ones as duplicates. Answered when all deliveries are.
  caf::typed_response_promise<bool> drain() {
    drained_ = self_->make_response_promise<bool>();
    auto promise = *drained_;
    note_drained();
    return promise;
  }

  void send_again() {
    core_.send_again(now());
    pump();
  }

  void watch(const watch_box& box, promised_ptr<event_box> promise) {
    auto w = watcher_of(box, std::move(promise));
    if (w.happened) {
      // The events were committed before the request but may not have arrived here yet: concurrent
      // watches share one read of the outbox.
      look_for_.push_back(box.aggregate);
      if (look_for_.size() == 1) self_->send(self_, flush_atom::value);
    }
    watchers_.emplace(box.aggregate, std::move(w));
  }

  void look() {
    core_.look_again();
    pump();
    for (const auto& aggregate : std::exchange(look_for_, {})) {
      auto [first, last] = watchers_.equal_range(aggregate);
      std::for_each(first, last, [](auto& w) { w.second.looked = true; });
      notify_applied(aggregate);
    }
  }

  void tick() {
    timestamp at = now();
    for (auto it = watchers_.begin(); it != watchers_.end();) {
      const bool applied = it->second.happened && is_applied(it->second, it->first);
      if (!applied && it->second.deadline > at) {
        ++it;
        continue;
      }
      // At the deadline the watcher gets the event even if it is not applied.
      if (it->second.happened && !applied) registry_.metrics->not_applied(core_.source());
      it->second.promise->deliver(event_box{it->second.seen});
      it = watchers_.erase(it);
    }
    if (at - swept_at_ >= sweep_interval) {
      swept_at_ = at;
      core_.look_again();
    }
    pump();
    auto lag = core_.lag(service_.time.now());
    partition_.outbox_lag_us.store(lag.count(), std::memory_order_relaxed);
    partition_.outbox_held.store(static_cast<std::int64_t>(core_.held()),
                                 std::memory_order_relaxed);
    registry_.metrics->relay(core_.source(), core_.held(), lag);
    self_->delayed_send(self_, tick_interval, tick_atom::value);
  }

 private:
  static timestamp now() { return process_time().now(); }

  void note_drained() {
    if (drained_ && drained_->pending() && core_.in_flight() == 0) drained_->deliver(true);
  }

  void pump() {
    if (!drained_) send_due();
    auto finished = core_.take_finished(now());
    if (!finished.empty()) self_->send(partition_.writer(), finished_box{std::move(finished)});
  }

  void send_due() {
    read_behind();
    std::map<std::pair<std::string, partition_entry*>, delivery_box> boxes;
    for (auto& d : core_.due(now())) {
      if (!registry_.options.bus) {
        add(boxes, std::move(d));
        continue;
      }
      auto& [of, missing] = missing_[d.what->seq];
      of = d.what->aggregate_id;
      if (missing.empty()) {
        const auto& all = registry_.subscriptions.at(d.what->type);
        missing.insert(all.begin(), all.end());
      }
      if (!d.dead) {
        registry_.options.bus->publish({d.what, d.low_water, d.from});
        // Planted: a published event counts as applied.
        if (fault("forget_published")) core_.acknowledged(all_subscribers, d.what->seq);
        continue;
      }
      // Sent directly to the subscribers that reject it: the broker would deliver it to all.
      for (const auto& subscriber : missing) {
        auto one = d;
        one.subscriber = subscriber;
        add(boxes, std::move(one));
      }
    }
    for (auto& [to, box] : boxes) {
      // An absent subscriber does not answer: the event is sent again after the answer timeout.
      if (fault("trust_delivery")) trust(box);
      box.reply_to = relay_handle(self_);
      send_deliveries(*to.second, std::move(box));
    }
  }

  /// Planted: an event that was sent counts as applied.
  void trust(const delivery_box& box) {
    for (const auto& d : box.content) acknowledged(d.subscriber, d.what->seq);
  }

  void add(std::map<std::pair<std::string, partition_entry*>, delivery_box>& boxes, delivery d) {
    if (d.dead) registry_.metrics->dead_letter(d.subscriber, d.what->type);
    auto* subscriber = registry_.find(d.subscriber);
    auto* partition = subscriber ? subscriber->partition_of(route_of(*d.what)) : nullptr;
    if (partition) boxes[{d.subscriber, partition}].content.push_back(std::move(d));
  }

  /// A broker delivers an event to all subscribers at once: it is acknowledged, and the aggregate's
  /// next event follows, when the last subscriber has applied it.
  std::optional<uuid> acknowledged(const std::string& subscriber, std::int64_t seq) {
    if (!registry_.options.bus) return core_.acknowledged(subscriber, seq);
    auto it = missing_.find(seq);
    if (it == missing_.end()) return std::nullopt;
    it->second.second.erase(subscriber);
    if (!it->second.second.empty()) return it->second.first;
    missing_.erase(it);
    return core_.acknowledged(all_subscribers, seq);
  }

  /// The service has applied all of the aggregate's events that are held here.
  bool is_applied(const std::string& service, const uuid& aggregate) const {
    if (!registry_.options.bus) return core_.waiting(service, aggregate) == nullptr;
    const auto* waiting = core_.waiting(all_subscribers, aggregate);
    if (!waiting) return true;
    const auto front = missing_.find(waiting->front());
    return waiting->size() == 1 && front != missing_.end() &&
           !front->second.second.contains(service);
  }
  bool is_applied(const watcher& w, const uuid& aggregate) const {
    if (w.seen ? !core_.knows(w.seen->seq) : !w.looked || core_.is_behind()) return false;
    return std::all_of(w.applied_by.begin(), w.applied_by.end(),
                       [&](const auto& service) { return is_applied(service, aggregate); });
  }

  void notify_applied(const uuid& aggregate) {
    auto [first, last] = watchers_.equal_range(aggregate);
    for (auto it = first; it != last;) {
      if (!it->second.happened || !is_applied(it->second, aggregate)) {
        ++it;
        continue;
      }
      it->second.promise->deliver(event_box{it->second.seen});
      it = watchers_.erase(it);
    }
  }

  void read_behind() {
    while (core_.wants_to_read()) {
      std::size_t asked = core_.read_max();
      try {
        core_.read(
            read_outbox(*connection_, core_.source(), partition_number_, core_.read_from(), asked),
            asked, now());
      } catch (const db::error& e) {
        if (!service_.reach.failed("read outbox", e)) {
          log::error("failed to read the outbox",
                     {{"service", core_.source()}, {"error", e.what()}});
        }
        return;  // The next tick retries.
      }
    }
  }

  void notify_watchers(const event_ptr& e) {
    auto [first, last] = watchers_.equal_range(e->aggregate_id);
    for (auto it = first; it != last;) {
      auto& w = it->second;
      if (w.happened || std::find(w.types.begin(), w.types.end(), e->type) == w.types.end()) {
        ++it;
        continue;
      }
      if (!w.applied_by.empty()) {
        w.happened = true;
        w.seen = e;
        w.deadline = now() + registry_.options.relay.applied_wait;
        ++it;
        continue;
      }
      w.promise->deliver(event_box{e});
      it = watchers_.erase(it);
    }
  }

  relay_handle::pointer self_;
  service_registry& registry_;
  service_entry& service_;
  const std::int64_t partition_number_;
  partition_entry& partition_;
  std::unique_ptr<db::connection> connection_;
  relay_core core_;
  std::unordered_multimap<uuid, watcher> watchers_;
  std::vector<uuid> look_for_;  ///< aggregates of watches without an event type
  /// With a broker, per event in flight: its aggregate, and the subscribers that have not applied
  /// it.
  std::map<std::int64_t, std::pair<uuid, std::set<std::string>>> missing_;
  std::optional<caf::typed_response_promise<bool>> drained_;  ///< set: sending has stopped
  timestamp swept_at_;
};

}  // namespace

/// Another node's verdict on an event; empty: applied.
static std::optional<problem> refusal_in(const std::string& text) {
  if (text.empty()) return std::nullopt;
  // Bounds what is written to the log and the database; nodes send some hundred bytes.
  static constexpr std::size_t longest = 64U << 10;
  auto why = json::read_lenient<stored_rejection>(text.size() <= longest ? text : "");
  return why ? std::move(why->error) : unavailable("The verdict on the event is malformed.");
}

verdict_box unpacked(const wire_verdicts& from) {
  verdict_box box{from.subscriber, from.source, from.partition, {}};
  for (const auto& v : from.content) box.content.push_back({v.seq, refusal_in(v.refused)});
  return box;
}

verdict_box unpacked(const wire_event_verdicts& from) {
  verdict_box box{from.subscriber, from.source, from.partition, {}};
  for (const auto& v : from.content) {
    // A malformed id matches no event.
    const auto id = stoa::event_id::parse(v.event_id).value_or(stoa::event_id{});
    box.content.push_back({v.seq, refusal_in(v.refused), id});
  }
  return box;
}

namespace {

using relay_self = relay_handle::stateful_pointer<std::optional<relay>>;

relay_handle::behavior_type behavior_of(relay_self self) {
  return {
      [self](const committed_box& box) { self->state->committed(box); },
      [self](const verdict_box& box) { self->state->verdicts(box); },
      [self](const wire_verdicts& box) { self->state->verdicts(unpacked(box)); },
      [self](const wire_event_verdicts& box) { self->state->verdicts(unpacked(box)); },
      [self](const watch_box& box) -> caf::result<event_box> {
        self->state->watch(box, promise_of<event_box>(self));
        return caf::delegated<event_box>{};
      },
      [self](drain_atom) -> caf::result<bool> { return self->state->drain(); },
      [self](look_atom) { self->state->send_again(); },
      [self](flush_atom) { self->state->look(); },
      [self](tick_atom) { self->state->tick(); },
  };
}

}  // namespace

relay_handle spawn_relay(caf::actor_system& system, runs where, service_registry& registry,
                         service_entry& service, std::int64_t partition) {
  return spawn_where(system, where, [&registry, &service, partition](relay_self self) {
    ignore_unexpected_messages(self);
    log_exceptions(self, "relay");
    self->state.emplace(self, registry, service, partition);
    return behavior_of(self);
  });
}

}  // namespace stoa::kernel
