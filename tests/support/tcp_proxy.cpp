#include "tests/support/tcp_proxy.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <list>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace stoa::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Maximum buffered bytes in one direction. The proxy does not read from the sender above it.
constexpr std::size_t waiting_max = 4 << 20;

struct piece {
  steady_clock::time_point due;
  std::string bytes;
};

/// One direction of a connection.
struct way {
  int from = -1;
  int to = -1;
  std::deque<piece> waiting;
  std::size_t waiting_bytes = 0;
  bool ended = false;   ///< the sender has closed
  bool closed = false;  ///< the end was forwarded to the receiver
};

struct pair {
  way up;    ///< client to server
  way down;  ///< server to client
  bool answered = true;
  bool broken = false;
  bool with_reset = false;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void prepare(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

}  // namespace

struct tcp_proxy::state {
  state(std::uint16_t server, const tcp_proxy_place& place) : server_port(server) {
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (listener < 0 || wake < 0 ||
        ::inet_pton(AF_INET, place.address.c_str(), &address.sin_addr) != 1 ||
        ::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(listener, 512) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("gate: " + std::string(std::strerror(errno)));
    }
    port = ntohs(address.sin_port);
    worker = std::thread([this, enter = place.enter] {
      if (enter) enter();
      run();
    });
  }
  ~state() {
    change([this] { stopping = true; });
    worker.join();
    ::close(listener);
    ::close(wake);
  }

