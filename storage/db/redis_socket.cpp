#include "storage/db/redis_socket.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace stoa::db {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t piece_size = 16 * std::size_t{1024};

std::string system_reason(int code) {
  return std::error_code(code, std::generic_category()).message();
}

std::string tls_reason() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "TLS failed";
  std::array<char, 256> text;
  ERR_error_string_n(code, text.data(), text.size());
  return std::string("TLS: ") + text.data();
}

bool is_address(const std::string& host) {
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> parsed(
      a2i_IPADDRESS(host.c_str()), &ASN1_OCTET_STRING_free);
  return parsed != nullptr;
}

}  // namespace

/// OpenSSL reads and writes memory only; the bytes go through the socket by our own calls, for its
/// own have no deadline and raise SIGPIPE.
struct redis_socket::tls_session {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> session{nullptr, &SSL_free};
  BIO* incoming = nullptr;  ///< both belong to the session
  BIO* outgoing = nullptr;
};

redis_socket::redis_socket(const std::string& host, const std::string& port, bool tls,
                           time_point until) {
  try {
    connect(host, port, until);
    if (tls) start_tls(host, until);
  } catch (...) {
    close();
    throw;
  }
}

redis_socket::~redis_socket() {
  close();
}

void redis_socket::close() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void redis_socket::connect(const std::string& host, const std::string& port, time_point until) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int rc = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (rc != 0) throw socket_error(std::string("cannot find the host: ") + ::gai_strerror(rc));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  std::string why = "no address";
  for (const auto* a = found; a != nullptr; a = a->ai_next) {
    close();
    socket_ = ::socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (socket_ < 0) continue;
    int code = ::connect(socket_, a->ai_addr, a->ai_addrlen) == 0 ? 0 : errno;
    if (code == EINPROGRESS) {
      wait_for(POLLOUT, until);
      socklen_t size = sizeof code;
      ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &code, &size);
    }
    if (code == 0) {
      const int on = 1;
      ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
      return;
    }
    why = system_reason(code);
  }
  throw socket_error("cannot connect: " + why);
}

void redis_socket::start_tls(const std::string& host, time_point until) {
  auto tls = std::make_unique<tls_session>();
  tls->context.reset(SSL_CTX_new(TLS_client_method()));
  if (!tls->context || SSL_CTX_set_min_proto_version(tls->context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_default_verify_paths(tls->context.get()) != 1) {
    throw socket_error(tls_reason());
  }
  SSL_CTX_set_verify(tls->context.get(), SSL_VERIFY_PEER, nullptr);
  tls->session.reset(SSL_new(tls->context.get()));
  SSL* session = tls->session.get();
  if (session == nullptr) throw socket_error(tls_reason());
  tls->incoming = BIO_new(BIO_s_mem());
  tls->outgoing = BIO_new(BIO_s_mem());
  SSL_set_bio(session, tls->incoming, tls->outgoing);
  const bool named = is_address(host)
                         ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1
                         : SSL_set1_host(session, host.c_str()) == 1 &&
                               SSL_set_tlsext_host_name(session, host.c_str()) == 1;
  if (!named) throw socket_error(tls_reason());
  SSL_set_connect_state(session);
  tls_ = std::move(tls);
  for (;;) {
    const int rc = SSL_do_handshake(session);
    const int why = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(session, rc);
    if (const auto verified = SSL_get_verify_result(session); verified != X509_V_OK) {
      throw socket_error(std::string("the server's certificate: ") +
                         X509_verify_cert_error_string(verified));
    }
    send_pending(until);
    if (rc == 1) return;
    if (why != SSL_ERROR_WANT_READ) throw socket_error(tls_reason());
    receive_pending(until);
  }
}

void redis_socket::wait_for(short events, time_point until) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    if (left.count() <= 0) throw socket_error("no answer in time");
    pollfd one{socket_, events, 0};
    const int rc = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (rc > 0) return;
    if (rc < 0 && errno != EINTR) throw socket_error(system_reason(errno));
  }
}

void redis_socket::send_plain(std::string_view bytes, time_point until) {
  while (!bytes.empty()) {
    const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(POLLOUT, until);
    } else if (errno != EINTR) {
      throw socket_error(system_reason(errno));
    }
  }
}

std::size_t redis_socket::receive_plain(std::span<char> into, time_point until) {
  for (;;) {
    const auto n = ::recv(socket_, into.data(), into.size(), 0);
    if (n > 0) return static_cast<std::size_t>(n);
    if (n == 0) throw socket_error("the server closed the connection");
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(POLLIN, until);
    } else if (errno != EINTR) {
      throw socket_error(system_reason(errno));
    }
  }
}

/// Sends what OpenSSL has written.
void redis_socket::send_pending(time_point until) {
  std::array<char, piece_size> piece;
  for (;;) {
    const int n = BIO_read(tls_->outgoing, piece.data(), static_cast<int>(piece.size()));
    if (n <= 0) return;
    send_plain({piece.data(), static_cast<std::size_t>(n)}, until);
  }
}

/// Waits for bytes and gives them to OpenSSL.
void redis_socket::receive_pending(time_point until) {
  std::array<char, piece_size> piece;
  feed({piece.data(), receive_plain(piece, until)});
}

void redis_socket::feed(std::span<const char> bytes) {
  if (BIO_write(tls_->incoming, bytes.data(), static_cast<int>(bytes.size())) !=
      static_cast<int>(bytes.size())) {
    throw socket_error("out of memory");
  }
}

void redis_socket::send_all(std::string_view bytes, time_point until) {
  if (!tls_) return send_plain(bytes, until);
  while (!bytes.empty()) {
    // Memory takes all of it at once: the only thing to wait for is the peer in the middle of a
    // change of keys.
    std::size_t written = 0;
    const int rc = SSL_write_ex(tls_->session.get(), bytes.data(),
                                std::min(bytes.size(), piece_size), &written);
    const int why = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(tls_->session.get(), rc);
    send_pending(until);
    if (why == SSL_ERROR_WANT_READ) {
      receive_pending(until);
    } else if (why != SSL_ERROR_NONE) {
      throw socket_error(tls_reason());
    }
    bytes.remove_prefix(written);
  }
}

std::size_t redis_socket::receive(std::span<char> into, time_point until) {
  if (!tls_) return receive_plain(into, until);
  for (;;) {
    std::size_t read = 0;
    const int rc = SSL_read_ex(tls_->session.get(), into.data(), into.size(), &read);
    if (rc == 1) return read;
    const int why = SSL_get_error(tls_->session.get(), rc);
    send_pending(until);
    if (why == SSL_ERROR_ZERO_RETURN) throw socket_error("the server closed the connection");
    if (why != SSL_ERROR_WANT_READ) throw socket_error(tls_reason());
    receive_pending(until);
  }
}

bool redis_socket::quiet() {
  std::array<char, piece_size> piece;
  for (;;) {
    const auto n = ::recv(socket_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (n == 0 || !tls_) return false;
    // Tickets and changes of keys come when the server likes; a word of its own, or its goodbye,
    // ends the use of the connection.
    feed({piece.data(), static_cast<std::size_t>(n)});
    char byte = 0;
    std::size_t read = 0;
    const int rc = SSL_read_ex(tls_->session.get(), &byte, 1, &read);
    if (rc == 1 || SSL_get_error(tls_->session.get(), rc) != SSL_ERROR_WANT_READ) {
      ERR_clear_error();
      return false;
    }
  }
}

}  // namespace stoa::db
