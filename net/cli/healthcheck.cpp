// `stoa healthcheck`: asks the process that serves on this machine how it is, as a container's
// health check does; so an image needs no HTTP client of its own.

#include "net/cli/commands.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/subcommands.hpp"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <netdb.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace stoa::cli {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::size_t answer_bytes_max = 64UL * 1024;

struct address {
  std::string host;
  std::string port;
};

/// Where http.listen is reached from this machine: an address that stands for all is the loopback.
address reachable(const std::string& listen) {
  const auto colon = listen.rfind(':');
  address a{listen.substr(0, colon), listen.substr(colon + 1)};
  if (a.host.starts_with('[')) a.host = a.host.substr(1, a.host.size() - 2);
  if (a.host == "0.0.0.0") a.host = "127.0.0.1";
  if (a.host == "::") a.host = "::1";
  return a;
}

/// A TCP connection whose every wait ends when the time is up.
class connection {
 public:
  connection(const address& to, clock::time_point until) : until_(until) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &found) != 0) {
      throw std::runtime_error("no such address: " + to.host);
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    socket_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ < 0) throw std::runtime_error("no socket");
    limit_wait();
    if (::connect(socket_, found->ai_addr, found->ai_addrlen) != 0) {
      ::close(socket_);
      throw std::runtime_error("nothing answers at " + to.host + ":" + to.port);
    }
  }
  ~connection() { ::close(socket_); }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  int socket() const { return socket_; }

  /// Lets the next wait last no longer than what is left of the time.
  void limit_wait() const {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(until_ - clock::now());
    if (left.count() <= 0) throw std::runtime_error("no answer in time");
    const timeval wait{left.count() / 1'000'000, left.count() % 1'000'000};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  }

 private:
  clock::time_point until_;
  int socket_ = -1;
};

/// Sends the request by `send` and collects what `receive` gives until the server closes.
template <class Send, class Receive>
std::string exchange(const connection& c, const std::string& request, Send send, Receive receive) {
  c.limit_wait();
  if (send(request.data(), request.size()) != static_cast<long>(request.size())) {
    throw std::runtime_error("the request could not be sent");
  }
  std::string answer;
  std::array<char, 4096> part{};
  while (answer.size() < answer_bytes_max) {
    c.limit_wait();
    const long got = receive(part.data(), part.size());
    if (got <= 0) break;
    answer.append(part.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

std::string ask_plain(const connection& c, const std::string& request) {
  return exchange(
      c, request,
      [&](const char* p, std::size_t n) { return ::send(c.socket(), p, n, MSG_NOSIGNAL); },
      [&](char* p, std::size_t n) { return ::recv(c.socket(), p, n, 0); });
}

/// The certificate is not checked: it names the store's host and not this machine's loopback, and
/// the question is only whether the own process answers.
std::string ask_tls(const connection& c, const std::string& request) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's writes cannot be told MSG_NOSIGNAL
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(context ? SSL_new(context.get()) : nullptr,
                                                      &SSL_free);
  if (!tls || SSL_set_fd(tls.get(), c.socket()) != 1 || SSL_connect(tls.get()) != 1) {
    throw std::runtime_error("no TLS connection");
  }
  return exchange(
      c, request,
      [&](const char* p, std::size_t n) -> long {
        return SSL_write(tls.get(), p, static_cast<int>(n));
      },
      [&](char* p, std::size_t n) -> long { return SSL_read(tls.get(), p, static_cast<int>(n)); });
}

}  // namespace

int run_healthcheck(const settings& s, const healthcheck_options& o) {
  try {
    const auto to = reachable(s.http.listen);
    if (to.port == "0") throw std::runtime_error("http.listen has port 0, which tells no port");
    const connection c(to, clock::now() + std::chrono::milliseconds(o.timeout_ms));
    const std::string path = o.live ? "/livez" : "/readyz";
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" +
                                "User-Agent: stoa-healthcheck\r\nConnection: close\r\n\r\n";
    const auto answer =
        s.http.tls_certificate.empty() ? ask_plain(c, request) : ask_tls(c, request);
    if (answer.starts_with("HTTP/1.1 200 ")) return exit_done;
    const auto body = answer.find("\r\n\r\n");
    const auto what = answer.substr(0, answer.find("\r\n")) + " " +
                      (body == std::string::npos ? "" : answer.substr(body + 4));
    throw std::runtime_error(answer.empty() ? "no answer" : printable(what));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "stoa: not healthy: %s\n", e.what());
    return exit_failed;
  }
}

}  // namespace stoa::cli
