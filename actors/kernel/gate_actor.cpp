// What other nodes ask of the services here, and what their relays bring.

#include "actors/kernel/cluster.hpp"
#include "config/log.hpp"
#include "storage/base/json_write.hpp"
#include "storage/kernel/kernel_store.hpp"

namespace stoa::kernel {

namespace {

constexpr milliseconds grace{250};
constexpr milliseconds default_timeout{30000};

wire_answer refused(problem p) {
  return {encode_refusal(p, false)};
}

wire_answer not_here(std::string_view service) {
  return refused(lane_moved(service));
}

problem no_answer() {
  return unavailable("The service is not available.");
}

milliseconds timeout_of(std::int64_t left_us) {
  if (left_us <= 0) return default_timeout;
  return std::chrono::duration_cast<milliseconds>(microseconds{left_us}) + grace;
}

/// Writes verdicts for the relay or bus on another node that has sent the events. Ends with it, or
/// when the gate lets go of it.
caf::behavior teller_actor(caf::event_based_actor*, const caf::actor& there);

class gate {
 public:
  gate(caf::event_based_actor* self, directory& all) : self_(self), all_(all) {
    self_->set_down_handler([this](const caf::down_msg& down) {
      auto found = tellers_.extract(down.source);
      if (!found.empty()) end(found.mapped());
    });
    self_->set_exit_handler([this](const caf::exit_msg& m) {
      for (const auto& [there, teller] : tellers_) end(teller);
      self_->quit(m.reason);
    });
  }

  void request(const wire_request& r, caf::response_promise promise) {
    auto* entry = all_.find(r.service);
    const auto* codec = all_.options.codecs.find(r.name);
    if (!entry || !codec) {
      return promise.deliver(
          refused({400,
                   "unknown_message",
                   "This node does not know " + r.name + ": is it an older version?",
                   {}}));
    }
    auto context = decode_context(r.context);
    auto message = codec->decode(r.body);
    if (!context) return promise.deliver(refused(std::move(context.error())));
    if (!message) return promise.deliver(refused(std::move(message.error())));
    context->deadline = {};
    if (r.left_us > 0) context->deadline = system_time().now() + microseconds{r.left_us};
    auto to = codec->query ? entry->reader(*message).here
                           : entry->writer_of(route_of(codec, *message, *context)).here;
    if (!to) return promise.deliver(not_here(r.service));
    forward(*entry, *codec, to, request_box{std::move(*context), std::move(*message)},
            timeout_of(r.left_us), std::move(promise));
  }

  void replay(const wire_replay& r, caf::response_promise promise) {
    auto* entry = all_.find(r.service);
    auto id = uuid::parse(r.event_id);
    caf::actor writer;
    if (entry && id) {
      if (auto* lane = entry->lane_of(route_of(*id))) writer = lane->to_writer().here;
    }
    if (!writer) return promise.deliver(not_here(r.service));
    auto shared = std::make_shared<caf::response_promise>(std::move(promise));
    self_->request(writer, default_timeout, job_box{job_kind::replay, {*id}})
        .then(
            [shared](const answer_box& box) {
              shared->deliver(box.content.error ? refused(*box.content.error) : wire_answer{});
            },
            [shared](const caf::error&) { shared->deliver(refused(no_answer())); });
  }

  void deliver(const wire_deliveries& box, const caf::actor& sender) {
    auto* entry = all_.find(box.subscriber);
    if (!entry) return;
    std::map<lane_entry*, delivery_box> boxes;
    for (const auto& d : box.content) {
      auto e = decode_event(d.event);
      if (!e) {
        log::error("event from another node cannot be read", {{"error", e.error().detail}});
        continue;
      }
      auto* lane = entry->lane_of(route_of(*e));
      if (!lane) continue;
      boxes[lane].content.push_back({box.subscriber, std::make_shared<event>(std::move(*e)),
                                     d.low_water, static_cast<int>(d.attempt), d.dead, d.error});
    }
    for (auto& [lane, found] : boxes) {
      // Not here any more: the relay sends again, to whoever has the lane then.
      auto writer = lane->to_writer().here;
      if (!writer) continue;
      found.reply_to = teller_of(sender);
      self_->send(writer, std::move(found));
    }
  }

