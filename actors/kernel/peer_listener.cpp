#include "actors/kernel/peer_listener.hpp"

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/peer_address.hpp"
#include "actors/kernel/peer_scribe.hpp"
#include "config/log.hpp"

#include <caf/io/all.hpp>

#include <algorithm>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace stoa::kernel {

namespace {

/// Connections accepted in a row before half-open ones are served.
constexpr int accepts_max = 64;
/// Interval between checks for established and closed connections.
constexpr milliseconds look_interval{1000};
/// Pause when accept fails for lack of descriptors, which would otherwise spin.
constexpr milliseconds accept_pause{100};
constexpr int backlog = 512;

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

std::uint16_t port_of(const sockaddr_storage& a) {
  return ntohs(a.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(a).sin6_port
                                       : reinterpret_cast<const sockaddr_in&>(a).sin_port);
}

/// A listening socket on the first usable address of the name.
result<peer_socket> bound(const address& at) {
  std::string why = "name resolution returned no address";
  peer_socket found;
  each_address(at, [&](const addrinfo& a) {
    if (found.fd() >= 0) return;
    peer_socket s(::socket(a.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(s.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (s.fd() < 0 || ::bind(s.fd(), a.ai_addr, a.ai_addrlen) != 0 ||
        ::listen(s.fd(), backlog) != 0) {
      why = reason_of(errno);
      return;
    }
    found = std::move(s);
  });
  if (found.fd() < 0) return unavailable("cannot listen on " + at.str() + ": " + why);
  return found;
}

}  // namespace

bool is_loopback(const sockaddr_storage& a) {
  if (a.ss_family == AF_INET6) {
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(a).sin6_addr);
  }
  constexpr std::uint32_t net = 127;
  const auto host = ntohl(reinterpret_cast<const sockaddr_in&>(a).sin_addr.s_addr);
  return a.ss_family == AF_INET && host >> 24 == net;
}

peer_listener::peer_listener(caf::actor_system& system, service_registry& registry,
                             const peer_credentials& with, link_handle link)
    : system_(system),
      registry_(registry),
      with_(with),
      link_(std::move(link)),
      journal_(std::make_shared<peer_journal>(*registry.metrics)) {}

peer_listener::~peer_listener() {
  stopping_ = true;
  if (wake_.fd() >= 0) static_cast<void>(::eventfd_write(wake_.fd(), 1));
}

result<std::uint16_t> peer_listener::open() {
  auto listening = bound(split_address(registry_.options.cluster.listen));
  if (!listening) return listening.error();
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  ::getsockname(listening->fd(), reinterpret_cast<sockaddr*>(&at), &size);
  if (!with_.any() && !is_loopback(at)) {
    return unavailable("cluster.listen = " + registry_.options.cluster.listen +
                       " is reachable from other machines: set cluster.secret_file, or "
                       "cluster.tls_certificate, cluster.tls_key and cluster.tls_ca");
  }
  wake_ = peer_socket(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (wake_.fd() < 0) return unavailable("cannot listen: " + reason_of(errno));
  listening_ = std::move(*listening);
  port_ = port_of(at);
  thread_ = std::jthread([this] { run(); });
  return result<std::uint16_t>(boost::system::in_place_value, port_);
}

void peer_listener::run() {
  std::vector<pollfd> polled;
  std::vector<place> places;
  while (!stopping_) {
    const auto now = clock::now();
    polled.assign(
        {{wake_.fd(), POLLIN, 0}, {now < paused_until_ ? -1 : listening_.fd(), POLLIN, 0}});
    places.clear();
    for (auto it = half_open_.begin(); it != half_open_.end(); ++it) {
      if (!it->handshake) continue;
      polled.push_back({it->handshake->fd(), it->waits_for, 0});
      places.push_back(it);
    }
    if (::poll(polled.data(), polled.size(), wait_limit(now)) < 0 && errno != EINTR) {
      log::error("failed to poll the cluster port", {{"error", reason_of(errno)}});
      std::this_thread::sleep_for(accept_pause);
      continue;
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (polled[i + 2].revents != 0) advance(places[i]);
    }
    const auto then = clock::now();
    sweep(then);
    if (polled[1].revents != 0) accept_all(then);
  }
}

int peer_listener::wait_limit(clock::time_point now) const {
  if (half_open_.empty() && established_.empty() && closing_.empty() && now >= paused_until_) {
    return -1;
  }
  auto until = now + look_interval;
  if (now < paused_until_) until = std::min(until, paused_until_);
  if (!half_open_.empty()) {
    until = std::min(until, half_open_.front().since + registry_.options.cluster.handshake_timeout);
  }
  const auto left = std::chrono::ceil<milliseconds>(until - now).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

void peer_listener::accept_all(clock::time_point now) {
  for (int i = 0; i < accepts_max; ++i) {
    peer_socket s(::accept4(listening_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (s.fd() >= 0) {
      accept_one(std::move(s), now);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      paused_until_ = now + accept_pause;
      journal_->note(peer_result::limited, reason_of(errno), {});
    }
    if (errno != ECONNABORTED && errno != EINTR) return;
  }
}

void peer_listener::accept_one(peer_socket socket, clock::time_point now) {
  connection c;
  c.address = peer_address(socket.fd());
  if (established_.size() >= registry_.options.cluster.connections_max) {
    return journal_->note(peer_result::limited, "cluster.connections_max", c.address);
  }
  if (closing_.size() >= registry_.options.cluster.handshakes_max) {
    return journal_->note(peer_result::limited, "cluster.handshakes_max", c.address);
  }
  make_room(c.address);
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  ::getpeername(socket.fd(), reinterpret_cast<sockaddr*>(&from), &size);
  c.port = port_of(from);
  c.since = now;
  c.handshake =
      std::make_unique<peer_handshake>(std::move(socket), with_, peer_handshake::side::accepts);
  half_open_.push_back(std::move(c));
  advance(std::prev(half_open_.end()));
}

void peer_listener::make_room(const std::string& address) {
  const auto most = registry_.options.cluster.handshakes_max;
  const auto is_from = [&](const connection& c) { return c.address == address; };
  const auto from_there = static_cast<std::size_t>(std::ranges::count_if(half_open_, is_from));
  if (from_there >= std::max<std::size_t>(1, most / 4)) {
    evict(std::ranges::find_if(half_open_, is_from), peer_result::evicted,
          "too many handshakes from one address");
  } else if (half_open_.size() >= most) {
    evict(half_open_.begin(), peer_result::evicted, "cluster.handshakes_max");
  }
}

peer_listener::place peer_listener::evict(place which, peer_result why, const std::string& reason) {
  if (which->handshake) {
    journal_->note(why, reason, which->address);
  } else {
    const auto progress = which->progress;
    progress->unwanted = true;
    closing_.push_back(progress);
    system_.middleman().backend().post([progress, why, reason] {
      if (progress->scribe != nullptr) progress->scribe->give_up(why, reason);
    });
  }
  return half_open_.erase(which);
}

void peer_listener::advance(place which) {
  switch (which->handshake->advance()) {
    case peer_io::done:
      hand_over(*which);
      break;
    case peer_io::wants_read:
      which->waits_for = POLLIN;
      break;
    case peer_io::wants_write:
      which->waits_for = POLLOUT;
      break;
    case peer_io::closed:
      journal_->note(peer_result::rejected, which->handshake->failure(), which->address);
      half_open_.erase(which);
      break;
  }
}

void peer_listener::hand_over(connection& c) {
  c.progress = std::make_shared<peer_progress>();
  auto scribe = caf::make_counted<peer_scribe>(
      system_, c.handshake->take(),
      peer_scribe_options{basp_inspector::opened_by::peer, c.address, c.port,
                          2 * registry_.options.cluster.dead_after, journal_, c.progress});
  c.handshake.reset();
  caf::anon_send(broker_of(system_), caf::publish_atom::value,
                 caf::io::scribe_ptr(std::move(scribe)), port_,
                 caf::actor_cast<caf::strong_actor_ptr>(link_), std::set<std::string>());
}

void peer_listener::sweep(clock::time_point now) {
  const auto oldest = now - registry_.options.cluster.handshake_timeout;
  for (auto it = half_open_.begin(); it != half_open_.end();) {
    const bool is_proven = it->progress && it->progress->proven;
    if (is_proven) established_.push_back(it->progress);
    if (is_proven || (it->progress && it->progress->closed)) {
      it = half_open_.erase(it);
    } else if (it->since <= oldest) {
      it = evict(it, peer_result::timed_out, "cluster.handshake_timeout_ms");
    } else {
      ++it;
    }
  }
  const auto is_closed = [](const auto& p) { return p->closed.load(); };
  std::erase_if(established_, is_closed);
  std::erase_if(closing_, is_closed);
  journal_->gauges(established_.size(), half_open_.size());
}

}  // namespace stoa::kernel
