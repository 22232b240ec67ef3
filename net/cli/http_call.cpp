#include "net/cli/http_call.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <memory>
#include <netdb.h>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace stoa::cli {

namespace {

using clock = std::chrono::steady_clock;

std::string shown(const http_place& p) {
  const bool v6 = p.host.find(':') != std::string::npos;
  return (v6 ? "[" + p.host + "]" : p.host) + ":" + p.port;
}

/// A TCP connection whose every wait ends when the time is up.
class connection {
 public:
  connection(const http_place& to, clock::time_point until) : until_(until) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &found) != 0) {
      throw std::runtime_error("no such address: " + to.host);
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    for (const auto* a = found; a != nullptr && socket_ < 0; a = a->ai_next) connect(*a);
    if (socket_ < 0) throw std::runtime_error("nothing answers at " + shown(to));
  }
  ~connection() { ::close(socket_); }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  int socket() const { return socket_; }

  /// Lets the next wait of the socket last no longer than what is left of the time.
  void limit_wait(int socket) const {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(until_ - clock::now());
    if (left.count() <= 0) throw std::runtime_error("no answer in time");
    const timeval wait{left.count() / 1'000'000, left.count() % 1'000'000};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  }
  void limit_wait() const { limit_wait(socket_); }

 private:
  void connect(const addrinfo& to) {
    const int made = ::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) throw std::runtime_error("no socket");
    try {
      limit_wait(made);
    } catch (...) {
      ::close(made);
      throw;
    }
    if (::connect(made, to.ai_addr, to.ai_addrlen) == 0) {
      socket_ = made;
    } else {
      ::close(made);
    }
  }

  clock::time_point until_;
  int socket_ = -1;
};

std::string lower(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return made;
}

/// The first header field of that name; nothing when there is none.
std::optional<std::string_view> field_of(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
    auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(':');
    if (colon == line.npos || lower(line.substr(0, colon)) != lower(name)) continue;
    line.remove_prefix(colon + 1);
    while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
    return line;
  }
  return std::nullopt;
}

/// What the head says of how long the body is; nothing: it ends with the connection.
std::optional<std::size_t> content_length(std::string_view head) {
  if (field_of(head, "transfer-encoding")) {
    throw std::runtime_error("the answer has a transfer coding that is not supported");
  }
  const auto field = field_of(head, "content-length");
  if (!field) return std::nullopt;
  std::size_t length = 0;
  if (std::from_chars(field->data(), field->data() + field->size(), length).ec != std::errc{}) {
    throw std::runtime_error("the answer has no valid length");
  }
  return length;
}

http_reply parse(const std::string& answer) {
  const auto head_end = answer.find("\r\n\r\n");
  http_reply r;
  r.status_line = answer.substr(0, answer.find("\r\n"));
  constexpr std::string_view version = "HTTP/1.1 ";
  const char* digits = answer.data() + version.size();
  if (answer.empty()) throw std::runtime_error("no answer");
  if (head_end == std::string::npos || !answer.starts_with(version) ||
      std::from_chars(digits, digits + 3, r.status).ptr != digits + 3) {
    throw std::runtime_error("the answer is not one of HTTP/1.1");
  }
  r.head = answer.substr(0, head_end);
  r.body = answer.substr(head_end + 4);
  const auto length = content_length(r.head);
  if (length && r.body.size() < *length) throw std::runtime_error("the answer broke off");
  if (length) r.body.resize(*length);
  return r;
}

