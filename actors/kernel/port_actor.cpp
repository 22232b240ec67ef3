#include "actors/kernel/cluster.hpp"
#include "actors/kernel/local_requests.hpp"
#include "actors/kernel/peer_answer.hpp"
#include "actors/kernel/refusal.hpp"
#include "config/log.hpp"
#include "storage/base/backoff.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace stoa::kernel {

namespace {

/// For requests without a deadline.
constexpr milliseconds default_timeout{30000};
constexpr milliseconds least_timeout{1};
/// Added to the deadline, so that the service's own answer about an expired deadline arrives first.
constexpr milliseconds grace{250};
/// Interval between lookups of the owner while a partition is moving.
constexpr milliseconds first_pause{5};
constexpr milliseconds longest_pause{40};
constexpr milliseconds operation_limit{5000};

milliseconds time_left(const call_context& context) {
  if (context.deadline.us == 0) return default_timeout;
  auto left = std::chrono::duration_cast<milliseconds>(context.deadline - process_time().now());
  return std::max(left, least_timeout) + grace;
}

problem too_late() {
  return {problem_kind::timeout,
          "deadline_exceeded",
          "The request timed out. It may still take effect. Retry it with the same "
          "Idempotency-Key.",
          {}};
}

problem no_node(std::string_view service) {
  return unavailable("No node currently runs the " + std::string(service) +
                     " service. Retry the request.");
}

problem stored_data_lost(std::string_view service) {
  return unavailable("The " + std::string(service) +
                     " service has lost its stored data. An operator must restore it.");
}

problem node_lost() {
  return unavailable(
      "The node that processed the request was lost. The request may still take effect. Retry it "
      "with the same Idempotency-Key.");
}

struct pending_call;
using call_ptr = std::shared_ptr<pending_call>;
using deadlines = std::multimap<timestamp, call_ptr>;

/// A call that waits for its answer or for a node that can answer.
struct pending_call {
  enum class kind { command, query, replay, watch, operation };

  kind what{};
  any_message message{};
  call_context context{};
  std::optional<awaited_event> awaited{};
  stoa::event_id event{};  ///< of a replay
  outcome_callback then{};

  service_entry* entry = nullptr;
  const message_codec* codec = nullptr;
  std::optional<std::uint64_t> route{};  ///< of a command
  timestamp give_up{};                   ///< end of the retries for lack of a node
  int attempts = 1;
  deadlines::iterator by{};
  std::optional<flight> among{};  ///< the counter of calls in flight that includes it
  std::uint64_t number = 0;       ///< sent to another node
  bool done = false;

  target<relay_handle> relay() const { return entry->relay_of(route_of(awaited->aggregate)); }
  watch_box watched() const {
    return {awaited->aggregate, awaited->types, process_time().now() + awaited->limit};
  }
};

class actor_port final : public node_port {
 public:
  explicit actor_port(service_registry& registry) : registry_(registry) {}

  void start(caf::actor_system& system) {
    handle_ = system.spawn([this](port_handle::pointer self) -> port_handle::behavior_type {
      self_ = self;
      log_exceptions(self, "port");
      ignore_unexpected_messages(self);
      return {[](const task_box& box) { box.run(); },
              [this](const wire_answers& box) {
                const auto from = caf::actor_cast<caf::actor_addr>(self_->current_sender());
                for (const auto& a : box.content) on_wire_answer(a, from);
              },
              [this](const peer_lost_box& box) { peer_lost(box.which); },
              [this](flush_atom) { send_requests(); }, [this](tick_atom) { expire_calls(); }};
    });
    registry_.add_port(handle_);
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
    begin(service, {.what = kind::command,
                    .message = std::move(m),
                    .context = std::move(context),
                    .then = answer_only(std::move(then))});
  }

  void command_and_watch(std::string_view service, any_message m, call_context context,
                         awaited_event what, outcome_callback then) override {
    begin(service, {.what = kind::command,
                    .message = std::move(m),
                    .context = std::move(context),
                    .awaited = std::move(what),
                    .then = std::move(then)});
  }

