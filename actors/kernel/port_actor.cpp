#include "actors/kernel/cluster.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

/// What a request without a deadline gets.
constexpr milliseconds default_timeout{30000};
constexpr milliseconds least_timeout{1};
/// A reply may come this much after the deadline, when the service itself answers that it was too
/// late.
constexpr milliseconds grace{250};

milliseconds time_left(const call_context& context) {
  if (context.deadline.us == 0) return default_timeout;
  auto left = std::chrono::duration_cast<milliseconds>(context.deadline - system_time().now());
  return std::max(left, least_timeout) + grace;
}

answer overloaded(std::string_view service) {
  return {nullptr,
          problem{503,
                  "overloaded",
                  "The " + std::string(service) + " service has too many requests in flight.",
                  {}},
          false};
}

answer answer_of(const caf::error& e) {
  if (e == caf::sec::request_timeout) {
    return {nullptr,
            problem{504,
                    "deadline_exceeded",
                    "No answer came in time. The request may still take effect: repeat it with the "
                    "same Idempotency-Key.",
                    {}},
            false};
  }
  return {nullptr, unavailable("The service is not available."), false};
}

problem nobody(std::string_view service) {
  return unavailable("No node has the " + std::string(service) + " service now; try again.");
}

class actor_port final : public node_port {
 public:
  explicit actor_port(directory& all) : all_(all) {}

  void start(caf::actor_system& system) {
    handle_ = system.spawn([this](caf::event_based_actor* self) -> caf::behavior {
      self_ = self;
      return {[](const task_box& box) { box.run(); },
              [this](const peer_lost_box& box) { peer_lost(box.peer); },
              [](sync_atom) -> bool { return true; }};
    });
    all_.add_port(handle_);
  }

  void post(std::function<void()> task) override {
    if (handle_) caf::anon_send(handle_, task_box{std::move(task)});
  }

  void close() override {
    caf::anon_send_exit(handle_, caf::exit_reason::user_shutdown);
    handle_ = nullptr;
  }

  void command(std::string_view service, any_message m, call_context context,
               answer_callback then) override {
    auto* entry = all_.find(service);
    if (!entry) return then({nullptr, nobody(service), false});
    const auto* codec = all_.options.codecs.find(m.name());
    auto* lane = entry->lane_of(route_of_command(codec, m, context));
    ask(*entry, entry->commands_in_flight, lane ? lane->to_writer() : target{}, codec, std::move(m),
        std::move(context), then);
  }

  void query(std::string_view service, any_message m, call_context context,
             answer_callback then) override {
    auto* entry = all_.find(service);
    if (!entry) return then({nullptr, nobody(service), false});
    const auto* codec = all_.options.codecs.find(m.name());
    ask(*entry, entry->queries_in_flight, entry->reader(), codec, std::move(m), std::move(context),
        then);
  }

  void replay(std::string_view service, stoa::event_id id, answer_callback then) override {
    auto* entry = all_.find(service);
    auto* lane = entry ? entry->lane_of(route_of(id.value)) : nullptr;
    auto to = lane ? lane->to_writer() : target{};
    if (!to) return then({nullptr, entry ? nobody(service) : not_found("service"), false});
    if (to.here) {
      self_->request(to.here, default_timeout, job_box{job_kind::replay, id})
          .then([then](answer_box& box) { then(std::move(box.content)); },
                [then](const caf::error& e) { then(answer_of(e)); });
      return;
    }
    const auto* codec = all_.options.codecs.find(dead_letters::name);
    auto number = expect(*to.there, then);
    self_
        ->request(to.there->gate, default_timeout,
                  wire_replay{std::string(service), id.value.str()})
        .then(
            [this, number, codec, peer = to.there->name](const wire_answer& a) {
              if (a.content.empty()) return arrived(peer, number, {});
              arrived(peer, number, decoded(*codec, a));
            },
            [this, number, peer = to.there->name](const caf::error& e) {
              arrived(peer, number, answer_of(e));
            });
  }

  void watch(std::string_view service, uuid aggregate, std::vector<std::string> types,
             milliseconds timeout, watch_callback then) override {
    auto* entry = all_.find(service);
    auto* lane = entry ? entry->lane_of(route_of(aggregate)) : nullptr;
    auto to = lane ? lane->to_relay() : target{};
    if (!to) return then(nullptr);
    if (to.here) {
      watch_box box{aggregate, std::move(types), system_time().now() + timeout};
      self_->request(to.here, timeout + grace, std::move(box))
          .then([then](event_box& found) { then(std::move(found.content)); },
                [then](const caf::error&) { then(nullptr); });
      return;
    }
    wire_watch w{std::string(service), aggregate.str(), std::move(types),
                 std::chrono::duration_cast<microseconds>(timeout).count()};
    self_->request(to.there->gate, timeout + grace, std::move(w))
        .then(
            [then](const wire_found& found) {
              if (found.event.empty()) return then(nullptr);
              auto e = decode_event(found.event);
              then(e ? std::make_shared<event>(std::move(*e)) : nullptr);
            },
            [then](const caf::error&) { then(nullptr); });
  }

