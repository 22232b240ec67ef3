#pragma once
// A server on the loopback whose script decides each connection's response: late, broken or endless
// responses, resets, bad certificates.

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace stoa::test {

/// The server's end of one connection. Its waits end with the server.
class fault_connection {
 public:
  fault_connection(int socket, SSL_CTX* tls, const std::atomic<bool>& stopping)
      : socket_(socket), stopping_(stopping) {
    if (tls != nullptr) usable_ = start_tls(tls);
  }
  ~fault_connection() { close(); }
  fault_connection(const fault_connection&) = delete;
  fault_connection& operator=(const fault_connection&) = delete;

  /// False when the handshake has failed.
  bool usable() const { return usable_; }

  /// Continues with TLS, as after STARTTLS; false when the handshake has failed.
  bool start_tls(SSL_CTX* tls) {
    tls_.reset(SSL_new(tls));
    SSL_set_fd(tls_.get(), socket_);
    return SSL_accept(tls_.get()) == 1;
  }
  bool encrypted() const { return tls_ != nullptr; }
  /// The next line without its CRLF; nothing when the client has closed.
  std::optional<std::string> read_line() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n")) == received_.npos) {
      if (!receive()) return std::nullopt;
    }
    auto line = received_.substr(0, end);
    received_.erase(0, end + 2);
    return line;
  }
  /// The next request, head and body; empty when the client has closed.
  std::string read_request() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == received_.npos) {
      if (!receive()) return {};
    }
    const auto field = received_.find("\r\nContent-Length: ");
    const std::size_t body =
        field < end ? std::strtoul(received_.c_str() + field + 18, nullptr, 10) : 0;
    while (received_.size() < end + 4 + body) {
      if (!receive()) return {};
    }
    auto request = received_.substr(0, end + 4 + body);
    received_.erase(0, request.size());
    return request;
  }
  /// False when the client has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty() && !stopping_) {
      const long sent = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                             : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return !stopping_;
  }
  /// Sends byte by byte with pauses until the client closes.
  void trickle(std::string_view bytes, std::chrono::milliseconds pause) {
    for (const char c : bytes) {
      if (!send({&c, 1})) return;
      std::this_thread::sleep_for(pause);
    }
  }
  /// Reads and discards until the client closes.
  void wait_for_close() {
    while (receive()) received_.clear();
  }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  bool receive() {
    std::array<char, 16384> part{};
    pollfd ready{socket_, POLLIN, 0};
    while (!tls_ || SSL_pending(tls_.get()) == 0) {
      if (stopping_ || socket_ < 0) return false;
      if (::poll(&ready, 1, 20) > 0) break;
    }
    const long got = tls_ ? SSL_read(tls_.get(), part.data(), static_cast<int>(part.size()))
                          : ::recv(socket_, part.data(), part.size(), 0);
    if (got <= 0) return false;
    received_.append(part.data(), static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  bool usable_ = true;
  const std::atomic<bool>& stopping_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
  std::string received_;
};

using tls_context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// The context of a server with that certificate and key.
inline tls_context server_tls(const std::filesystem::path& certificate,
                              const std::filesystem::path& key) {
  tls_context tls(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!tls || SSL_CTX_use_certificate_chain_file(tls.get(), certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("the fault server has no certificate");
  }
  return tls;
}

class fault_server {
 public:
  using script = std::function<void(fault_connection&)>;

  /// With a certificate and key it uses TLS. Port 0: a free one.
  explicit fault_server(script on_connection, const std::filesystem::path& certificate = {},
                        const std::filesystem::path& key = {}, std::uint16_t port = 0)
      : script_(std::move(on_connection)) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's writes cannot use MSG_NOSIGNAL
    if (!certificate.empty()) tls_ = server_tls(certificate, key);
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // A server may start again at its port while old connections are in TIME_WAIT.
    const int on = 1;
    ::setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    socklen_t size = sizeof at;
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(listening_, address, size) != 0 || ::listen(listening_, 1024) != 0 ||
        ::getsockname(listening_, address, &size) != 0) {
      throw std::runtime_error("the fault server cannot listen");
    }
    port_ = ntohs(at.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~fault_server() {
    stopping_ = true;
    acceptor_.join();
    for (auto& t : threads_) t.join();
    ::close(listening_);
  }
  fault_server(const fault_server&) = delete;
  fault_server& operator=(const fault_server&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/", const std::string& host = "127.0.0.1") const {
    return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_) + path;
  }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    while (!stopping_) {
      pollfd ready{listening_, POLLIN, 0};
      if (::poll(&ready, 1, 20) <= 0) continue;
      const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      ++connections_;
      threads_.emplace_back([this, socket] {
        fault_connection c(socket, tls_.get(), stopping_);
        if (c.usable()) script_(c);
      });
    }
  }

  const script script_;
  tls_context tls_{nullptr, &SSL_CTX_free};
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::vector<std::thread> threads_;  ///< of the acceptor, until it has ended
  std::thread acceptor_;
};

}  // namespace stoa::test