  void query(std::string_view service, any_message m, call_context context,
             answer_callback then) override {
    begin(service, {.what = kind::query,
                    .message = std::move(m),
                    .context = std::move(context),
                    .then = answer_only(std::move(then))});
  }

  void replay(std::string_view service, stoa::event_id id, answer_callback then) override {
    if (!registry_.find(service)) return then({nullptr, not_found("service"), false});
    begin(service, {.what = kind::replay, .event = id, .then = answer_only(std::move(then))});
  }

  void operate(std::string_view node, node_operation what, answer_callback then) override {
    if (node == registry_.members.self())
      return then({nullptr, operate_here(registry_, what), false});
    const auto peers = registry_.peers();
    const auto to = std::ranges::find(peers, node, [](const auto& p) { return p->name; });
    if (to == peers.end()) return then({nullptr, not_found("node"), false});
    auto q = std::make_shared<pending_call>(
        pending_call{.what = kind::operation, .then = answer_only(std::move(then))});
    // The answer has the form of a replay's: empty or a problem.
    q->codec = registry_.options.codecs.find(dead_letters::name);
    q->by = deadlines_.emplace(process_time().now() + operation_limit, q);
    wake_by(q->by->first);
    q->number = ++last_number_;
    expected_.emplace(q->number, expected{*to, q});
    wire_request r;
    r.number = q->number;
    r.service = node_operation::service;
    r.name = node_operation::name;
    r.body = json::write(what);
    self_->send((*to)->endpoint, wire_requests{{std::move(r)}});
  }

  void watch(std::string_view service, awaited_event what, watch_callback then) override {
    begin(service, {.what = kind::watch,
                    .awaited = std::move(what),
                    .then = [then](const answer&, event_ptr e) { then(std::move(e)); }});
  }

  void after(milliseconds wait, std::function<void()> then) override {
    self_->delayed_send(self_, wait, task_box{std::move(then)});
  }

 private:
  using kind = pending_call::kind;

  static outcome_callback answer_only(answer_callback then) {
    return [then = std::move(then)](answer a, const event_ptr&) { then(std::move(a)); };
  }

  void begin(std::string_view service, pending_call call) {
    auto* entry = registry_.find(service);
    if (!entry) return call.then({nullptr, no_node(service), false}, nullptr);
    auto q = std::make_shared<pending_call>(std::move(call));
    q->entry = entry;
    const auto now = process_time().now();
    const auto wait = has_been_away(*entry) ? milliseconds{0} : registry_.options.move_wait;
    const auto left = q->what == kind::watch ? q->awaited->limit + grace : time_left(q->context);
    q->give_up = now + std::min<milliseconds>(wait, left);
    q->by = deadlines_.emplace(now + left, q);
    const auto cost =
        q->what == kind::query ? entry->definition.cost_of(q->message) : query_cost::cheap;
    if (q->what != kind::watch) {
      const auto bound = q->what == kind::query ? registry_.queries_of(*entry, cost)
                                                : registry_.commands_of(*entry);
      if (registry_.stopping || !bound.enter()) {
        registry_.metrics->overloaded(entry->definition.name);
        return finish(q, {nullptr, overloaded(service, cost), false});
      }
      q->among.emplace(bound);
    }
    q->codec = registry_.options.codecs.find(q->what == kind::replay ? dead_letters::name
                                                                     : q->message.name());
    if (q->what == kind::command) q->route = route_of(q->codec, q->message, q->context);
    wake_by(q->by->first);
    send(q);
  }

  /// The service has been unavailable for longer than a partition takes to move: do not wait.
  bool has_been_away(const service_entry& entry) const {
    const auto since = entry.away_since_us.load();
    return since != 0 && process_time().now() - timestamp{since} > registry_.options.move_wait;
  }

