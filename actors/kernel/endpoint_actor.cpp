// Receives requests and events of other nodes for the local services.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/local_requests.hpp"
#include "actors/kernel/refusal.hpp"
#include "config/log.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/kernel/kernel_store.hpp"

#include <algorithm>
#include <limits>

namespace stoa::kernel {

namespace {

/// Answers a request of another node's port; called once.
using answerer = std::function<void(answer, event_ptr)>;

answer refused(problem p) {
  return {nullptr, std::move(p), false};
}

problem unknown_message(const std::string& name) {
  return {problem_kind::malformed,
          "unknown_message",
          "Unknown message " + name + ". This node may run an earlier version.",
          {}};
}

/// The deadline from the remaining time sent by another node, in microseconds; a day at most.
timestamp in(std::int64_t left_us) {
  static constexpr std::int64_t longest_us = 86'400'000'000;
  return process_time().now() + microseconds{std::clamp<std::int64_t>(left_us, 0, longest_us)};
}

/// Forwards verdicts to the relay or bus on another node that has sent the events. The endpoint
/// ends it when that actor is down.
verdict_receiver::behavior_type ack_forwarder(verdict_receiver::pointer self,
                                              const wire_verdict_receiver& there);

class endpoint {
 public:
  endpoint(endpoint_handle::pointer self, service_registry& registry)
      : self_(self), registry_(registry) {
    self_->set_down_handler([this](const caf::down_msg& down) {
      auto found = forwarders_.extract(down.source);
      if (!found.empty()) end(found.mapped());
    });
    self_->set_exit_handler([this](const caf::exit_msg& m) {
      for (const auto& [there, forwarder] : forwarders_) end(forwarder);
      self_->quit(m.reason);
    });
  }

  void request(wire_request& r, const port_handle& from) {
    if (r.service == node_operation::service) return operate(r, from);
    auto* entry = registry_.find(r.service);
    if (r.name.empty()) return watch(entry, r, from);
    const auto* codec = registry_.options.codecs.find(r.name);
    auto then = answer_to(from, r.number, codec);
    if (!entry || !codec) {
      return then(refused(unknown_message(r.name)), nullptr);
    }
    auto context = decode_context(r.context);
    auto message = codec->decode(r.body);
    if (!context) return then(refused(std::move(context.error())), nullptr);
    if (!message) return then(refused(std::move(message.error())), nullptr);
    if (!r.watch.types.empty() && !uuid::parse(r.watch.aggregate)) {
      return then(refused(malformed_message(
                      "a watch", {problem_kind::malformed, {}, "Invalid aggregate id.", {}})),
                  nullptr);
    }
    context->deadline = {};
    if (r.left_us != 0) context->deadline = in(r.left_us);
    if (codec->query) {
      const auto to = entry->reader(*message, *context);
      forward(*entry, *codec, to.here, {std::move(*context), std::move(*message)}, r.watch,
              std::move(then));
    } else {
      const auto to = entry->writer_of(route_of(codec, *message, *context));
      forward(*entry, *codec, to.here, {std::move(*context), std::move(*message)}, r.watch,
              std::move(then));
    }
  }

  void operate(const wire_request& r, const port_handle& from) {
    auto then = answer_to(from, r.number, nullptr);
    auto what = json::read_lenient<node_operation>(r.body);
    if (!what) return then(refused(unknown_message(r.name)), nullptr);
    then({nullptr, operate_here(registry_, *what), false}, nullptr);
  }

  void replay(const wire_replay& r, const port_handle& from) {
    auto* entry = registry_.find(r.service);
    auto id = uuid::parse(r.event_id);
    const auto writer = entry && id ? entry->writer_of(route_of(*id)).here : writer_handle{};
    auto then = answer_to(from, r.number, nullptr);
    if (!writer) return then(refused(partition_moved(r.service)), nullptr);
    request_local(self_, r.service, writer, job_box{job_kind::replay, {*id}},
                  [then](answer a) { then(std::move(a), nullptr); });
  }

