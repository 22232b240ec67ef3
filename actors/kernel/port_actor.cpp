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
/// Between two looks for the owner of a lane that is on its way.
constexpr milliseconds first_pause{5};
constexpr milliseconds longest_pause{40};

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

problem peer_is_lost() {
  return unavailable(
      "The node that had the request is gone. It may still take effect: repeat it with the same "
      "Idempotency-Key.");
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
    start(service, false, std::move(m), std::move(context), then);
  }

  void query(std::string_view service, any_message m, call_context context,
             answer_callback then) override {
    start(service, true, std::move(m), std::move(context), then);
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
    auto number = expect(*to.there, [codec, then](const wire_answer* a) {
      if (!a) return then({nullptr, peer_is_lost(), false});
      then(a->content.empty() ? answer{} : decoded(*codec, *a));
    });
    self_
        ->request(to.there->gate, default_timeout,
                  wire_replay{std::string(service), id.value.str()})
        .then([this, number,
               peer = to.there->name](const wire_answer& a) { arrived(peer, number, &a); },
              [this, number, peer = to.there->name, then](const caf::error& e) {
                if (forget(peer, number)) then(answer_of(e));
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
  /// A command or query that waits for its answer, or for somebody who could give one.
  struct question {
    question(service_entry& e, bool is_query, const message_codec* c, any_message m,
             call_context with, answer_callback told)
        : entry(e),
          query(is_query),
          codec(c),
          message(std::move(m)),
          context(std::move(with)),
          then(std::move(told)) {}

    service_entry& entry;
    const bool query;
    const message_codec* const codec;
    const any_message message;
    const call_context context;
    const answer_callback then;
    std::optional<std::uint64_t> route;  ///< of a command
    std::chrono::steady_clock::time_point give_up;
    milliseconds pause = first_pause;

    std::atomic<std::int64_t>& in_flight() const {
      return query ? entry.queries_in_flight : entry.commands_in_flight;
    }
    target whom() const { return query ? entry.reader(message) : entry.writer_of(route); }
    void answered(answer a) const {
      in_flight().fetch_sub(1, std::memory_order_relaxed);
      then(std::move(a));
    }
  };
  using question_ptr = std::shared_ptr<question>;

  void start(std::string_view service, bool query, any_message m, call_context context,
             const answer_callback& then) {
    auto* entry = all_.find(service);
    if (!entry) return then({nullptr, nobody(service), false});
    auto q = std::make_shared<question>(*entry, query, all_.options.codecs.find(m.name()),
                                        std::move(m), std::move(context), then);
    auto limit = static_cast<std::int64_t>(all_.options.in_flight_max);
    if (q->in_flight().fetch_add(1, std::memory_order_relaxed) >= limit || all_.stopping) {
      all_.metrics->overloaded(entry->definition.name);
      return q->answered(overloaded(service));
    }
    if (!query) q->route = route_of(q->codec, q->message, q->context);
    q->give_up = std::chrono::steady_clock::now() +
                 std::min<milliseconds>(all_.options.move_wait, time_left(q->context));
    ask(q);
  }

  void ask(const question_ptr& q) {
    auto to = q->whom();
    if (!to) return ask_again(q);
    if (to.there) return ask_there(*to.there, q);
    self_->request(to.here, time_left(q->context), request_box{q->context, q->message})
        .then([this, q](answer_box& box) { heard(q, std::move(box.content)); },
              [this, q](const caf::error& e) {
                if (not_taken(e)) return ask_again(q);
                q->answered(answer_of(e));
              });
  }

  void heard(const question_ptr& q, answer a) {
    if (is_lane_moved(a)) return ask_again(q);
    q->answered(std::move(a));
  }

  /// Nothing has been done, and somebody may have the lane in a moment: a node that leaves hands it
  /// over, one that has died is replaced. Without anybody to wait for, the answer is no at once.
  void ask_again(const question_ptr& q) {
    const auto& service = q->entry.definition.name;
    if (all_.stopping || !all_.members.anybody(service) ||
        std::chrono::steady_clock::now() + q->pause > q->give_up) {
      return q->answered({nullptr, nobody(service), false});
    }
    after(q->pause, [this, q] { ask(q); });
    q->pause = std::min(2 * q->pause, longest_pause);
  }

  void ask_there(const peer& p, const question_ptr& q) {
    if (!q->codec) return q->answered({nullptr, nobody(q->entry.definition.name), false});
    const auto& context = q->context;
    wire_request r{std::string(q->message.name()), q->entry.definition.name,
                   encode_context(context), q->codec->encode(q->message), 0};
    if (context.deadline.us != 0) {
      r.left_us = std::max<std::int64_t>(1, (context.deadline - system_time().now()).count());
    }
    auto number = expect(p, [this, q](const wire_answer* a) {
      if (a) return heard(q, decoded(*q->codec, *a));
      // Asking twice for something is harmless, doing it twice may not be.
      if (q->query) return ask_again(q);
      q->answered({nullptr, peer_is_lost(), false});
    });
    self_->request(p.gate, time_left(context), std::move(r))
        .then([this, number, name = p.name](const wire_answer& a) { arrived(name, number, &a); },
              [this, number, name = p.name, q](const caf::error& e) {
                if (forget(name, number)) q->answered(answer_of(e));
              });
  }

  static answer decoded(const message_codec& codec, const wire_answer& from) {
    auto a = codec.decode_answer(from.content);
    if (a) return std::move(*a);
    return {nullptr, problem{500, "internal_error", a.error().detail, {}}, false};
  }

  // What is asked of another node is remembered, so that its end can be told to those who wait.

  /// Gets the answer, or null: the node is gone.
  using arrival = std::function<void(const wire_answer*)>;

  std::uint64_t expect(const peer& p, arrival then) {
    expected_[p.name].emplace(++last_number_, std::move(then));
    return last_number_;
  }

  /// What was expected; empty when it has been told already.
  arrival forget(const std::string& peer, std::uint64_t number) {
    auto all = expected_.find(peer);
    if (all == expected_.end()) return {};
    auto found = all->second.extract(number);
    return found.empty() ? arrival{} : std::move(found.mapped());
  }

  void arrived(const std::string& peer, std::uint64_t number, const wire_answer* a) {
    if (auto then = forget(peer, number)) then(a);
  }

  void peer_lost(const std::string& name) {
    auto lost = expected_.extract(name);
    if (lost.empty()) return;
    for (auto& [number, then] : lost.mapped()) then(nullptr);
  }

  directory& all_;
  caf::actor handle_;
  caf::event_based_actor* self_ = nullptr;
  std::map<std::string, std::map<std::uint64_t, arrival>> expected_;
  std::uint64_t last_number_ = 0;
};

}  // namespace

std::shared_ptr<node_port> make_port_actor(caf::actor_system& system, directory& all) {
  auto p = std::make_shared<actor_port>(all);
  p->start(system);
  return p;
}

}  // namespace stoa::kernel
