#include "tests/support/load_loop.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace stoa::test {
namespace {

constexpr int events_max = 512;
constexpr std::chrono::milliseconds deadline_interval{500};
constexpr const char* refused = "the connection was refused or reset";

}  // namespace

load_target::load_target(std::uint16_t port) {
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  loopback.sin_port = htons(port);
  std::memcpy(&address, &loopback, sizeof loopback);
  size = sizeof loopback;
}

load_target::load_target(const sockaddr& at, socklen_t bytes) : size(bytes) {
  std::memcpy(&address, &at, bytes);
}

load_loop::load_loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::runtime_error("epoll_create1 failed");
}

load_loop::~load_loop() {
  ::close(epoll_);
}

void load_loop::after(std::chrono::microseconds wait, std::function<void()> then) {
  at(clock::now() + wait, std::move(then));
}

void load_loop::at(clock::time_point when, std::function<void()> then) {
  timers_.emplace(when, std::move(then));
}

std::chrono::nanoseconds load_loop::wait_time() const {
  constexpr std::chrono::nanoseconds longest{999'999'999};
  if (timers_.empty()) return longest;
  const std::chrono::nanoseconds left = timers_.begin()->first - clock::now();
  return std::clamp(left, std::chrono::nanoseconds{0}, longest);
}

void load_loop::run_timers() {
  const auto now = clock::now();
  while (!timers_.empty() && timers_.begin()->first <= now && !stopped_) {
    const auto then = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    then();
  }
}

void load_loop::watch_deadlines() {
  std::vector<load_connection*> late;
  const auto now = clock::now();
  for (auto* c : waiting_) {
    if (c->deadline_ < now) late.push_back(c);
  }
  for (auto* c : late) {
    if (waiting_.contains(c)) c->finish("no answer in time");
  }
  after(deadline_interval, [this] { watch_deadlines(); });
}

void load_loop::run() {
  stopped_ = false;
  if (!std::exchange(is_watching_, true)) watch_deadlines();
  std::array<epoll_event, events_max> events{};
  while (!stopped_) {
    const timespec wait{0, wait_time().count()};
    const int many = ::epoll_pwait2(epoll_, events.data(), events_max, &wait, nullptr);
    for (int i = 0; i < many && !stopped_; ++i) {
      const auto& e = events[static_cast<std::size_t>(i)];
      static_cast<load_connection*>(e.data.ptr)->on_event(e.events);
    }
    run_timers();
  }
}

void load_connection::disconnect() {
  loop_.waiting_.erase(this);
  tls_.reset();
  is_connected_ = false;
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  reader_.reset();
}

bool load_connection::connect() {
  socket_ = ::socket(target_.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source_ != 0) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(source_);
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return false;
    }
  }
  const int status =
      ::connect(socket_, reinterpret_cast<const sockaddr*>(&target_.address), target_.size);
  if (status != 0 && errno != EINPROGRESS) return false;
  if (target_.tls) tls_.emplace(*target_.tls, socket_, target_.host);
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  wanted.data.ptr = this;
  return ::epoll_ctl(loop_.epoll_, EPOLL_CTL_ADD, socket_, &wanted) == 0;
}

/// False when it failed at once: then no task waits.
bool load_connection::begin(std::string text, std::size_t requests, std::coroutine_handle<> h) {
  if (reader_.ready()) {
    const bool closes = reader_.closes();
    reader_.next();
    if (closes) disconnect();
  }
  failure_ = nullptr;
  expected_ = requests;
  earlier_failures_ = 0;
  unsent_ = std::move(text);
  sent_ = 0;
  if (socket_ < 0 && !connect()) failure_ = "no connection";
  if (!failure_ && !write_more()) failure_ = refused;
  if (failure_) {
    disconnect();
    return false;
  }
  waiting_ = h;
  deadline_ = load_loop::clock::now() + limit_;
  loop_.waiting_.insert(this);
  return true;
}

bool load_connection::write_more() {
  while (sent_ < unsent_.size()) {
    const auto rest = std::string_view(unsent_).substr(sent_);
    if (tls_) {
      const auto bytes = tls_->send(rest);
      if (bytes < 0) return bytes == load_tls::again || !is_connected_;
      sent_ += static_cast<std::size_t>(bytes);
      continue;
    }
    const auto bytes = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (bytes < 0) return errno == EAGAIN || errno == ENOTCONN;
    sent_ += static_cast<std::size_t>(bytes);
  }
  return true;
}

void load_connection::on_event(std::uint32_t events) {
  if (!waiting_) {
    // Between two requests the only event is the end of the connection.
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) disconnect();
    return;
  }
  is_connected_ = true;
  // A handshake writes when it has read.
  if (((events & EPOLLOUT) || tls_) && !write_more()) {
    finish(refused);
    return;
  }
  const bool at_end = (events & EPOLLIN) && !receive();
  try {
    if (read_answers()) {
      finish(nullptr);
      return;
    }
  } catch (const std::exception&) {
    finish("not an HTTP answer");
    return;
  }
  if (at_end || (events & (EPOLLHUP | EPOLLERR))) finish(ended);
}

/// True when the last expected answer is there.
bool load_connection::read_answers() {
  while (reader_.ready()) {
    if (expected_ == 1) return true;
    --expected_;
    earlier_failures_ += reader_.status() == 200 ? 0 : 1;
    reader_.next();
  }
  return false;
}

/// Reads the available bytes; false at the end of the connection.
bool load_connection::receive() {
  if (tls_) return receive_tls();
  for (;;) {
    const auto bytes = ::recv(socket_, loop_.buffer_.data(), loop_.buffer_.size(), 0);
    if (bytes < 0) return errno == EAGAIN;
    if (bytes == 0) return false;
    reader_.add({loop_.buffer_.data(), static_cast<std::size_t>(bytes)});
    // A short read means that the buffer is empty; later data raises a new event.
    if (static_cast<std::size_t>(bytes) < loop_.buffer_.size()) return true;
  }
}

bool load_connection::receive_tls() {
  for (;;) {
    const auto bytes = tls_->receive(loop_.buffer_.data(), loop_.buffer_.size());
    if (bytes < 0) return bytes == load_tls::again;
    reader_.add({loop_.buffer_.data(), static_cast<std::size_t>(bytes)});
  }
}

/// Resumes the waiting task. It may destroy this connection, so nothing may follow.
void load_connection::finish(const char* failure) {
  failure_ = failure;
  if (failure && tls_ && tls_->rejection() != nullptr) failure_ = tls_->rejection();
  if (failure) disconnect();
  loop_.waiting_.erase(this);
  std::exchange(waiting_, nullptr).resume();
}

load_answer load_connection::answer() const {
  if (failure_) return {0, {}, failure_};
  return {reader_.status(), reader_.head(), reader_.body()};
}

}  // namespace stoa::test
