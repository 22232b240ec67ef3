#pragma once
// Many HTTP connections in one thread at minimal cost, because the client's work is part of the
// measurement. Coroutines over epoll.
//
//   load_task visitor(load_loop& loop, std::uint16_t port) {
//     load_connection connection(loop, port);
//     auto answer = co_await connection.request(request_text("GET", "/livez", {}, {}));
//     co_await loop.sleep(milliseconds{10});
//   }

#include "tests/support/http_answer.hpp"
#include "tests/support/load_tls.hpp"

#include <array>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sys/socket.h>
#include <unordered_set>

namespace stoa::test {

/// A detached coroutine. Exceptions must not leave it.
struct load_task {
  struct promise_type {
    load_task get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

/// A server's address.
struct load_target {
  /// On this machine, without TLS.
  load_target(std::uint16_t port);  // NOLINT(google-explicit-constructor): the usual one
  load_target(const sockaddr& at, socklen_t bytes);

  sockaddr_storage address{};
  socklen_t size = 0;
  std::shared_ptr<const load_tls_context> tls{};  ///< null: plain
  std::string host{};                             ///< for TLS
};

class load_connection;

class load_loop {
 public:
  using clock = std::chrono::steady_clock;

  load_loop();
  ~load_loop();
  load_loop(const load_loop&) = delete;
  load_loop& operator=(const load_loop&) = delete;

  /// Runs until stop(). Tasks that are unfinished then are never resumed.
  void run();
  void stop() { stopped_ = true; }
  void after(std::chrono::microseconds wait, std::function<void()> then);
  void at(clock::time_point when, std::function<void()> then);

  struct sleeper {
    load_loop& loop;
    std::chrono::microseconds wait;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h) const {
      loop.after(wait, [h] { h.resume(); });
    }
    void await_resume() const noexcept {}
  };
  sleeper sleep(std::chrono::microseconds wait) { return {*this, wait}; }

 private:
  friend class load_connection;
  std::chrono::nanoseconds wait_time() const;
  void run_timers();
  void watch_deadlines();

  int epoll_ = -1;
  bool stopped_ = false;
  bool is_watching_ = false;  ///< the timer of watch_deadlines() is set, also between two runs
  std::multimap<clock::time_point, std::function<void()>> timers_;
  std::unordered_set<load_connection*> waiting_;  ///< for an answer
  std::array<char, 65536> buffer_{};
};

/// Valid until the connection's next request.
struct load_answer {
  int status = 0;  ///< 0: no response; `body` has the reason
  std::string_view head;
  std::string_view body;
};

class load_connection {
 public:
  /// `source`: the local IPv4 address, as INADDR_LOOPBACK; 0: chosen by the system.
  load_connection(load_loop& loop, load_target target,
                  std::chrono::milliseconds limit = std::chrono::seconds{30},
                  std::uint32_t source = 0)
      : loop_(loop), target_(std::move(target)), limit_(limit), source_(source) {}
  ~load_connection() { disconnect(); }
  /// The reason in an answer when the server closed the connection instead.
  static constexpr const char* ended = "the connection ended";
  load_connection(const load_connection&) = delete;
  load_connection& operator=(const load_connection&) = delete;

  struct exchange {
    load_connection& connection;
    std::string text;
    std::size_t requests;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h) {
      return connection.begin(std::move(text), requests, h);
    }
    load_answer await_resume() const { return connection.answer(); }
  };
  /// Sends the bytes of a request (request_text), over a new connection when none is open.
  exchange request(std::string text) { return {*this, std::move(text), 1}; }
  /// Sends several requests at once (pipelining). The answer is that to the last one.
  exchange requests(std::string texts, std::size_t many) { return {*this, std::move(texts), many}; }
  /// Of the answers before the last one, those with another status than 200.
  std::size_t earlier_failures() const { return earlier_failures_; }

 private:
  friend class load_loop;
  bool begin(std::string text, std::size_t requests, std::coroutine_handle<> h);
  bool read_answers();
  bool connect();
  bool write_more();
  void on_event(std::uint32_t events);
  bool receive();
  bool receive_tls();
  void finish(const char* failure);
  void disconnect();
  load_answer answer() const;

  load_loop& loop_;
  load_target target_;
  std::chrono::milliseconds limit_;
  std::uint32_t source_;
  int socket_ = -1;
  std::optional<load_tls> tls_;
  bool is_connected_ = false;
  std::string unsent_;
  std::size_t sent_ = 0;
  answer_reader reader_;
  std::coroutine_handle<> waiting_;
  load_loop::clock::time_point deadline_;
  const char* failure_ = nullptr;
  std::size_t expected_ = 0;  ///< answers
  std::size_t earlier_failures_ = 0;
};

}  // namespace stoa::test