  void deliver(const wire_deliveries& box, const wire_verdict_receiver& sender) {
    auto* entry = registry_.find(box.subscriber);
    if (!entry) {
      // From a newer version: its relay retries with a node that runs the service.
      return warn_throttled("events for an unknown service", box.subscriber);
    }
    std::map<partition_entry*, delivery_box> boxes;
    for (const auto& d : box.content) {
      auto e = decode_sent(d.event);
      if (!e) {
        warn_throttled("malformed event from another node", e.error().detail);
        continue;
      }
      auto* partition = entry->partition_of(route_of(*e->what));
      if (!partition) continue;
      boxes[partition].content.push_back({box.subscriber, std::move(e->what), d.low_water,
                                          attempts(d), d.dead, d.error, std::move(e->from)});
    }
    for (auto& [partition, found] : boxes) {
      auto writer = partition->to_writer().here;
      found.reply_to = forwarder_to(sender);
      if (writer) {
        self_->send(writer, std::move(found));
      } else {
        refuse_moved(found);
      }
    }
  }

  /// Sends the collected answers to other nodes' ports.
  void send_answers() {
    flushing_ = false;
    for (auto& [to, answers] : std::exchange(answers_, {})) {
      self_->send(to, wire_answers{std::move(answers)});
    }
  }

 private:
  static int attempts(const wire_delivery& d) {
    return static_cast<int>(
        std::clamp<std::int64_t>(d.attempt, 1, std::numeric_limits<int>::max()));
  }

  /// Throttled, because other nodes repeat unacknowledged events.
  void warn_throttled(const char* what, const std::string& why) {
    const auto about = cut_short(why);
    const auto times = throttle_.happened(what, about, log_throttle::clock::now());
    if (times > 0) log::warn(what, {{"reason", about}, {"times", times}});
  }

  /// Answers are batched: the flush message is queued behind the answers already in the mailbox.
  answerer answer_to(const port_handle& port, std::uint64_t number, const message_codec* codec) {
    return [this, port, number, codec](const answer& a, const event_ptr& e) {
      wire_answer out{number, {}, {}};
      if (a.error) {
        out.content = encode_refusal(*a.error, a.replayed);
      } else if (codec) {
        out.content = codec->encode_answer(a);
      }
      if (e) out.event = encode_event(*e);
      answers_[port].push_back(std::move(out));
      if (!std::exchange(flushing_, true)) self_->send(self_, flush_atom::value);
    };
  }

  static watch_box watched(const uuid& aggregate, wire_watch& w) {
    return {aggregate, std::move(w.types), in(w.left_us)};
  }

  void watch(service_entry* entry, wire_request& r, const port_handle& from) {
    auto then = answer_to(from, r.number, nullptr);
    const auto id = uuid::parse(r.watch.aggregate);
    if (!entry || !id || watches_ >= registry_.options.in_flight_max) return then({}, nullptr);
    ++watches_;
    watch_local(self_, entry->relay_of(route_of(*id)).here, watched(*id, r.watch),
                [this, then](event_ptr e) {
                  --watches_;
                  then({}, std::move(e));
                });
  }

  /// To a writer or reader of this node; null: there is none.
  template <class Handle>
  void forward(service_entry& entry, const message_codec& codec, const Handle& to, request_box box,
               wire_watch& w, answerer then) {
    if (!to) return then(refused(partition_moved(entry.definition.name)), nullptr);
    const auto cost = codec.query ? entry.definition.cost_of(box.message) : query_cost::cheap;
    const auto among =
        codec.query ? registry_.queries_of(entry, cost) : registry_.commands_of(entry);
    if (!among.enter()) {
      registry_.metrics->overloaded(entry.definition.name);
      return then(refused(overloaded(entry.definition.name, cost)), nullptr);
    }
    answerer answered = [among, then = std::move(then)](answer a, event_ptr e) {
      among.leave();
      then(std::move(a), std::move(e));
    };
    const auto& service = entry.definition.name;
    const auto id = w.types.empty() ? std::nullopt : uuid::parse(w.aggregate);
    if (id) {
      request_and_watch_local(self_, service, to, std::move(box),
                              entry.relay_of(route_of(*id)).here, watched(*id, w),
                              std::move(answered));
    } else {
      request_local(self_, service, to, std::move(box),
                    [answered](answer a) { answered(std::move(a), nullptr); });
    }
  }