  void after(milliseconds wait, std::function<void()> then) override {
    self_->delayed_send(self_, wait, task_box{std::move(then)});
  }

 private:
  /// What belongs to no aggregate goes anywhere, but repeats of it meet in one lane.
  std::uint64_t route_of_command(const message_codec* codec, const any_message& m,
                                 const call_context& context) {
    if (codec && codec->routed) return codec->route(m);
    if (context.idempotency_scope.empty()) return spread_++;
    return std::hash<std::string>{}(context.idempotency_scope);
  }

  void ask(service_entry& entry, std::atomic<std::int64_t>& in_flight, const target& to,
           const message_codec* codec, any_message m, call_context context,
           const answer_callback& then) {
    const auto& service = entry.definition.name;
    if (!to || (to.there && !codec)) return then({nullptr, nobody(service), false});
    auto limit = static_cast<std::int64_t>(all_.options.in_flight_max);
    if (in_flight.fetch_add(1, std::memory_order_relaxed) >= limit || all_.stopping) {
      in_flight.fetch_sub(1, std::memory_order_relaxed);
      all_.metrics->overloaded(service);
      return then(overloaded(service));
    }
    auto counted = [then, &in_flight](answer a) {
      in_flight.fetch_sub(1, std::memory_order_relaxed);
      then(std::move(a));
    };
    auto timeout = time_left(context);
    if (to.here) {
      self_->request(to.here, timeout, request_box{std::move(context), std::move(m)})
          .then([counted](answer_box& box) { counted(std::move(box.content)); },
                [counted](const caf::error& e) { counted(answer_of(e)); });
      return;
    }
    ask_there(*to.there, service, *codec, m, context, timeout, counted);
  }

  void ask_there(const peer& p, const std::string& service, const message_codec& codec,
                 const any_message& m, const call_context& context, milliseconds timeout,
                 const answer_callback& then) {
    wire_request r{std::string(m.name()), service, encode_context(context), codec.encode(m), 0};
    if (context.deadline.us != 0) {
      r.left_us = std::max<std::int64_t>(1, (context.deadline - system_time().now()).count());
    }
    auto number = expect(p, then);
    self_->request(p.gate, timeout, std::move(r))
        .then([this, number, name = p.name,
               &codec](const wire_answer& a) { arrived(name, number, decoded(codec, a)); },
              [this, number, name = p.name](const caf::error& e) {
                arrived(name, number, answer_of(e));
              });
  }

  static answer decoded(const message_codec& codec, const wire_answer& from) {
    auto a = codec.decode_answer(from.content);
    if (a) return std::move(*a);
    return {nullptr, problem{500, "internal_error", a.error().detail, {}}, false};
  }

  // What is asked of another node is remembered, so that its end can be told to those who wait.

  std::uint64_t expect(const peer& p, const answer_callback& then) {
    expected_[p.name].emplace(++last_number_, then);
    return last_number_;
  }

  void arrived(const std::string& peer, std::uint64_t number, answer a) {
    auto all = expected_.find(peer);
    if (all == expected_.end()) return;
    auto found = all->second.extract(number);
    if (!found.empty()) found.mapped()(std::move(a));
  }

  void peer_lost(const std::string& name) {
    auto lost = expected_.extract(name);
    if (lost.empty()) return;
    for (auto& [number, then] : lost.mapped()) {
      then({nullptr,
            unavailable("The node that had the request is gone. It may still take effect: repeat "
                        "it with the same Idempotency-Key."),
            false});
    }
  }

  directory& all_;
  caf::actor handle_;
  caf::event_based_actor* self_ = nullptr;
  std::map<std::string, std::map<std::uint64_t, answer_callback>> expected_;
  std::uint64_t last_number_ = 0;
  std::uint64_t spread_ = 0;
};

}  // namespace

std::shared_ptr<node_port> make_port_actor(caf::actor_system& system, directory& all) {
  auto p = std::make_shared<actor_port>(all);
  p->start(system);
  return p;
}

}  // namespace stoa::kernel
