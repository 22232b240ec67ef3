#pragma once
// An HTTP server on the loopback that keeps the requests and answers each by a function.

#include "tests/support/fault_server.hpp"

#include <functional>
#include <mutex>
#include <thread>

namespace stoa::test {

inline std::string http_reply(int status, const std::string& body = {},
                              const std::string& fields = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The value of a field in a request's head, without regard to case; empty when it is absent.
inline std::string field_in(const std::string& request, std::string name) {
  const auto lower = [](std::string s) {
    for (char& c : s) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return s;
  };
  const auto head = request.substr(0, request.find("\r\n\r\n") + 2);
  const auto at = lower(head).find("\r\n" + lower(std::move(name)) + ": ");
  if (at == std::string::npos) return {};
  const auto begin = head.find(": ", at) + 2;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

inline std::string body_in(const std::string& request) {
  return request.substr(request.find("\r\n\r\n") + 4);
}

class answering_server {
 public:
  /// `number` counts from 1. An empty answer resets the connection.
  using answer = std::function<std::string(const std::string& request, std::size_t number)>;

  explicit answering_server(answer how, const std::filesystem::path& certificate = {},
                            const std::filesystem::path& key = {})
      : answer_(std::move(how)),
        server_([this](fault_connection& c) { serve(c); }, certificate, key) {}

  std::uint16_t port() const { return server_.port(); }
  /// Without a slash at the end.
  std::string url(const std::string& host = "127.0.0.1") const {
    auto all = server_.url("/", host);
    all.pop_back();
    return all;
  }
  std::vector<std::string> requests() {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  /// The requests, once there are as many; fewer after 60 s.
  std::vector<std::string> wait_for(std::size_t count) {
    for (int i = 0; i < 3000 && requests().size() < count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return requests();
  }

 private:
  void serve(fault_connection& c) {
    for (auto text = c.read_request(); !text.empty(); text = c.read_request()) {
      std::size_t number = 0;
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(text);
        number = requests_.size();
      }
      const auto reply = answer_(text, number);
      if (reply.empty()) return c.reset();
      c.send(reply);
    }
  }

  const answer answer_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  fault_server server_;
};

}  // namespace stoa::test
