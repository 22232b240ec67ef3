#include "net/outbound/name_resolver.hpp"

#include <array>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <thread>

namespace stoa::outbound {

namespace {

/// Calls of getaddrinfo(3), which may block for longer than the timeout.
constexpr std::size_t threads_max = 8;

std::vector<ip_address> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  std::vector<ip_address> all;
  for (const auto* a = found; a != nullptr; a = a->ai_next) {
    std::array<std::uint8_t, 16> bytes{};
    if (a->ai_family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, a->ai_addr, sizeof v4);
      std::memcpy(bytes.data(), &v4.sin_addr, 4);
      all.push_back(ip_address::v4(bytes.data()));
    } else if (a->ai_family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, a->ai_addr, sizeof v6);
      std::memcpy(bytes.data(), &v6.sin6_addr, 16);
      all.push_back(ip_address::v6(bytes.data()));
    }
  }
  ::freeaddrinfo(found);
  return all;
}

}  // namespace

/// Shared with the threads, which may outlive the resolver.
struct name_resolver::state {
  using steady = std::chrono::steady_clock;
  struct open_request {
    steady::time_point deadline;
    callback done;
  };

  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint64_t, open_request> open;  ///< by number, in order of their deadlines
  std::uint64_t last = 0;
  std::size_t threads = 0;
  bool stopping = false;
  std::thread timer;
  std::chrono::milliseconds timeout{};

  void end(std::uint64_t number, std::vector<ip_address> addresses) {
    callback done;
    {
      const std::lock_guard lock(mutex);
      const auto at = open.find(number);
      if (at == open.end()) return;
      done = std::move(at->second.done);
      open.erase(at);
    }
    done(std::move(addresses));
  }

  /// Ends the requests that have taken too long, and all of them when stopping.
  void watch() {
    std::unique_lock lock(mutex);
    while (!stopping || !open.empty()) {
      if (open.empty()) {
        changed.wait(lock);
        continue;
      }
      const auto first = open.begin();
      if (!stopping && steady::now() < first->second.deadline) {
        const auto until = first->second.deadline;
        changed.wait_until(lock, until);
        continue;
      }
      const auto done = std::move(first->second.done);
      open.erase(first);
      lock.unlock();
      done({});
      lock.lock();
    }
  }
};

name_resolver::name_resolver(std::chrono::milliseconds timeout)
    : state_(std::make_shared<state>()) {
  state_->timeout = timeout;
  state_->timer = std::thread([s = state_.get()] { s->watch(); });
}

name_resolver::~name_resolver() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
  state_->timer.join();
}

bool name_resolver::resolve(std::string host, callback done) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping || state_->threads >= threads_max) return false;
    ++state_->threads;
    number = ++state_->last;
    state_->open.emplace(
        number, state::open_request{state::steady::now() + state_->timeout, std::move(done)});
  }
  state_->changed.notify_all();
  std::thread([s = state_, host = std::move(host), number] {
    s->end(number, addresses_of(host));
    const std::lock_guard lock(s->mutex);
    --s->threads;
  }).detach();
  return true;
}

}  // namespace stoa::outbound
