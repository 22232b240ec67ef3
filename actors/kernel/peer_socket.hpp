#pragma once
// A non-blocking TCP connection between nodes, with or without TLS. For actors/kernel/*.cpp only.

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace stoa::kernel {

struct ssl_deleter {
  void operator()(SSL* s) const { SSL_free(s); }
};
using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;

/// The result of a non-blocking call.
enum class peer_io { done, wants_read, wants_write, closed };

// TLS works on the descriptor itself; `tls` is null for plain TCP. A process that uses these
// must ignore SIGPIPE (serve.cpp): OpenSSL's writes have no MSG_NOSIGNAL.

/// Reads up to `size` bytes; `done`: `got` of them, at least one.
peer_io peer_read(int fd, SSL* tls, char* into, std::size_t size, std::size_t& got);
/// Writes up to `size` bytes; `done`: `put` of them, at least one.
peer_io peer_write(int fd, SSL* tls, const char* from, std::size_t size, std::size_t& put);

/// Owns the descriptor and its TLS session.
class peer_socket {
 public:
  explicit peer_socket(int fd = -1) : fd_(fd) {}
  peer_socket(peer_socket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), tls_(std::move(other.tls_)) {}
  peer_socket& operator=(peer_socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(tls_, other.tls_);
    return *this;
  }
  ~peer_socket();
  peer_socket(const peer_socket&) = delete;
  peer_socket& operator=(const peer_socket&) = delete;

  int fd() const { return fd_; }
  SSL* tls() const { return tls_.get(); }
  /// Enables TLS; call shake_hands() next.
  void use(ssl_ptr tls) { tls_ = std::move(tls); }
  peer_io shake_hands();
  /// Reads the next byte without consuming it.
  peer_io peek(char& byte);

  peer_io read(char* into, std::size_t size, std::size_t& got) {
    return peer_read(fd_, tls_.get(), into, size, got);
  }
  peer_io write(const char* from, std::size_t size, std::size_t& put) {
    return peer_write(fd_, tls_.get(), from, size, put);
  }
  /// Transfers ownership.
  std::pair<int, ssl_ptr> release() { return {std::exchange(fd_, -1), std::move(tls_)}; }

 private:
  int fd_;
  ssl_ptr tls_;
};

/// The peer's numeric address without the port; empty when it has disconnected.
std::string peer_address(int fd);

}  // namespace stoa::kernel
