#pragma once
// How ports and endpoints ask the actors of their own node, and how these keep what they promise.
// For actors/kernel/*.cpp only.
//
// Nothing here has a deadline: CAF's clock would be woken twice for each request. Whoever has the
// partition answers in any case, a port looks at its deadlines itself (port_actor.cpp), and
// services leave undone what comes too late.

#include "actors/kernel/caf_types.hpp"
#include "actors/kernel/query_cost.hpp"

#include <memory>

namespace stoa::kernel {

/// To what comes while as many messages of its kind as may be are not answered yet.
inline problem overloaded(std::string_view service, query_cost cost) {
  const std::string_view what = cost == query_cost::cheap ? "requests" : "searches and lists";
  return {problem_kind::unavailable,
          "overloaded",
          "The " + std::string(service) + " service has too many " + std::string(what) +
              " in flight. Nothing has been done; try again later.",
          {}};
}

/// What is said in place of an answer by whoever ended without giving one.
inline answer_box unanswered(const answer_box*) {
  return {{nullptr,
           unavailable("The service failed. The request may still take effect: repeat it with the "
                       "same Idempotency-Key."),
           false}};
}
inline event_box unanswered(const event_box*) {
  return {};
}

/// A promise to answer with a Box, kept also when it is let go of: CAF 0.17 would leave whoever
/// waits without a word.
template <class Box>
class promised {
 public:
  explicit promised(caf::response_promise p) : promise_(std::move(p)) {}
  promised(const promised&) = delete;
  promised& operator=(const promised&) = delete;
  ~promised() {
    if (promise_.pending()) promise_.deliver(unanswered(static_cast<Box*>(nullptr)));
  }
  void deliver(Box b) { promise_.deliver(std::move(b)); }

 private:
  caf::response_promise promise_;
};
template <class Box>
using promised_ptr = std::shared_ptr<promised<Box>>;

/// To be called in a message's handler.
template <class Box>
promised_ptr<Box> promise_of(caf::event_based_actor* self) {
  return std::make_shared<promised<Box>>(self->make_response_promise());
}

/// Asks an actor of this node with a request_box or job_box. Problem `partition_moved` when it
/// ended before it looked.
template <class Box>
void ask_here(caf::event_based_actor* self, const std::string& service, const caf::actor& to,
              Box box, const answer_callback& then) {
  self->request(to, caf::infinite, std::move(box))
      .then([then](answer_box& a) { then(std::move(a.content)); },
            [then, service](const caf::error& e) {
              // An actor has ended with the message still in its mailbox: nothing has been done.
              const bool not_taken = e == caf::sec::request_receiver_down;
              then({nullptr,
                    not_taken ? partition_moved(service)
                              : unavailable("The service is not available."),
                    false});
            });
}

/// Asks a relay of this node, which may be none; null when no event came in time.
inline void watch_here(caf::event_based_actor* self, const caf::actor& relay, watch_box box,
                       const watch_callback& then) {
  if (!relay) return then(nullptr);
  self->request(relay, caf::infinite, std::move(box))
      .then([then](event_box& found) { then(std::move(found.content)); },
            [then](const caf::error&) { then(nullptr); });
}

/// Both, the watch first, so that the event cannot be missed.
inline void ask_and_watch_here(caf::event_based_actor* self, const std::string& service,
                               const caf::actor& writer, request_box box, const caf::actor& relay,
                               watch_box watched, outcome_callback then) {
  struct parts {
    outcome_callback then;
    std::optional<answer> told;
    std::optional<event_ptr> seen;
    /// A command that was refused, or is a repeat, brings no event about.
    void look() {
      if (!then || !told || !(seen || told->error || told->replayed)) return;
      std::exchange(then, {})(std::move(*told), seen.value_or(nullptr));
    }
  };
  auto both = std::make_shared<parts>(parts{std::move(then), std::nullopt, std::nullopt});
  watch_here(self, relay, std::move(watched), [both](event_ptr e) {
    both->seen = std::move(e);
    both->look();
  });
  ask_here(self, service, writer, std::move(box), [both](answer a) {
    both->told = std::move(a);
    both->look();
  });
}

}  // namespace stoa::kernel