  /// Changes the state under the lock and wakes the thread.
  template <class Change>
  void change(Change how) {
    {
      const std::lock_guard lock(mutex);
      how();
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
  }
  void end_all(bool with_reset) {
    change([&] {
      for (auto& p : pairs) {
        p.broken = true;
        p.with_reset = with_reset;
      }
    });
  }

  void run();
  void accept_all();
  void read_from(pair& p, way& w, bool is_up);
  void write_to(pair& p, way& w, bool held);
  void close_broken();
  void work(const std::vector<pollfd>& polled);
  std::vector<pollfd> what_to_poll() const;
  milliseconds time_to_next() const;

  mutable std::mutex mutex;
  std::atomic<std::uint16_t> server_port;
  std::uint16_t port = 0;
  int listener = -1;
  int wake = -1;
  std::list<pair> pairs;
  milliseconds late{0};
  bool refusing = false;
  bool holding_up = false;
  bool holding_down = false;
  std::function<bool(std::string_view)> seen;
  std::size_t accepted = 0;
  std::size_t round_trips = 0;
  bool stopping = false;
  std::array<char, 65536> buffer{};  ///< of the thread
  std::thread worker;
};

void tcp_proxy::state::run() {
  for (;;) {
    std::vector<pollfd> polled;
    milliseconds wait{0};
    {
      const std::lock_guard lock(mutex);
      polled = what_to_poll();
      wait = time_to_next();
    }
    ::poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(wake, &count, sizeof count);
    const std::lock_guard lock(mutex);
    work(polled);
    close_broken();
    if (stopping) return;
  }
}

std::vector<pollfd> tcp_proxy::state::what_to_poll() const {
  std::vector<pollfd> polled{{wake, POLLIN, 0}, {listener, POLLIN, 0}};
  auto add = [&](const way& w, bool held) {
    const bool reads = !w.ended && !held && w.waiting_bytes < waiting_max;
    // A closed peer would wake the thread continuously.
    polled.push_back({reads ? w.from : -1, POLLIN, 0});
    const bool writes = !held && !w.waiting.empty() && w.waiting.front().due <= steady_clock::now();
    polled.push_back({writes ? w.to : -1, POLLOUT, 0});
  };
  for (const auto& p : pairs) {
    add(p.up, holding_up);
    add(p.down, holding_down);
  }
  return polled;
}

milliseconds tcp_proxy::state::time_to_next() const {
  auto next = milliseconds{1000};
  const auto now = steady_clock::now();
  auto look = [&](const way& w, bool held) {
    if (held || w.waiting.empty()) return;
    const auto left = std::chrono::ceil<milliseconds>(w.waiting.front().due - now);
    if (left.count() > 0) next = std::min(next, left);
  };
  for (const auto& p : pairs) {
    look(p.up, holding_up);
    look(p.down, holding_down);
  }
  return next;
}

void tcp_proxy::state::work(const std::vector<pollfd>& polled) {
  std::size_t at = 2;
  for (auto& p : pairs) {
    if (polled[at].revents != 0) read_from(p, p.up, true);
    if (polled[at + 2].revents != 0) read_from(p, p.down, false);
    write_to(p, p.up, holding_up);
    write_to(p, p.down, holding_down);
    at += 4;
  }
  if (polled[1].revents != 0) accept_all();
}

void tcp_proxy::state::accept_all() {
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    ++accepted;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(server_port);
    // On loopback a connection succeeds or fails at once.
    if (refusing || server < 0 ||
        ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(client);
      if (server >= 0) ::close(server);
      continue;
    }
    prepare(client);
    prepare(server);
    pair p;
    p.up.from = p.down.to = client;
    p.up.to = p.down.from = server;
    pairs.push_back(std::move(p));
  }
}

void tcp_proxy::state::read_from(pair& p, way& w, bool is_up) {
  const auto size = ::recv(w.from, buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) {
    p.broken = true;
    p.with_reset = errno == ECONNRESET;
    return;
  }
  if (size == 0) {
    w.ended = true;
    return;
  }
  const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  if (is_up) {
    round_trips += p.answered ? 1 : 0;
    if (seen && seen(text)) {
      seen = nullptr;
      holding_down = true;
    }
  }
  p.answered = !is_up;
  w.waiting.push_back({steady_clock::now() + late, std::string(text)});
  w.waiting_bytes += text.size();
}

void tcp_proxy::state::write_to(pair& p, way& w, bool held) {
  const auto now = steady_clock::now();
  while (!held && !w.waiting.empty() && w.waiting.front().due <= now) {
    auto& bytes = w.waiting.front().bytes;
    const auto size = ::send(w.to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size < 0) {
      p.broken = true;
      return;
    }
    w.waiting_bytes -= static_cast<std::size_t>(size);
    bytes.erase(0, static_cast<std::size_t>(size));
    if (!bytes.empty()) return;
    w.waiting.pop_front();
  }
  if (w.ended && !w.closed && !held && w.waiting.empty()) {
    ::shutdown(w.to, SHUT_WR);
    w.closed = true;
    if (p.up.closed && p.down.closed) p.broken = true;
  }
}

void tcp_proxy::state::close_broken() {
  for (auto p = pairs.begin(); p != pairs.end();) {
    if (!p->broken && !stopping) {
      ++p;
      continue;
    }
    for (const int fd : {p->up.from, p->up.to}) {
      const linger at_once{1, 0};
      if (p->with_reset) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      ::close(fd);
    }
    p = pairs.erase(p);
  }
}

tcp_proxy::tcp_proxy(std::uint16_t server_port, const tcp_proxy_place& place)
    : state_(std::make_unique<state>(server_port, place)) {}
tcp_proxy::~tcp_proxy() = default;

std::uint16_t tcp_proxy::port() const {
  return state_->port;
}
void tcp_proxy::lead_to(std::uint16_t server_port) {
  state_->server_port = server_port;
}

void tcp_proxy::cut() {
  state_->end_all(false);
}
void tcp_proxy::reset() {
  state_->end_all(true);
}
void tcp_proxy::refuse(bool on) {
  state_->change([&] { state_->refusing = on; });
}
void tcp_proxy::delay(milliseconds by) {
  state_->change([&] { state_->late = by; });
}
void tcp_proxy::hold() {
  state_->change([&] { state_->holding_up = state_->holding_down = true; });
}
void tcp_proxy::hold_answers() {
  state_->change([&] { state_->holding_down = true; });
}
void tcp_proxy::resume() {
  state_->change([&] {
    state_->holding_up = state_->holding_down = state_->refusing = false;
    state_->seen = nullptr;
  });
}
void tcp_proxy::hold_answers_after(std::function<bool(std::string_view)> seen) {
  state_->change([&] { state_->seen = std::move(seen); });
}
std::size_t tcp_proxy::open_connections() const {
  const std::lock_guard lock(state_->mutex);
  return state_->pairs.size();
}
std::size_t tcp_proxy::accepted() const {
  const std::lock_guard lock(state_->mutex);
  return state_->accepted;
}
std::size_t tcp_proxy::round_trips() const {
  const std::lock_guard lock(state_->mutex);
  return state_->round_trips;
}

}  // namespace stoa::test
