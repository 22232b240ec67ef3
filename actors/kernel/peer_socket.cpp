#include "actors/kernel/peer_socket.hpp"

#include <climits>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stoa::kernel {

namespace {

peer_io after_errno(peer_io if_blocked) {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? if_blocked : peer_io::closed;
}

/// SSL_get_error(3) requires that the thread's error queue was empty before the call: every call
/// below clears it first. Errors of the call stay in it for the caller's log.
peer_io after_tls(SSL* tls, int result) {
  switch (SSL_get_error(tls, result)) {
    case SSL_ERROR_WANT_READ:
      return peer_io::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return peer_io::wants_write;
    default:
      return peer_io::closed;
  }
}

int clamped(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

peer_io peer_read(int fd, SSL* tls, char* into, std::size_t size, std::size_t& got) {
  got = 0;
  if (tls != nullptr) {
    ERR_clear_error();
    const int n = SSL_read(tls, into, clamped(size));
    if (n <= 0) return after_tls(tls, n);
    got = static_cast<std::size_t>(n);
    return peer_io::done;
  }
  const auto n = ::recv(fd, into, size, MSG_NOSIGNAL);
  if (n < 0) return after_errno(peer_io::wants_read);
  got = static_cast<std::size_t>(n);
  return n > 0 ? peer_io::done : peer_io::closed;
}

peer_io peer_write(int fd, SSL* tls, const char* from, std::size_t size, std::size_t& put) {
  put = 0;
  if (tls != nullptr) {
    ERR_clear_error();
    const int n = SSL_write(tls, from, clamped(size));
    if (n <= 0) return after_tls(tls, n);
    put = static_cast<std::size_t>(n);
    return peer_io::done;
  }
  const auto n = ::send(fd, from, size, MSG_NOSIGNAL);
  if (n < 0) return after_errno(peer_io::wants_write);
  put = static_cast<std::size_t>(n);
  return peer_io::done;
}

peer_socket::~peer_socket() {
  tls_.reset();
  if (fd_ >= 0) ::close(fd_);
}

peer_io peer_socket::shake_hands() {
  ERR_clear_error();
  const int done = SSL_do_handshake(tls_.get());
  return done == 1 ? peer_io::done : after_tls(tls_.get(), done);
}

peer_io peer_socket::peek(char& byte) {
  if (tls_) {
    ERR_clear_error();
    const int got = SSL_peek(tls_.get(), &byte, 1);
    return got == 1 ? peer_io::done : after_tls(tls_.get(), got);
  }
  const auto n = ::recv(fd_, &byte, 1, MSG_PEEK | MSG_NOSIGNAL);
  if (n < 0) return after_errno(peer_io::wants_read);
  return n == 1 ? peer_io::done : peer_io::closed;
}

std::string peer_address(int fd) {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  std::array<char, NI_MAXHOST> host{};
  auto* const address = reinterpret_cast<sockaddr*>(&from);
  if (::getpeername(fd, address, &size) != 0 ||
      ::getnameinfo(address, size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return {};
  }
  return host.data();
}

}  // namespace stoa::kernel
