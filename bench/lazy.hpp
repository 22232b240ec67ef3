#pragma once
// A coroutine that begins when another one awaits it.

#include <coroutine>
#include <exception>
#include <utility>

namespace stoa::bench {

/// Returns a bool: whether the caller may continue. Exceptions must not leave it.
class [[nodiscard]] lazy {
 public:
  struct promise_type {
    lazy get_return_object() noexcept {
      return lazy(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct resume_caller {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept {
          return h.promise().caller;
        }
        void await_resume() noexcept {}
      };
      return resume_caller{};
    }
    void return_value(bool v) noexcept { value = v; }
    void unhandled_exception() noexcept { std::terminate(); }

    std::coroutine_handle<> caller = std::noop_coroutine();
    bool value = false;
  };

  explicit lazy(std::coroutine_handle<promise_type> h) : handle_(h) {}
  lazy(lazy&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  lazy& operator=(lazy&&) = delete;
  ~lazy() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    handle_.promise().caller = caller;
    return handle_;
  }
  bool await_resume() const noexcept { return handle_.promise().value; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace stoa::bench
