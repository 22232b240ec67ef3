// Answers queries, several in one round trip where possible. Expensive queries (query_cost.hpp)
// have separate readers with low-priority threads and connections that cancel long queries.

#include "actors/kernel/local_requests.hpp"
#include "actors/kernel/service_registry.hpp"
#include "config/log.hpp"
#include "storage/db/budget.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace stoa::kernel {

namespace {

/// Queries answered in one turn of the actor; other actors on its thread may run between turns.
constexpr std::size_t asked_at_once_max = 64;
/// Maximum duration of a turn; the remaining queries wait for the next one.
constexpr milliseconds turn_max{5};
/// Niceness of the threads for expensive queries: about a third of a normal thread's CPU share.
constexpr int expensive_niceness = 5;

/// Lowers the priority of the calling thread (on Linux, nice values are per thread).
void yield_to_others() {
  const auto thread = static_cast<id_t>(gettid());
  if (setpriority(PRIO_PROCESS, thread, expensive_niceness) != 0) {
    log::warn("failed to lower the priority of a reader",
              {{"error", std::system_category().message(errno)}});
  }
}

problem too_expensive() {
  return {
      problem_kind::unavailable,
      "query_too_expensive",
      "The query exceeded the server's time limit. Make it more specific, with longer words or a "
      "narrower filter.",
      {}};
}

class reader {
 public:
  reader(reader_handle::pointer self, service_registry& registry, service_entry& service,
         reader_group group)
      : self_(self), registry_(registry), service_(service), group_(group) {
    const bool expensive = group_.cost == query_cost::expensive;
    primary_.access = expensive ? db::access::bounded : db::access::read;
    if (expensive) {
      yield_to_others();
    } else if (!group_.replica) {
      primary_.connection = service_.database->open(primary_.access);
    }
  }

  /// The look message is queued behind the messages already in the mailbox, so that queries are
  /// batched.
  void request(request_box& r, promised_ptr<answer_box> promise) {
    waiting_.push_back({std::move(r), std::move(promise), {}});
    schedule();
  }

  void look() {
    scheduled_ = false;
    const auto first = waiting_.begin();
    const auto many = std::min(waiting_.size(), asked_at_once_max);
    const auto last = first + static_cast<std::ptrdiff_t>(many);
    std::vector<query> now(std::make_move_iterator(first), std::make_move_iterator(last));
    waiting_.erase(first, last);
    if (!waiting_.empty()) schedule();
    answer_all(std::move(now));
  }

 private:
  struct query {
    request_box asked;
    promised_ptr<answer_box> promise;
    pending_answer later;
  };
  /// Connects on first use: many nodes never get an expensive query.
  struct source {
    db::access access{};
    std::unique_ptr<db::connection> connection{};
    bool is_replica() const { return access == db::access::replica; }
  };

  void schedule() {
    if (!std::exchange(scheduled_, true)) self_->send(self_, look_atom::value);
  }

  void answer_all(std::vector<query> all) {
    std::vector<query> rest;
    if (group_.replica && service_.replica.usable()) all = answer_some(all, replica_, rest);
    answer_some(all, primary_, rest);
    if (rest.empty()) return;
    waiting_.insert(waiting_.begin(), std::make_move_iterator(rest.begin()),
                    std::make_move_iterator(rest.end()));
    schedule();
  }

  /// Adds the queries for the next turn to `rest`; returns those that failed on the replica, for
  /// the primary.
  std::vector<query> answer_some(std::span<query> all, source& from, std::vector<query>& rest) {
    std::vector<query> failed;
    if (all.empty()) return failed;
    bool away = false;
    const bool asked = ask_together(all, from, away);
    const auto began = process_time().now();
    for (auto& q : all) {
      const auto later = asked ? std::exchange(q.later, {}) : pending_answer{};
      if (!later && process_time().now() - began > turn_max) {
        rest.push_back({std::move(q.asked), std::move(q.promise), {}});
      } else if (auto found = away ? std::nullopt : answer_one(q.asked, later, from, away)) {
        count(q.asked, from);
        q.promise->deliver(answer_box{std::move(*found)});
      } else if (from.is_replica()) {
        failed.push_back({std::move(q.asked), std::move(q.promise), {}});
      } else {
        q.promise->deliver(
            answer_box{{nullptr, unavailable("The database is unavailable."), false}});
      }
    }
    return failed;
  }