  void watch(const wire_watch& w, caf::response_promise promise) {
    auto* entry = all_.find(w.service);
    auto id = uuid::parse(w.aggregate);
    caf::actor relay;
    if (entry && id) {
      if (auto* lane = entry->lane_of(route_of(*id))) relay = lane->to_relay().here;
    }
    if (!relay) return promise.deliver(wire_found{});
    auto shared = std::make_shared<caf::response_promise>(std::move(promise));
    self_
        ->request(relay, timeout_of(w.left_us),
                  watch_box{*id, w.types, system_time().now() + microseconds{w.left_us}})
        .then(
            [shared](const event_box& found) {
              shared->deliver(found.content ? wire_found{encode_event(*found.content)}
                                            : wire_found{});
            },
            [shared](const caf::error&) { shared->deliver(wire_found{}); });
  }

 private:
  void forward(service_entry& entry, const message_codec& codec, const caf::actor& to,
               request_box box, milliseconds timeout, caf::response_promise promise) {
    auto& in_flight = codec.query ? entry.queries_in_flight : entry.commands_in_flight;
    auto limit = static_cast<std::int64_t>(all_.options.in_flight_max);
    if (in_flight.fetch_add(1, std::memory_order_relaxed) >= limit) {
      in_flight.fetch_sub(1, std::memory_order_relaxed);
      all_.metrics->overloaded(entry.definition.name);
      return promise.deliver(
          refused({503,
                   "overloaded",
                   "The " + entry.definition.name + " service has too many requests in flight.",
                   {}}));
    }
    auto shared = std::make_shared<caf::response_promise>(std::move(promise));
    self_->request(to, timeout, std::move(box))
        .then(
            [shared, &codec, &in_flight](const answer_box& a) {
              in_flight.fetch_sub(1, std::memory_order_relaxed);
              shared->deliver(wire_answer{codec.encode_answer(a.content)});
            },
            [shared, &entry, &in_flight](const caf::error& e) {
              in_flight.fetch_sub(1, std::memory_order_relaxed);
              shared->deliver(not_taken(e) ? not_here(entry.definition.name)
                                           : refused(no_answer()));
            });
  }

  /// Who has heard of an actor keeps it alive, even another node: so it must be told to end.
  void end(const caf::actor& teller) { self_->send_exit(teller, caf::exit_reason::user_shutdown); }

  /// The actor here that tells that relay or bus of another node what the writers say.
  caf::actor teller_of(const caf::actor& sender) {
    auto& teller = tellers_[sender.address()];
    if (!teller) {
      self_->monitor(sender);
      teller = self_->spawn(teller_actor, sender);
    }
    return teller;
  }

  caf::event_based_actor* self_;
  directory& all_;
  std::map<caf::actor_addr, caf::actor> tellers_;
};

caf::behavior teller_actor(caf::event_based_actor* self, const caf::actor& there) {
  return {
      [=](const verdict_box& box) {
        wire_verdicts out{box.subscriber, box.source, box.lane, {}};
        for (const auto& v : box.content) {
          out.content.push_back(
              {v.seq, v.refused ? json::write(stored_refusal{true, *v.refused}) : std::string()});
        }
        self->send(there, std::move(out));
      },
  };
}

}  // namespace

caf::behavior gate_actor(caf::event_based_actor* self, directory& all) {
  auto g = std::make_shared<gate>(self, all);
  return {
      [=](const wire_request& r) -> caf::result<wire_answer> {
        g->request(r, self->make_response_promise());
        return caf::delegated<wire_answer>{};
      },
      [=](const wire_replay& r) -> caf::result<wire_answer> {
        g->replay(r, self->make_response_promise());
        return caf::delegated<wire_answer>{};
      },
      [=](const wire_deliveries& box) {
        g->deliver(box, caf::actor_cast<caf::actor>(self->current_sender()));
      },
      [=](const wire_watch& w) -> caf::result<wire_found> {
        g->watch(w, self->make_response_promise());
        return caf::delegated<wire_found>{};
      },
  };
}

void send_deliveries(caf::event_based_actor* self, lane_entry& lane, delivery_box box) {
  auto to = lane.to_writer();
  if (to.here) {
    self->send(to.here, std::move(box));
  } else if (to.there) {
    wire_deliveries out;
    out.subscriber = box.content.front().subscriber;
    for (const auto& d : box.content) {
      out.content.push_back({encode_event(*d.what), d.low_water, d.attempt, d.dead, d.error});
    }
    self->send(to.there->gate, std::move(out));
  }
}

}  // namespace stoa::kernel
