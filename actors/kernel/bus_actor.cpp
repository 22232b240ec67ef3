// Connects the broker's threads with the partitions' actors: forwards events from the broker to the
// subscriber's partition on any node, and the verdicts back to the broker and, over it, to the
// producer's relay.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/refusal.hpp"
#include "config/log.hpp"
#include "storage/base/json_read.hpp"

namespace stoa::kernel {

namespace {

/// An event that its subscriber has not answered after this time is dropped here; the broker
/// delivers it again.
constexpr seconds forget_after{10};
constexpr seconds sweep_interval{1};

/// One event in flight to one subscriber.
using open_key = std::tuple<std::string, std::string, std::int64_t, std::int64_t>;

struct open_event {
  stoa::event_id event_id;  ///< numbers are unique only within one history of the database
  std::function<void(bool)> settle;
  timestamp since;
};

class bus {
 public:
  bus(bus_handle::pointer self, service_registry& registry) : self_(self), registry_(registry) {
    std::map<std::string, std::vector<std::string>> subscriptions;
    for (const auto& [name, s] : registry.services) {
      if (s->local()) subscriptions.emplace(name, s->definition.subscriptions);
    }
    const bus_handle me(self);
    registry.options.bus->start(
        std::move(subscriptions),
        [me](const std::string& subscriber, published what, std::function<void(bool)> settle) {
          caf::anon_send(me, bus_event{subscriber, std::move(what), std::move(settle)});
        },
        [me](bus_verdict v) { caf::anon_send(me, std::move(v)); },
        [&registry] { registry.wake_relays(); });
    self_->delayed_send(self_, sweep_interval, tick_atom::value);
  }

  void event(const bus_event& box) {
    auto* entry = registry_.find(box.subscriber);
    const auto& e = box.what.what;
    const auto from = origin_of(box.what);
    if (from == origin::unknown) return box.settle(false);
    if (from == origin::replaced) return drop(box);
    auto* partition = entry ? entry->partition_of(route_of(*e)) : nullptr;
    if (!partition || !partition->to_writer()) return box.settle(false);
    open_[{box.subscriber, e->source, e->partition, e->seq}] = {e->event_id, box.settle,
                                                                process_time().now()};
    delivery_box out;
    out.content.push_back({box.subscriber, e, box.what.low_water, 1, false, {}, box.what.from});
    out.reply_to = bus_handle(self_);
    send_deliveries(*partition, std::move(out));
  }

  void verdicts(const verdict_box& box) {
    for (const auto& v : box.content) {
      // The broker redelivers it, and then it goes to the partition's new owner.
      if (!is_partition_moved({nullptr, v.refused, false})) {
        registry_.options.bus->tell(
            {box.subscriber, box.source, box.partition, v.seq, v.refused, v.event_id});
      }
      const auto found = open_.find({box.subscriber, box.source, box.partition, v.seq});
      if (found == open_.end()) continue;
      if (v.event_id && *v.event_id != found->second.event_id) continue;
      const auto settle = std::move(found->second.settle);
      open_.erase(found);
      settle(!v.refused);
    }
  }

  /// Forwards a verdict to the partition's relay, if it is on this node.
  void verdict(const bus_verdict& v) {
    auto* entry = registry_.find(v.source);
    if (!entry || v.partition < 0 || v.partition >= std::int64_t{partitions_max}) return;
    auto relay = entry->partitions[static_cast<std::size_t>(v.partition)].relay();
    if (relay) {
      self_->send(
          relay,
          verdict_box{v.subscriber, v.source, v.partition, {{v.seq, v.refused, v.event_id}}});
    }
  }

  void tick() {
    timestamp limit = process_time().now() - forget_after;
    std::erase_if(open_, [&](const auto& o) { return o.second.since < limit; });
    self_->delayed_send(self_, sweep_interval, tick_atom::value);
  }

 private:
  enum class origin { current, unknown, replaced };

  /// Whether the event comes from the producer's current database: the broker may still hold events
  /// of a database that has been replaced.
  origin origin_of(const published& p) const {
    const auto* producer = registry_.find(p.what->source);
    if (!producer || !p.from || !p.from->database) return origin::current;
    // Unknown after a start, until the keeper or another node reports it.
    const auto now = producer->identity();
    if (!now) return origin::unknown;
    return *p.from->database == *now ? origin::current : origin::replaced;
  }

  /// Safe even if the event is current: its relay publishes it until it is acknowledged.
  void drop(const bus_event& box) {
    box.settle(true);
    const auto& e = *box.what.what;
    registry_.metrics->foreign_event(box.subscriber, e.source);
    const auto times = foreign_.happened("foreign", e.source, log_throttle::clock::now());
    if (times == 0) return;
    log::warn("dropping events of a database that has been replaced",
              {{"service", box.subscriber},
               {"producer", e.source},
               {"database", box.what.from->database->str()},
               {"times", times}});
  }

  bus_handle::pointer self_;
  service_registry& registry_;
  std::map<open_key, open_event> open_;
  log_throttle foreign_;
};

using bus_self = bus_handle::stateful_pointer<std::optional<bus>>;

}  // namespace

bus_handle spawn_bus(caf::actor_system& system, service_registry& registry) {
  return system.spawn([&registry](bus_self self) -> bus_handle::behavior_type {
    ignore_unexpected_messages(self);
    log_exceptions(self, "bus");
    self->state.emplace(self, registry);
    return {
        [self](const bus_event& box) { self->state->event(box); },
        [self](const bus_verdict& v) { self->state->verdict(v); },
        [self](const verdict_box& box) { self->state->verdicts(box); },
        [self](const wire_verdicts& box) { self->state->verdicts(unpacked(box)); },
        [self](const wire_event_verdicts& box) { self->state->verdicts(unpacked(box)); },
        [self](tick_atom) { self->state->tick(); },
    };
  });
}

}  // namespace stoa::kernel