  /// Runs the gathered queries in one round trip. False when that failed, because of one of them or
  /// a lost connection: each is then run individually. `away`: the database is unreachable.
  bool ask_together(std::span<query> all, source& from, bool& away) {
    try {
      if (!from.connection) from.connection = service_.database->open(from.access);
      db::gathering questions;
      for (auto& q : all) {
        const auto& m = q.asked.message;
        if (is_late(q.asked.context) || !service_.definition.gathered.contains(m.kind())) continue;
        q.later = service_.definition.gather(m, q.asked.context, questions);
      }
      questions.run(*from.connection);
      return true;
    } catch (const db::error& e) {
      away = !from.connection;
      if (from.is_replica()) {
        replica_failed(e, true);
        away = true;
      } else if (away) {
        service_.reach.failed("connect", e);
      }
      return false;
    } catch (const std::exception& e) {
      away = !from.connection || from.is_replica();
      if (from.is_replica()) replica_failed(e, true);
      return false;
    }
  }

  static bool is_late(const call_context& context) {
    return context.deadline.us != 0 && process_time().now() > context.deadline;
  }

  /// Empty when the database has failed; `away` when it is unreachable.
  std::optional<answer> answer_one(const request_box& r, const pending_answer& later,
                                   const source& from, bool& away) {
    if (is_late(r.context)) {
      return answer{nullptr, unavailable("The request exceeded its deadline while waiting."),
                    false};
    }
    auto& c = *from.connection;
    try {
      return later ? later(c) : service_.definition.read(r.message, r.context, c);
    } catch (const db::budget_exceeded& e) {
      if (from.is_replica() && group_.cost == query_cost::cheap) return on_replica_error(e, away);
      registry_.metrics->query_stopped(service_.definition.name);
      log::warn("query canceled: time limit exceeded", {{"service", service_.definition.name},
                                                        {"message", r.message.name()},
                                                        {"request_id", r.context.request_id}});
      return answer{nullptr, too_expensive(), false};
    } catch (const db::error& e) {
      if (from.is_replica()) return on_replica_error(e, away);
      if (!service_.reach.failed(r.message.name(), e)) log_failure(r, e);
      return std::nullopt;
    } catch (const std::exception& e) {
      log_failure(r, e);
      return answer{nullptr,
                    problem{problem_kind::internal, "internal_error", "The query failed.", {}},
                    false};
    }
  }

  /// A query that conflicts with replicated changes, or needs a table that the replica does not
  /// have yet, does not affect other queries.
  std::nullopt_t on_replica_error(const db::error& e, bool& away) {
    away = e.kind() != db::error_kind::conflict && e.kind() != db::error_kind::programming;
    replica_failed(e, away);
    return std::nullopt;
  }

  void replica_failed(const std::exception& e, bool away) {
    if (away) service_.replica.set_aside("a query on the replica failed");
    log::warn("query failed on the replica; using the primary",
              {{"service", service_.definition.name}, {"error", std::string(e.what())}});
  }

  void count(const request_box& r, const source& from) {
    if (!service_.database->has_replica()) return;
    if (!service_.definition.may_lag(r.message, r.context)) return;
    registry_.metrics->replica_read(service_.definition.name, from.is_replica());
  }

  void log_failure(const request_box& r, const std::exception& e) const {
    log::error("query failed", {{"service", service_.definition.name},
                                {"message", r.message.name()},
                                {"error", std::string(e.what())}});
  }

  reader_handle::pointer self_;
  service_registry& registry_;
  service_entry& service_;
  const reader_group group_;
  source primary_;
  source replica_{db::access::replica};
  std::deque<query> waiting_;
  bool scheduled_ = false;
};

using reader_self = reader_handle::stateful_pointer<std::optional<reader>>;

}  // namespace

reader_handle spawn_reader(caf::actor_system& system, runs where, service_registry& registry,
                           service_entry& service, reader_group group) {
  return spawn_where(
      system, where,
      [&registry, &service, group](reader_self self) -> reader_handle::behavior_type {
        log_exceptions(self, "reader");
        self->state.emplace(self, registry, service, group);
        return {
            [self](request_box& box) -> caf::result<answer_box> {
              self->state->request(box, promise_of<answer_box>(self));
              return caf::delegated<answer_box>{};
            },
            [self](look_atom) { self->state->look(); },
        };
      });
}

}  // namespace stoa::kernel