  /// Completes a call; further answers are ignored.
  void finish(const call_ptr& q, answer a, event_ptr e = nullptr) {
    if (std::exchange(q->done, true)) return;
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): q may be erased below
    const auto kept = q;
    expected_.erase(kept->number);
    deadlines_.erase(kept->by);
    if (kept->among) kept->among->leave();
    kept->then(std::move(a), std::move(e));
  }

  void send(const call_ptr& q) {
    if (q->done) return;
    auto& entry = *q->entry;
    switch (q->what) {
      case kind::command:
        return send_to(q, entry.writer_of(q->route), [&](const writer_handle& writer) {
          if (q->awaited) return command_and_watch_here(q, writer);
          request_here(q, writer, request_box{q->context, q->message});
        });
      case kind::query:
        return send_to(q, entry.reader(q->message, q->context), [&](const reader_handle& reader) {
          request_here(q, reader, request_box{q->context, q->message});
        });
      case kind::replay:
        return send_to(q, entry.writer_of(route_of(q->event.value)),
                       [&](const writer_handle& writer) {
                         request_here(q, writer, job_box{job_kind::replay, q->event});
                       });
      case kind::watch:
        return send_to(q, q->relay(), [&](const relay_handle& relay) {
          watch_local(self_, relay, q->watched(),
                      [this, q](event_ptr e) { finish(q, {}, std::move(e)); });
        });
      case kind::operation:
        return;  // Sent by operate().
    }
  }

  /// `here` sends the call to an actor of this node.
  template <class Handle, class Here>
  void send_to(const call_ptr& q, const target<Handle>& to, const Here& here) {
    if (!to) return retry_later(q);
    if (to.there) return send_remote(to.there, q);
    here(to.here);
  }

  template <class Handle, class Box>
  void request_here(const call_ptr& q, const Handle& to, Box box) {
    request_local(self_, q->entry->definition.name, to, std::move(box),
                  [this, q](answer a) { on_answer(q, std::move(a), nullptr); });
  }

  void command_and_watch_here(const call_ptr& q, const writer_handle& writer) {
    request_and_watch_local(
        self_, q->entry->definition.name, writer, request_box{q->context, q->message},
        q->relay().here, q->watched(),
        [this, q](answer a, event_ptr e) { on_answer(q, std::move(a), std::move(e)); });
  }

  void on_answer(const call_ptr& q, answer a, event_ptr e) {
    if (is_partition_moved(a)) return retry_later(q);
    finish(q, std::move(a), std::move(e));
  }

  /// The request was not executed, and the partition may soon have an owner: a stopping node hands
  /// it over, a dead node is replaced. Fails immediately when no node can become the owner.
  void retry_later(const call_ptr& q) {
    if (q->done) return;
    const auto& service = q->entry->definition.name;
    if (q->entry->data_lost) return finish(q, {nullptr, stored_data_lost(service), false});
    const auto pause = backoff(q->attempts++, first_pause, longest_pause);
    if (registry_.stopping || !registry_.members.has_node_for(service) ||
        process_time().now() + pause > q->give_up) {
      return finish(q, {nullptr, no_node(service), false});
    }
    after(pause, [this, q] { send(q); });
  }

  // Another node returns the call's number with the answer. Calls are recorded by number and node,
  // so that they can be completed when the node is lost.

  void send_remote(const peer_ptr& p, const call_ptr& q) {
    const auto& service = q->entry->definition.name;
    if (!q->codec && q->what != kind::watch) {
      return finish(q, {nullptr, no_node(service), false});
    }
    q->number = ++last_number_;
    expected_.emplace(q->number, expected{p, q});
    if (q->what == kind::replay) {
      return self_->send(p->endpoint, wire_replay{q->number, service, q->event.value.str()});
    }
    wire_request r;
    r.number = q->number;
    r.service = service;
    if (q->what != kind::watch) {
      r.name = q->message.name();
      r.context = encode_context(q->context);
      r.body = q->codec->encode(q->message);
      if (q->context.deadline.us != 0) {
        r.left_us = std::max<std::int64_t>(1, (q->context.deadline - process_time().now()).count());
      }
    }
    if (q->awaited) {
      r.watch = {q->awaited->aggregate.str(), q->awaited->types,
                 std::chrono::duration_cast<microseconds>(q->awaited->limit).count()};
    }
    requests_to(p).push_back(std::move(r));
    if (!std::exchange(sending_, true)) self_->send(self_, flush_atom::value);
  }

