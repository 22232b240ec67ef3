#pragma once
// A coroutine that returns one value. Route handlers are tasks: they wait for services without
// blocking a thread and without nested callbacks.
//
// GCC 12 destroys some temporaries within a co_await expression twice. Create the message as a
// named variable first, then co_await a call that takes it by std::move.

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace stoa::kernel {

/// Starts when awaited or run(); owns its frame.
template <class T>
class task {
 public:
  struct promise_type {
    std::optional<T> value;
    std::exception_ptr error;
    std::coroutine_handle<> continuation;

    task get_return_object() {
      return task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct resume_continuation {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept {
          auto next = h.promise().continuation;
          return next ? next : std::noop_coroutine();
        }
        void await_resume() noexcept {}
      };
      return resume_continuation{};
    }
    void return_value(T v) { value.emplace(std::move(v)); }
    void unhandled_exception() { error = std::current_exception(); }
  };

  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  task& operator=(task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
    handle_.promise().continuation = waiting;
    return handle_;
  }
  T await_resume() {
    auto& p = handle_.promise();
    if (p.error) std::rethrow_exception(p.error);
    return std::move(*p.value);
  }

 private:
  explicit task(std::coroutine_handle<promise_type> h) : handle_(h) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

/// A coroutine without an awaiter; its frame is destroyed when it ends.
struct detached {
  struct promise_type {
    detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

}  // namespace detail

/// Runs the task; `done` receives its value or its exception, and must not throw.
template <class T>
detail::detached run(task<T> t, std::function<void(std::optional<T>, std::exception_ptr)> done) {
  std::optional<T> value;
  std::exception_ptr error;
  try {
    value.emplace(co_await t);
  } catch (...) {
    error = std::current_exception();
  }
  done(std::move(value), error);
}

/// Waits for a callback. The starter must call it once, immediately or later, on the coroutine's
/// thread.
template <class T>
class callback_wait {
 public:
  using starter = std::function<void(std::function<void(T)>)>;
  explicit callback_wait(starter s) : start_(std::move(s)) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> h) {
    start_([this, h](T v) {
      value_.emplace(std::move(v));
      if (suspended_) h.resume();
    });
    if (value_) return false;
    suspended_ = true;
    return true;
  }
  T await_resume() { return std::move(*value_); }

 private:
  starter start_;
  std::optional<T> value_;
  bool suspended_ = false;
};

/// The value of an operation that has already started; co_await waits for it. One awaiter.
template <class T>
class pending {
 public:
  /// Sets the value; call it once, on the coroutine's thread.
  std::function<void(T)> setter() {
    return [s = state_](T v) {
      s->value.emplace(std::move(v));
      if (s->waiting) std::exchange(s->waiting, {}).resume();
    };
  }
  bool await_ready() const noexcept { return state_->value.has_value(); }
  void await_suspend(std::coroutine_handle<> h) { state_->waiting = h; }
  T await_resume() { return std::move(*state_->value); }

 private:
  struct shared_state {
    std::optional<T> value;
    std::coroutine_handle<> waiting;
  };
  std::shared_ptr<shared_state> state_ = std::make_shared<shared_state>();
};

}  // namespace stoa::kernel
