// Connects to the peers: periodically resolves their names and calls those that are not connected.
// Every network wait has a time limit; the actor has a dedicated thread.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/peer_address.hpp"
#include "actors/kernel/peer_handshake.hpp"
#include "actors/kernel/peer_scribe.hpp"
#include "actors/kernel/refusal.hpp"
#include "config/log.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <caf/io/all.hpp>

#include <algorithm>
#include <netdb.h>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <system_error>

namespace stoa::kernel {

namespace {

using std::chrono::steady_clock;

constexpr milliseconds connect_limit{1000};

std::set<address> resolve(const std::string& peer) {
  auto name = split_address(peer);
  std::set<address> found;
  bool any = each_address(name, [&](const addrinfo& a) {
    std::array<char, NI_MAXHOST> host{};
    if (::getnameinfo(a.ai_addr, a.ai_addrlen, host.data(), host.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      found.insert({host.data(), name.port});
    }
  });
  if (!any) log::debug("peer has no address", {{"peer", peer}});
  return found;
}

/// Waits until the descriptor is ready; false on timeout or when the node stops.
bool await_ready(int fd, short what, steady_clock::time_point until,
                 const service_registry& registry) {
  static constexpr milliseconds slice{100};
  for (auto now = steady_clock::now(); now < until && !registry.stopping;
       now = steady_clock::now()) {
    const auto left = std::chrono::ceil<milliseconds>(until - now);
    pollfd waiting{fd, what, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::min(left, slice).count())) == 1) return true;
  }
  return false;
}

/// Connects to the address; without a connection `why` has the reason.
peer_socket connected(const address& to, const service_registry& registry, std::string& why) {
  peer_socket found;
  each_address(to, [&](const addrinfo& a) {
    if (found.fd() >= 0) return;
    peer_socket s(::socket(a.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    int error = 0;
    if (s.fd() < 0 || ::connect(s.fd(), a.ai_addr, a.ai_addrlen) != 0) error = errno;
    if (error == EINPROGRESS) {
      error = ETIMEDOUT;
      socklen_t size = sizeof(error);
      if (await_ready(s.fd(), POLLOUT, steady_clock::now() + connect_limit, registry)) {
        ::getsockopt(s.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
      }
    }
    if (error == 0) {
      found = std::move(s);
    } else {
      why = std::generic_category().message(error);
    }
  });
  if (found.fd() < 0 && why.empty()) why = "name resolution returned no address";
  return found;
}

class dialer {
 public:
  dialer(dialer_handle::pointer self, service_registry& registry, const peer_credentials& with,
         link_handle link, endpoint_handle endpoint)
      : self_(self),
        registry_(registry),
        with_(with),
        link_(std::move(link)),
        endpoint_(std::move(endpoint)),
        journal_(std::make_shared<peer_journal>(*registry.metrics)) {}

  void look() {
    learn();
    for (const auto& peer : registry_.options.cluster.peers) {
      for (const auto& to : resolve(peer)) {
        if (registry_.stopping) return;
        auto known = names_.find(to);
        if (known != names_.end() && registry_.members.is_alive(known->second)) continue;
        call(to);
      }
    }
  }

  /// A random time between 0.5 and 1.5 intervals.
  milliseconds pause(milliseconds interval) {
    std::uniform_int_distribution<std::int64_t> any(interval.count() / 2, interval.count() * 3 / 2);
    return milliseconds{any(random_)};
  }

 private:
  /// Learns the addresses of nodes that have called this one, to avoid a second connection.
  void learn() {
    auto& system = self_->system();
    for (const auto& p : registry_.peers()) {
      const bool known =
          std::ranges::any_of(names_, [&](const auto& n) { return n.second == p->name; });
      if (known || p->port == 0) continue;
      caf::scoped_actor waiting{system};
      waiting
          ->request(broker_of(system), registry_.options.cluster.handshake_timeout,
                    caf::get_atom::value, p->endpoint.node())
          .receive(
              [&](const caf::node_id&, const std::string& host, std::uint16_t) {
                names_[{host, p->port}] = p->name;
              },
              [](const caf::error&) {});
    }
  }

  void call(const address& to) {
    const auto why = try_call(to);
    if (why.empty()) return throttle_.over(to.str());
    const auto times = throttle_.happened(to.str(), why, log_throttle::clock::now());
    if (times == 0) return;
    log::warn("peer cannot be reached", {{"address", to.str()}, {"reason", why}, {"times", times}});
  }

  /// Runs the handshake. Returns why it failed; empty: the peer belongs to this cluster.
  std::string shake_hands(peer_handshake& h) {
    const auto until = steady_clock::now() + registry_.options.cluster.handshake_timeout;
    for (;;) {
      const auto step = h.advance();
      if (step == peer_io::done) return {};
      if (step == peer_io::closed) return h.failure();
      if (!await_ready(h.fd(), step == peer_io::wants_read ? POLLIN : POLLOUT, until, registry_)) {
        return "no answer within cluster.handshake_timeout_ms";
      }
    }
  }

  /// An authenticated connection for CAF; null: `why` has the reason.
  caf::io::scribe_ptr scribe_to(const address& to, std::string& why) {
    auto socket = connected(to, registry_, why);
    if (socket.fd() < 0) return nullptr;
    peer_handshake handshake(std::move(socket), with_, peer_handshake::side::calls);
    why = shake_hands(handshake);
    if (!why.empty()) return nullptr;
    return caf::make_counted<peer_scribe>(
        self_->system(), handshake.take(),
        peer_scribe_options{basp_inspector::opened_by::us, to.host, to.port,
                            2 * registry_.options.cluster.dead_after, journal_,
                            std::make_shared<peer_progress>()});
  }

  std::string try_call(const address& to) {
    auto& system = self_->system();
    std::string why;
    auto scribe = scribe_to(to, why);
    if (!scribe) return why;
    caf::scoped_actor waiting{system};
    link_handle there;
    bool itself = false;
    waiting
        ->request(broker_of(system), registry_.options.cluster.handshake_timeout,
                  caf::connect_atom::value, std::move(scribe), to.port)
        .receive(
            [&](const caf::node_id& node, const caf::strong_actor_ptr& found,
                const std::set<std::string>&) {
              itself = node == system.node();
              if (!itself) there = caf::actor_cast<link_handle>(found);
            },
            [&](const caf::error& e) {
              why = e == caf::sec::incompatible_application_ids
                        ? "not a Stoa node, or an incompatible version"
                        : system.render(e);
            });
    if (itself) {
      names_[to] = registry_.members.self();
      return {};
    }
    if (!there) return why.empty() ? "the peer has published no actor" : why;
    waiting
        ->request(there, registry_.options.cluster.handshake_timeout,
                  wire_hello{wire_state_of(registry_, link_, endpoint_)})
        .receive([&](const wire_welcome& w) { why = welcome(to, w); },
                 [&](const caf::error& e) { why = system.render(e); });
    return why;
  }

  std::string welcome(const address& to, const wire_welcome& w) {
    auto state = json::read_lenient<node_state>(w.mine.state);
    if (!state) return "malformed node state";
    if (auto flaw = validation_error_of(*state); !flaw.empty()) return flaw;
    if (!w.refused.empty()) {
      const auto why = cut_short(w.refused, refusal_bytes_max);
      registry_.refused.note(
          state->node, why,
          has_partitions(*state) && !difference(state_of(registry_), *state).empty());
      return state->node + " rejects this node: " + why;
    }
    // Not before: nodes of different clusters may have the same name.
    names_[to] = state->node;
    if (state->node != registry_.members.self()) {
      self_->send(link_, welcome_box{w.mine});
    } else if (w.mine.link != caf::actor_cast<caf::actor>(link_)) {
      return "another node has this node's name, " + state->node;
    }
    return {};
  }

  dialer_handle::pointer self_;
  service_registry& registry_;
  const peer_credentials& with_;
  link_handle link_;
  endpoint_handle endpoint_;
  std::shared_ptr<peer_journal> journal_;
  std::map<address, std::string> names_;
  log_throttle throttle_;
  std::minstd_rand random_{std::random_device{}()};
};

using dialer_self = dialer_handle::stateful_pointer<std::optional<dialer>>;

}  // namespace

dialer_handle spawn_dialer(caf::actor_system& system, service_registry& registry,
                           const peer_credentials& with, link_handle link,
                           endpoint_handle endpoint) {
  return system.spawn<caf::detached>(
      [&registry, &with, link = std::move(link),
       endpoint = std::move(endpoint)](dialer_self self) -> dialer_handle::behavior_type {
        log_exceptions(self, "dialer");
        self->state.emplace(self, registry, with, link, endpoint);
        self->send(self, tick_atom::value);
        return {[self, &registry](tick_atom) {
          self->state->look();
          // Randomized: simultaneous calls of two nodes to each other conflict.
          self->delayed_send(self, self->state->pause(registry.options.cluster.resolve),
                             tick_atom::value);
        }};
      });
}

}  // namespace stoa::kernel