  std::vector<wire_request>& requests_to(const peer_ptr& p) {
    for (auto& [to, requests] : outgoing_) {
      if (to == p) return requests;
    }
    return outgoing_.emplace_back(p, std::vector<wire_request>{}).second;
  }

  /// The flush message is queued behind the messages already in the mailbox, so that requests to
  /// one node are batched.
  void send_requests() {
    sending_ = false;
    for (auto& [p, all] : std::exchange(outgoing_, {})) {
      self_->send(p->endpoint, wire_requests{std::move(all)});
    }
  }

  void on_wire_answer(const wire_answer& a, const caf::actor_addr& from) {
    const auto found = expected_.find(a.number);
    if (found == expected_.end()) return;                        // Too late.
    if (found->second.node->endpoint.address() != from) return;  // From the wrong node.
    const auto q = std::move(found->second.call);
    expected_.erase(found);
    event_ptr event;
    if (!a.event.empty()) {
      auto e = decode_event(a.event);
      if (e) {
        event = std::make_shared<kernel::event>(std::move(*e));
      } else {
        log::error("malformed event from another node", {{"error", cut_short(e.error().detail)}});
      }
    }
    // The answer to a watch is only the event.
    const bool has_content = q->codec && !a.content.empty();
    on_answer(q, has_content ? answer_of_peer(*q->codec, a.content) : answer{}, std::move(event));
  }

  void peer_lost(const peer_ptr& lost) {
    std::erase_if(outgoing_, [&](const auto& o) { return o.first == lost; });
    std::vector<call_ptr> all;
    for (auto it = expected_.begin(); it != expected_.end();) {
      if (it->second.node != lost) {
        ++it;
        continue;
      }
      all.push_back(std::move(it->second.call));
      it = expected_.erase(it);
    }
    for (const auto& q : all) {
      // Queries are safe to retry, commands may not be.
      if (q->what == kind::query) {
        retry_later(q);
      } else {
        finish(q, {nullptr, node_lost(), false});
      }
    }
  }

  // One timer for all calls: most are answered long before their deadline.

  void wake_by(timestamp when) {
    if (wakes_at_ && *wakes_at_ <= when) return;
    wakes_at_ = when;
    const auto rest = std::chrono::ceil<milliseconds>(when - process_time().now());
    self_->delayed_send(self_, std::max(rest, milliseconds{0}), tick_atom::value);
  }

  void expire_calls() {
    const auto now = process_time().now();
    if (!wakes_at_ || now < *wakes_at_) return;  // Superseded by an earlier timer.
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      const auto q = deadlines_.begin()->second;
      finish(q, {nullptr, too_late(), false});
    }
    wakes_at_.reset();
    if (!deadlines_.empty()) wake_by(deadlines_.begin()->first);
  }

  struct expected {
    peer_ptr node;
    call_ptr call;
  };

  service_registry& registry_;
  port_handle handle_;
  port_handle::pointer self_ = nullptr;
  std::unordered_map<std::uint64_t, expected> expected_;
  std::uint64_t last_number_ = 0;
  std::vector<std::pair<peer_ptr, std::vector<wire_request>>> outgoing_;
  bool sending_ = false;
  deadlines deadlines_;
  std::optional<timestamp> wakes_at_;
};

}  // namespace

std::shared_ptr<node_port> make_port_actor(caf::actor_system& system, service_registry& registry) {
  auto p = std::make_shared<actor_port>(registry);
  p->start(system);
  return p;
}

}  // namespace stoa::kernel