/// Sends the request by `send` and collects what `receive` gives until the server closes.
template <class Send, class Receive>
std::string exchange(const connection& c, std::string_view request, Send send, Receive receive) {
  while (!request.empty()) {
    c.limit_wait();
    const long sent = send(request.data(), request.size());
    // A server that refuses a body answers and closes before it has read all of it.
    if (sent <= 0) break;
    request.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string answer;
  std::array<char, 16384> part{};
  for (;;) {
    c.limit_wait();
    const long got = receive(part.data(), part.size());
    if (got <= 0) break;
    answer.append(part.data(), static_cast<std::size_t>(got));
    if (answer.size() > answer_bytes_max) throw std::runtime_error("the answer is too long");
  }
  if (answer.empty() && !request.empty()) {
    throw std::runtime_error("the request could not be sent");
  }
  return answer;
}

std::string ask_plain(const connection& c, const std::string& request) {
  return exchange(
      c, request,
      [&](const char* p, std::size_t n) { return ::send(c.socket(), p, n, MSG_NOSIGNAL); },
      [&](char* p, std::size_t n) { return ::recv(c.socket(), p, n, 0); });
}

/// Lets the handshake fail unless the certificate is valid for the host.
bool demand_certificate(SSL_CTX* context, SSL* tls, const std::string& host) {
  SSL_set_verify(tls, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_set_default_verify_paths(context) != 1) return false;
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1) return true;
  return SSL_set1_host(tls, host.c_str()) == 1 && SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
}

std::string ask_tls(const connection& c, const http_place& place, const std::string& request) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's writes cannot be told MSG_NOSIGNAL
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(context ? SSL_new(context.get()) : nullptr,
                                                      &SSL_free);
  if (!tls || SSL_set_fd(tls.get(), c.socket()) != 1 ||
      (place.check_certificate && !demand_certificate(context.get(), tls.get(), place.host))) {
    throw std::runtime_error("TLS cannot be set up");
  }
  c.limit_wait();
  if (SSL_connect(tls.get()) != 1) {
    const long verdict = SSL_get_verify_result(tls.get());
    if (!place.check_certificate || verdict == X509_V_OK) {
      throw std::runtime_error("no TLS connection");
    }
    throw std::runtime_error(std::string("the server's certificate: ") +
                             X509_verify_cert_error_string(verdict));
  }
  return exchange(
      c, request,
      [&](const char* p, std::size_t n) -> long {
        return SSL_write(tls.get(), p, static_cast<int>(n));
      },
      [&](char* p, std::size_t n) -> long { return SSL_read(tls.get(), p, static_cast<int>(n)); });
}

}  // namespace

std::string http_reply::header(std::string_view name) const {
  return std::string(field_of(head, name).value_or(""));
}

http_place parse_http_place(const std::string& url) {
  http_place place;
  std::string_view rest = url;
  place.tls = rest.starts_with("https://");
  if (!place.tls && !rest.starts_with("http://")) {
    throw std::invalid_argument("it must begin with http:// or https://");
  }
  rest.remove_prefix(rest.find("://") + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  for (const char c : rest) {
    if (c <= ' ' || c > '~' || std::string_view("/?#@\\").find(c) != std::string_view::npos) {
      throw std::invalid_argument("after the scheme only host:port is taken");
    }
  }
  const bool bracketed = rest.starts_with('[');
  const auto host_end = bracketed ? rest.find(']') : rest.find(':');
  place.host = std::string(rest.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0)));
  std::string_view after;
  if (host_end != rest.npos) after = rest.substr(host_end + (bracketed ? 1 : 0));
  int port = place.tls ? 443 : 80;
  if (!after.empty()) {
    const char* end = after.data() + after.size();
    const auto read = std::from_chars(after.data() + 1, end, port);
    if (after[0] != ':' || read.ec != std::errc{} || read.ptr != end) port = 0;
  }
  if (port < 1 || port > 65535) throw std::invalid_argument("the port is not one of 1 to 65535");
  if (place.host.empty() || (bracketed && host_end == rest.npos)) {
    throw std::invalid_argument("it names no host");
  }
  place.port = std::to_string(port);
  return place;
}

http_reply http_call(const http_place& place, const http_question& question,
                     std::chrono::milliseconds limit) {
  const connection c(place, clock::now() + limit);
  std::string request = question.method + " " + question.target +
                        " HTTP/1.1\r\nHost: " + shown(place) + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : question.headers) request += name + ": " + value + "\r\n";
  if (!question.body.empty()) {
    request += "Content-Type: " + question.content_type +
               "\r\nContent-Length: " + std::to_string(question.body.size()) + "\r\n";
  }
  request += "\r\n" + question.body;
  return parse(place.tls ? ask_tls(c, place, request) : ask_plain(c, request));
}

}  // namespace stoa::cli
