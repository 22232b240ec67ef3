// Answers queries, many in one round trip where they allow it. Expensive ones (query_cost.hpp) have
// readers of their own, each with a thread that yields to all others and a connection that ends a
// query which takes too long.

#include "actors/kernel/asking.hpp"
#include "actors/kernel/directory.hpp"
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

/// So many are asked at once; the others wait for the next turn of the actor, which other actors on
/// its thread may have first.
constexpr std::size_t asked_at_once_max = 64;
/// After so long in one turn the queries that have not been asked yet wait for the next one, too.
constexpr milliseconds turn_max{5};
/// Of threads for expensive queries: they get about a third of what a thread without it gets.
constexpr int expensive_niceness = 5;

/// Lowers the priority of the calling thread (on Linux, nice values are the threads').
void yield_to_others() {
  const auto thread = static_cast<id_t>(gettid());
  if (setpriority(PRIO_PROCESS, thread, expensive_niceness) != 0) {
    log::warn("priority of a reader not lowered",
              {{"error", std::system_category().message(errno)}});
  }
}

problem too_expensive() {
  return {
      503,
      "query_too_expensive",
      "The query takes longer than this server allows. Make it more specific, with longer words "
      "or a narrower filter.",
      {}};
}

class reader {
 public:
  reader(caf::event_based_actor* self, directory& all, service_entry& service, query_cost cost)
      : self_(self), all_(all), service_(service), cost_(cost) {
    if (cost_ == query_cost::expensive) {
      yield_to_others();
    } else {
      connection_ = service_.database->open(db::access::read);
    }
  }

  /// The look message queues up behind all that is in the mailbox already: what has gathered is
  /// asked together.
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
    answer_all(now);
  }

 private:
  struct query {
    request_box asked;
    promised_ptr<answer_box> promise;
    pending_answer later;
  };

  void schedule() {
    if (!std::exchange(scheduled_, true)) self_->send(self_, look_atom::value);
  }

  void answer_all(std::span<query> all) {
    const auto first_latest = std::stable_partition(
        all.begin(), all.end(), [this](const query& q) { return !is_latest(q.asked); });
    const auto access = cost_ == query_cost::expensive ? db::access::bounded : db::access::read;
    std::vector<query> rest;
    answer_some({all.begin(), first_latest}, connection_, access, rest);
    answer_some({first_latest, all.end()}, latest_, db::access::latest, rest);
    if (rest.empty()) return;
    waiting_.insert(waiting_.begin(), std::make_move_iterator(rest.begin()),
                    std::make_move_iterator(rest.end()));
    schedule();
  }

  bool is_latest(const request_box& r) const {
    return service_.database->has_replica() &&
           service_.definition.latest.contains(r.message.kind());
  }

  /// Adds to `rest` what is to be asked in the next turn. The connection is made when it is needed:
  /// most nodes are never asked anything expensive.
  void answer_some(std::span<query> all, std::unique_ptr<db::connection>& connection,
                   db::access access, std::vector<query>& rest) {
    if (all.empty()) return;
    bool asked = true;
    try {
      if (!connection) connection = service_.database->open(access);
      db::gathering questions;
      for (auto& q : all) {
        const auto& m = q.asked.message;
        if (is_late(q.asked.context) || !service_.definition.gathered.contains(m.kind())) continue;
        q.later = service_.definition.gather(m, q.asked.context, questions);
      }
      questions.run(*connection);
    } catch (const std::exception& e) {
      asked = false;  // One of them may be guilty, or the connection was lost: each by itself.
      if (!connection) {
        log::error("cannot connect to the database",
                   {{"service", service_.definition.name}, {"error", std::string(e.what())}});
      }
    }
    const auto began = std::chrono::steady_clock::now();
    for (auto& q : all) {
      const auto later = asked ? std::exchange(q.later, {}) : pending_answer{};
      if (!later && std::chrono::steady_clock::now() - began > turn_max) {
        rest.push_back({std::move(q.asked), std::move(q.promise), {}});
      } else {
        q.promise->deliver(answer_box{answer_one(q.asked, later, connection.get())});
      }
    }
  }

  static bool is_late(const call_context& context) {
    return context.deadline.us != 0 && system_time().now() > context.deadline;
  }

  answer answer_one(const request_box& r, const pending_answer& later, db::connection* c) {
    if (!c) return {nullptr, unavailable("The data cannot be read now."), false};
    if (is_late(r.context)) {
      return {nullptr, unavailable("The request waited for longer than its deadline."), false};
    }
    try {
      return later ? later(*c) : service_.definition.read(r.message, r.context, *c);
    } catch (const db::budget_exceeded&) {
      all_.metrics->query_stopped(service_.definition.name);
      log::warn("query stopped: it took too long", {{"service", service_.definition.name},
                                                    {"message", r.message.name()},
                                                    {"request_id", r.context.request_id}});
      return {nullptr, too_expensive(), false};
    } catch (const db::error& e) {
      complain(r, e);
      return {nullptr, unavailable("The data cannot be read now."), false};
    } catch (const std::exception& e) {
      complain(r, e);
      return {nullptr, problem{500, "internal_error", "The query failed.", {}}, false};
    }
  }

  void complain(const request_box& r, const std::exception& e) const {
    log::error("query failed", {{"service", service_.definition.name},
                                {"message", r.message.name()},
                                {"error", std::string(e.what())}});
  }

  caf::event_based_actor* self_;
  directory& all_;
  service_entry& service_;
  const query_cost cost_;
  std::unique_ptr<db::connection> connection_;
  std::unique_ptr<db::connection> latest_;  ///< to the primary; opened when it is first needed
  std::deque<query> waiting_;
  bool scheduled_ = false;
};

}  // namespace

caf::behavior reader_actor(caf::event_based_actor* self, directory& all, service_entry& service,
                           query_cost cost) {
  auto r = std::make_shared<reader>(self, all, service, cost);
  return {
      [=](request_box& box) -> caf::result<answer_box> {
        r->request(box, promise_of<answer_box>(self));
        return caf::delegated<answer_box>{};
      },
      [=](look_atom) { r->look(); },
      [](sync_atom) -> bool { return true; },
  };
}

}  // namespace stoa::kernel
