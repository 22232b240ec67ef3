#pragma once
// A coroutine's interface to the services on behalf of one request. Implemented by a route's
// exchange in production, and by a simulated network in tests/simulation.

#include "actors/kernel/node.hpp"
#include "actors/kernel/task.hpp"

namespace stoa::kernel {

/// Thrown by a coroutine: its request ends with this problem.
struct problem_error {
  problem content;
};
[[noreturn]] inline void fail(problem p) {
  throw problem_error{std::move(p)};
}

class service_calls;

/// An awaiter of an answer. Not a coroutine, since the compiler would generate one for each type of
/// message. co_await it where it is created; `calls` must outlive it.
class answer_wait {
 public:
  answer_wait(service_calls& calls, callback_wait<answer> answered)
      : calls_(calls), answered_(std::move(answered)) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> h) { return answered_.await_suspend(h); }

 protected:
  /// The answer. Notes in the calls whether it was replayed.
  answer take();
  /// The same; throws the answer's problem.
  answer take_value();

 private:
  service_calls& calls_;
  callback_wait<answer> answered_;
};

/// Resumes with the reply, or throws the service's problem.
template <class Reply>
class reply_wait : public answer_wait {
 public:
  using answer_wait::answer_wait;
  Reply await_resume() { return std::move(*static_cast<Reply*>(take_value().value.get())); }
};

/// Resumes with the reply or the service's problem.
template <class Reply>
class result_wait : public answer_wait {
 public:
  using answer_wait::answer_wait;
  result<Reply> await_resume() { return std::move(typed<Reply>(take()).value); }
};

class service_calls {
 public:
  call_context context;   ///< caller, deadline, idempotency, trace
  bool replayed = false;  ///< an answer was replayed by its idempotency key

  service_calls() = default;
  service_calls(const service_calls&) = delete;
  service_calls& operator=(const service_calls&) = delete;
  virtual ~service_calls() = default;

  /// The store's clock.
  virtual timestamp now() const = 0;

  /// Sends a command without waiting, so that several run concurrently; co_await take_started(...)
  /// the result. It has no idempotency key: the command must be idempotent.
  template <class C>
  pending<answer> start_command(C c) {
    return start_now(service_of(C::name), any_message::of(std::move(c)));
  }
  /// The reply to a started command; fails the request with the service's problem.
  template <class C>
  task<typename C::reply> take_started(pending<answer> started) {
    auto a = co_await started;
    co_return take<typename C::reply>(std::move(a));
  }
  /// Sends a command; co_await the reply. Fails the request with the service's problem. The service
  /// is the name before the dot in the message's name.
  template <class C>
  reply_wait<typename C::reply> command(C c) {
    return {*this, wait_command(service_of(C::name), any_message::of(std::move(c)))};
  }
  template <class Q>
  reply_wait<typename Q::reply> ask(Q q) {
    return {*this, wait_query(service_of(Q::name), any_message::of(std::move(q)))};
  }
  /// A query that every service supports.
  template <class Q>
  reply_wait<typename Q::reply> ask_of(const std::string& service, Q q) {
    return {*this, wait_query(service, any_message::of(std::move(q)))};
  }
  /// Like command(), for callers that handle the problem.
  template <class C>
  result_wait<typename C::reply> try_command(C c) {
    return {*this, wait_command(service_of(C::name), any_message::of(std::move(c)))};
  }
  template <class Q>
  result_wait<typename Q::reply> try_ask(Q q) {
    return {*this, wait_query(service_of(Q::name), any_message::of(std::move(q)))};
  }
  /// Sends a command and waits for the resulting event; the event is null when it did not arrive in
  /// time or will not come.
  template <class C>
  task<std::pair<typename C::reply, event_ptr>> command_and_watch(C c, awaited_event what) {
    auto outcome =
        co_await wait_outcome(service_of(C::name), any_message::of(std::move(c)), std::move(what));
    co_return {take<typename C::reply>(std::move(outcome.first)), std::move(outcome.second)};
  }
  /// Starts to watch for one of the service's events of the aggregate; co_await the result. Null on
  /// timeout.
  virtual pending<event_ptr> watch_now(const std::string& service, awaited_event what) = 0;
  /// Waits until the services whose state clients see (cart, stock, payment) have applied the
  /// service's existing events of the aggregate; bounded by relay.applied_wait_ms.
  virtual pending<event_ptr> applied_now(const std::string& service, const uuid& aggregate) = 0;
  /// The types, extended so that the wait includes the application by those services.
  static std::vector<std::string> applied(std::vector<std::string> types) {
    for (const char* service : {"cart", "catalog", "payment", "pricing"}) {
      types.push_back(std::string(applied_by) + service);
    }
    return types;
  }

 protected:
  virtual pending<answer> start_now(const std::string& service, any_message m) = 0;
  virtual callback_wait<answer> wait_command(std::string service, any_message m) = 0;
  virtual callback_wait<answer> wait_query(std::string service, any_message m) = 0;
  virtual callback_wait<std::pair<answer, event_ptr>> wait_outcome(std::string service,
                                                                   any_message m,
                                                                   awaited_event what) = 0;

 private:
  friend class answer_wait;
  static std::string service_of(std::string_view message) {
    return std::string(message.substr(0, message.find('.')));
  }
  /// The same answer; fails the request with its problem.
  answer checked(answer a);
  template <class T>
  T take(answer a) {
    return std::move(*static_cast<T*>(checked(std::move(a)).value.get()));
  }
};

}  // namespace stoa::kernel
