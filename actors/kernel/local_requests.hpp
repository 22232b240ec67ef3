#pragma once
// Requests from ports and endpoints to actors of the same node, and the promises that answer them.
// For actors/kernel/*.cpp only.
//
// These requests have no CAF timeout, which would cost two timer events each. A partition's actors
// always answer, ports check deadlines themselves (port_actor.cpp), and services skip requests past
// their deadline.

#include "actors/kernel/caf_types.hpp"
#include "actors/kernel/query_cost.hpp"

#include <memory>

namespace stoa::kernel {

/// The answer to a request beyond the limit of unanswered requests of its kind.
inline problem overloaded(std::string_view service, query_cost cost) {
  const std::string_view what = cost == query_cost::cheap ? "requests" : "searches and lists";
  return {problem_kind::unavailable,
          "overloaded",
          "The " + std::string(service) + " service has too many " + std::string(what) +
              " in flight. Nothing has been done. Retry later.",
          {}};
}

/// The answer when an actor ends without answering.
inline answer_box unanswered(const answer_box*) {
  return {{nullptr,
           unavailable("The service failed. The request may still take effect. Retry it with the "
                       "same Idempotency-Key."),
           false}};
}
inline event_box unanswered(const event_box*) {
  return {};
}

/// A response promise that is answered even when it is destroyed unfulfilled: CAF 0.17 would leave
/// the requester without an answer.
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

/// Call it in a message handler.
template <class Box, class Self>
promised_ptr<Box> promise_of(Self* self) {
  return std::make_shared<promised<Box>>(self->make_response_promise());
}

/// Sends a request_box or job_box to an actor of this node. Problem `partition_moved` when the
/// actor ended before it handled the message.
template <class Self, class Handle, class Box>
void request_local(Self* self, const std::string& service, const Handle& to, Box box,
                   const answer_callback& then) {
  self->request(to, caf::infinite, std::move(box))
      .then([then](answer_box& a) { then(std::move(a.content)); },
            [then, service](const caf::error& e) {
              // The actor ended with the message in its mailbox: it was not executed.
              const bool not_taken = e == caf::sec::request_receiver_down;
              then({nullptr,
                    not_taken ? partition_moved(service)
                              : unavailable("The service is not available."),
                    false});
            });
}

/// Watches at a relay of this node, which may be null; null when no event arrived in time.
template <class Self>
void watch_local(Self* self, const relay_handle& relay, watch_box box, const watch_callback& then) {
  if (!relay) return then(nullptr);
  self->request(relay, caf::infinite, std::move(box))
      .then([then](event_box& found) { then(std::move(found.content)); },
            [then](const caf::error&) { then(nullptr); });
}

/// The two results of a command with a watch; calls back when both are there.
struct command_outcome {
  outcome_callback then;
  std::optional<answer> answered{};
  std::optional<event_ptr> seen{};

  void answer_is(answer a) {
    answered = std::move(a);
    complete();
  }
  void event_is(event_ptr e) {
    seen = std::move(e);
    complete();
  }

 private:
  /// A command that was rejected or replayed causes no event.
  void complete() {
    if (!then || !answered || !(seen || answered->error || answered->replayed)) return;
    std::exchange(then, {})(std::move(*answered), seen.value_or(nullptr));
  }
};

/// Both; the watch is sent first, so that the event cannot be missed.
template <class Self, class Handle>
void request_and_watch_local(Self* self, const std::string& service, const Handle& to,
                             request_box box, const relay_handle& relay, watch_box watched,
                             outcome_callback then) {
  auto both = std::make_shared<command_outcome>(command_outcome{std::move(then)});
  const watch_callback on_event = [both](event_ptr e) { both->event_is(std::move(e)); };
  const answer_callback on_answer = [both](answer a) { both->answer_is(std::move(a)); };
  watch_local(self, relay, std::move(watched), on_event);
  request_local(self, service, to, std::move(box), on_answer);
}

}  // namespace stoa::kernel
