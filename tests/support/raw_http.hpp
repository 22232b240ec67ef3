#pragma once
// A client that sends exact bytes, and a server with a scripted handler.

#include "net/http/problem_response.hpp"
#include "net/http/server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace stoa::test {

/// One response as received.
struct raw_answer {
  int status = 0;
  std::string head;
  std::string body;

  /// The field's value, "" when absent.
  std::string field(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == head.npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  bool has(std::string_view text) const { return body.find(text) != body.npos; }
};

class raw_client {
 public:
  /// Connects from an address of the loopback network, 127.0.0.1 to 127.255.255.254.
  explicit raw_client(std::uint16_t port, const char* from = "127.0.0.1") : socket_(io_) {
    socket_.open(boost::asio::ip::tcp::v4());
    socket_.bind({boost::asio::ip::make_address(from), 0});
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
  }

  void send(std::string_view bytes) {
    boost::system::error_code ignored;  // The server may have closed: the tests check its answer.
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  void send_byte_by_byte(std::string_view bytes) {
    for (const char c : bytes) send({&c, 1});
  }
  void half_close() { socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }
  void close() { socket_.close(); }
  /// Closes so that the server gets a reset.
  void reset() {
    socket_.set_option(boost::asio::socket_base::linger(true, 0));
    socket_.close();
  }

  /// The next response; status 0 when the connection ends or `limit` passes before it is complete.
  raw_answer read(bool no_body = false,
                  std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    raw_answer answer;
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == received_.npos) {
      if (!receive(deadline)) return {};
    }
    answer.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    const auto length = no_body ? std::string{} : answer.field("Content-Length");
    const std::size_t wanted = length.empty() ? 0 : std::stoul(length);
    while (received_.size() < wanted) {
      if (!receive(deadline)) return {};
    }
    answer.body = received_.substr(0, wanted);
    received_.erase(0, wanted);
    answer.status = std::atoi(answer.head.substr(9, 3).c_str());
    return answer;
  }

  /// True when the server closes within the limit without sending more.
  bool closed(std::chrono::milliseconds limit = std::chrono::seconds(5)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (received_.empty()) {
      if (!receive(deadline)) return ended_;
    }
    return false;
  }

 private:
  bool receive(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd readable{socket_.native_handle(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0)
      return false;
    std::array<char, 16384> piece{};
    boost::system::error_code error;
    const auto bytes = socket_.read_some(boost::asio::buffer(piece), error);
    ended_ = static_cast<bool>(error);
    received_.append(piece.data(), bytes);
    return !error;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  std::string received_;
  bool ended_ = false;
};

/// A server on a free port that answers by path: /echo with the request's body; /big a megabyte;
/// /throw an exception; /drop no answer; /hold after release(); /bad-header an invalid header;
/// /close, closing the connection; /hang-up, closing it without a response; /block holds the
/// server's thread for 300 ms.
class steered_server {
 public:
  explicit steered_server(http::server_config config = {}) : server_(prepare(std::move(config))) {
    const auto port =
        server_.start([this](std::shared_ptr<http::request> r, http::responder respond,
                             std::size_t) { on_request(*r, std::move(respond)); });
    if (!port) throw std::runtime_error(port.error().detail);
    port_ = *port;
  }
  ~steered_server() {
    release();
    server_.stop();
  }
  steered_server(const steered_server&) = delete;
  steered_server& operator=(const steered_server&) = delete;

  std::uint16_t port() const { return port_; }
  http::server& operator*() { return server_; }
  http::server* operator->() { return &server_; }

  raw_answer ask(std::string_view bytes) {
    raw_client client(port_);
    client.send(bytes);
    return client.read();
  }
  std::size_t held() const {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  /// Answers all pending requests to /hold, in the caller's thread.
  void release() {
    std::vector<http::responder> held;
    {
      const std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (auto& respond : held) respond({.body = "released"});
  }
  bool wait_until_held(std::size_t count) const {
    for (int i = 0; i < 2000 && held() < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return held() == count;
  }
  std::vector<http::refusal> refusals() const {
    const std::lock_guard lock(mutex_);
    return refusals_;
  }

 private:
  http::server_config prepare(http::server_config config) {
    config.on_refusal = [this](const http::refusal& r) {
      const std::lock_guard lock(mutex_);
      refusals_.push_back(r);
    };
    return config;
  }

  void on_request(const http::request& r, http::responder respond) {
    if (r.path == "/throw") throw std::runtime_error("planted");
    if (r.path == "/drop") return;
    if (r.path == "/block") std::this_thread::sleep_for(std::chrono::milliseconds(300));
    if (r.path == "/hold") {
      const std::lock_guard lock(mutex_);
      held_.push_back(std::move(respond));
      return;
    }
    http::response answer;
    answer.content_type = "text/plain";
    if (r.path == "/big") {
      answer.shared_body = std::make_shared<const std::string>(4 << 20, 'b');
    } else if (r.path == "/bad-header") {
      answer.headers.emplace_back("Location", "/x\r\nSet-Cookie: stolen=1");
    } else if (r.path == "/empty") {
      answer.status = 204;
    } else {
      answer.close = r.path == "/close";
      answer.hang_up = r.path == "/hang-up";
      answer.body = std::string(to_string(r.method)) + " " + r.path + "|" + r.query + "|" + r.body;
    }
    respond(std::move(answer));
  }

  mutable std::mutex mutex_;
  std::vector<http::responder> held_;
  std::vector<http::refusal> refusals_;
  http::server server_;  // last: its threads use the rest
  std::uint16_t port_ = 0;
};

}  // namespace stoa::test
