#pragma once
// A blocking HTTP client for one server on this machine: one connection, kept alive.

#include "tests/support/http_answer.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>

namespace stoa::test {

/// No response: refused, ended, or timed out. It is unknown whether the request was processed.
class http_failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class http_client {
 public:
  explicit http_client(std::uint16_t port,
                       std::chrono::milliseconds limit = std::chrono::seconds{15})
      : port_(port), limit_(limit) {}
  ~http_client() { disconnect(); }
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// Sends and waits for the response; throws http_failure when none arrives within the limit.
  /// Reconnects first if the server has closed the connection.
  http_answer request(std::string_view method, std::string_view target, std::string_view body = {},
                      const header_list& headers = {});
  http_answer get(std::string_view target, const header_list& headers = {}) {
    return request("GET", target, {}, headers);
  }
  http_answer post(std::string_view target, std::string_view body,
                   const header_list& headers = {}) {
    return request("POST", target, body, headers);
  }
  http_answer put(std::string_view target, std::string_view body, const header_list& headers = {}) {
    return request("PUT", target, body, headers);
  }
  http_answer patch(std::string_view target, std::string_view body,
                    const header_list& headers = {}) {
    return request("PATCH", target, body, headers);
  }
  http_answer del(std::string_view target, const header_list& headers = {}) {
    return request("DELETE", target, {}, headers);
  }
  /// Closes the connection; the next request opens a new one.
  void disconnect();

 private:
  using deadline = std::chrono::steady_clock::time_point;
  void connect();
  void send(std::string_view bytes, deadline until);
  bool receive(deadline until);

  std::uint16_t port_;
  std::chrono::milliseconds limit_;
  int socket_ = -1;
  answer_reader reader_;
};

}  // namespace stoa::test