  /// Every handle, even on another node, keeps an actor alive: it must be ended explicitly.
  void end(const verdict_receiver& forwarder) {
    self_->send_exit(forwarder, caf::exit_reason::user_shutdown);
  }

  /// The local actor that forwards the writers' verdicts to that relay or bus on another node.
  verdict_receiver forwarder_to(const wire_verdict_receiver& sender) {
    auto& forwarder = forwarders_[sender.address()];
    if (!forwarder) {
      self_->monitor(sender);
      forwarder = self_->spawn(ack_forwarder, sender);
    }
    return forwarder;
  }

  endpoint_handle::pointer self_;
  service_registry& registry_;
  std::map<caf::actor_addr, verdict_receiver> forwarders_;
  std::map<port_handle, std::vector<wire_answer>> answers_;
  bool flushing_ = false;
  std::size_t watches_ = 0;  ///< without a command: those are counted by their commands
  log_throttle throttle_;
};

verdict_receiver::behavior_type ack_forwarder(verdict_receiver::pointer self,
                                              const wire_verdict_receiver& there) {
  ignore_unexpected_messages(self);
  return {
      [=](const verdict_box& box) {
        const auto text_of = [](const verdict& v) {
          return v.refused ? json::write(stored_rejection{true, *v.refused}) : std::string();
        };
        if (!box.with_ids) {
          wire_verdicts out{box.subscriber, box.source, box.partition, {}};
          for (const auto& v : box.content) out.content.push_back({v.seq, text_of(v)});
          return self->send(there, std::move(out));
        }
        wire_event_verdicts out{box.subscriber, box.source, box.partition, {}};
        for (const auto& v : box.content) {
          out.content.push_back({v.seq, text_of(v), v.event_id ? v.event_id->str() : ""});
        }
        self->send(there, std::move(out));
      },
  };
}

using endpoint_self = endpoint_handle::stateful_pointer<std::optional<endpoint>>;

/// The sender of the message, on another node, whose type it does not tell. Null when the message
/// has none: it cannot be answered and is dropped.
template <class Handle>
Handle sender_of(endpoint_self self) {
  return caf::actor_cast<Handle>(self->current_sender());
}

}  // namespace

endpoint_handle spawn_endpoint(caf::actor_system& system, service_registry& registry) {
  return system.spawn([&registry](endpoint_self self) -> endpoint_handle::behavior_type {
    ignore_unexpected_messages(self);
    log_exceptions(self, "endpoint");
    self->state.emplace(self, registry);
    return {
        [self](wire_requests& box) {
          const auto from = sender_of<port_handle>(self);
          if (!from) return;
          for (auto& r : box.content) self->state->request(r, from);
        },
        [self](const wire_replay& r) {
          if (const auto from = sender_of<port_handle>(self)) self->state->replay(r, from);
        },
        [self](const wire_deliveries& box) {
          const auto from = sender_of<wire_verdict_receiver>(self);
          if (from) self->state->deliver(box, from);
        },
        [self](flush_atom) { self->state->send_answers(); },
    };
  });
}

void send_deliveries(partition_entry& partition, delivery_box box) {
  auto to = partition.to_writer();
  if (to.here) {
    caf::anon_send(to.here, std::move(box));
  } else if (to.there) {
    wire_deliveries out;
    out.subscriber = box.content.front().subscriber;
    for (const auto& d : box.content) {
      out.content.push_back(
          {encode_sent({d.what, d.from}), d.low_water, d.attempt, d.dead, d.error});
    }
    caf::send_as(box.reply_to, to.there->endpoint, std::move(out));
  } else {
    refuse_moved(box);
  }
}

void refuse_moved(const delivery_box& box) {
  std::map<std::tuple<std::string, std::int64_t, bool>, verdict_box> refused;
  for (const auto& d : box.content) {
    const bool with_ids = d.from != nullptr;
    auto& v = refused[{d.what->source, d.what->partition, with_ids}];
    v.with_ids = with_ids;
    v.subscriber = d.subscriber;
    v.source = d.what->source;
    v.partition = d.what->partition;
    v.content.push_back({d.what->seq, partition_moved(d.subscriber), d.what->event_id});
  }
  for (auto& [from, box_of] : refused) caf::anon_send(box.reply_to, std::move(box_of));
}

}  // namespace stoa::kernel
