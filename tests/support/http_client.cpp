#include "tests/support/http_client.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stoa::test {
namespace {

using std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  throw http_failure(what + ": " + std::strerror(errno));
}

/// Waits until the socket is ready; false on timeout.
bool wait_for(int socket, short event, steady_clock::time_point until) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
  pollfd ready{socket, event, 0};
  return left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) > 0;
}

}  // namespace

void http_client::disconnect() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  reader_.reset();
}

void http_client::connect() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    disconnect();
    errno = error;
    fail("connect");
  }
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void http_client::send(std::string_view bytes, deadline until) {
  while (!bytes.empty()) {
    // A body that is too large is answered before it is received completely, and the server reads
    // only part of the rest.
    pollfd answered{socket_, POLLIN, 0};
    if (::poll(&answered, 1, 0) > 0) return;
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      fail("send");
    } else if (!wait_for(socket_, POLLOUT, until)) {
      throw http_failure("the request could not be sent in time");
    }
  }
}

bool http_client::receive(deadline until) {
  if (!wait_for(socket_, POLLIN, until)) throw http_failure("no answer in time");
  std::array<char, 16384> piece{};
  const auto bytes = ::recv(socket_, piece.data(), piece.size(), 0);
  if (bytes < 0) fail("receive");
  reader_.add({piece.data(), static_cast<std::size_t>(bytes)});
  return bytes > 0;
}

http_answer http_client::request(std::string_view method, std::string_view target,
                                 std::string_view body, const header_list& headers) {
  const auto until = steady_clock::now() + limit_;
  // Between two answers the only event is the end of the connection.
  if (socket_ >= 0) {
    pollfd ended{socket_, POLLIN, 0};
    if (::poll(&ended, 1, 0) != 0) disconnect();
  }
  if (socket_ < 0) connect();
  try {
    send(request_text(method, target, body, headers), until);
    while (!reader_.ready()) {
      if (!receive(until)) throw http_failure("the connection ended before the answer");
    }
  } catch (const std::exception& e) {
    disconnect();
    throw http_failure(std::string(method) + " " + std::string(target) + ": " + e.what());
  }
  http_answer answer{reader_.status(), {}, std::string(reader_.body())};
  auto fields = reader_.head();
  fields.remove_prefix(fields.find("\r\n") + 2);
  while (!fields.starts_with("\r\n")) {
    const auto line = fields.substr(0, fields.find("\r\n"));
    const auto colon = line.find(':');
    if (colon != line.npos) {
      const auto begin = line.find_first_not_of(' ', colon + 1);
      answer.headers.emplace_back(line.substr(0, colon),
                                  begin == line.npos ? "" : line.substr(begin));
    }
    fields.remove_prefix(line.size() + 2);
  }
  const bool closes = reader_.closes();
  reader_.next();
  if (closes) disconnect();
  return answer;
}

}  // namespace stoa::test
