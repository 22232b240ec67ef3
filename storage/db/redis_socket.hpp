#pragma once
// A TCP connection with a deadline for each step, plain or with TLS 1.2 or newer. It raises no
// SIGPIPE.

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace stoa::db {

/// Thrown when a connection cannot be made, ends, or takes too long.
class socket_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class redis_socket {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Connects to the first address of the host that accepts. With TLS the server's certificate must
  /// be valid for the host, by the system's authorities (or those in the file that the environment
  /// variable SSL_CERT_FILE names). Names are looked up with the system's own time limit.
  redis_socket(const std::string& host, const std::string& port, bool tls, time_point until);
  ~redis_socket();
  redis_socket(const redis_socket&) = delete;
  redis_socket& operator=(const redis_socket&) = delete;

  void send_all(std::string_view bytes, time_point until);
  /// At least one byte; returns how many.
  std::size_t receive(std::span<char> into, time_point until);
  /// False when the peer has ended the connection, or said something unasked.
  bool quiet();

 private:
  struct tls_session;

  void connect(const std::string& host, const std::string& port, time_point until);
  void start_tls(const std::string& host, time_point until);
  void wait_for(short events, time_point until) const;
  void send_plain(std::string_view bytes, time_point until);
  std::size_t receive_plain(std::span<char> into, time_point until);
  void send_pending(time_point until);
  void receive_pending(time_point until);
  void feed(std::span<const char> bytes);
  void close() noexcept;

  int socket_ = -1;
  std::unique_ptr<tls_session> tls_;
};

}  // namespace stoa::db
