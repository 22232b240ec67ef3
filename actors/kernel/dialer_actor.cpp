// Finds the peers: resolves their names again and again, and calls who is not connected. Every wait
// for the network has a limit; this actor has a thread of its own.

#include "actors/kernel/cluster.hpp"
#include "actors/kernel/refusal.hpp"
#include "config/log.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

#include <algorithm>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

namespace stoa::kernel {

namespace {

constexpr milliseconds connect_limit{1000};
constexpr seconds handshake_limit{3};

struct address {
  std::string host;  ///< numeric
  std::uint16_t port = 0;
  auto operator<=>(const address&) const = default;
  std::string str() const { return host + ":" + std::to_string(port); }
};

/// host:port or [host]:port.
address split(const std::string& text) {
  auto colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {host, static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)))};
}

/// Calls back with each address of the name and its socket address; false when it has none.
template <class Body>
bool each_address(const address& name, Body body) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(name.host.c_str(), std::to_string(name.port).c_str(), &hints, &list) != 0) {
    return false;
  }
  for (const addrinfo* a = list; a; a = a->ai_next) body(*a);
  ::freeaddrinfo(list);
  return true;
}

std::set<address> resolve(const std::string& peer) {
  auto name = split(peer);
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

/// Whether somebody listens there. CAF's own attempt would wait for minutes where nobody answers.
bool listens(const address& to) {
  bool open = false;
  each_address(to, [&](const addrinfo& a) {
    if (open) return;
    int s = ::socket(a.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s < 0) return;
    int rc = ::connect(s, a.ai_addr, a.ai_addrlen);
    pollfd waiting{s, POLLOUT, 0};
    if (rc != 0 && errno == EINPROGRESS &&
        ::poll(&waiting, 1, static_cast<int>(connect_limit.count())) == 1) {
      socklen_t size = sizeof(rc);
      ::getsockopt(s, SOL_SOCKET, SO_ERROR, &rc, &size);
    }
    open = rc == 0;
    ::close(s);
  });
  return open;
}

class dialer {
 public:
  dialer(caf::event_based_actor* self, directory& all, caf::actor link, caf::actor gate)
      : self_(self), all_(all), link_(std::move(link)), gate_(std::move(gate)) {}

  void look() {
    learn();
    for (const auto& peer : all_.options.cluster.peers) {
      for (const auto& to : resolve(peer)) {
        if (all_.stopping) return;
        auto known = names_.find(to);
        if (known != names_.end() && all_.members.is_alive(known->second)) continue;
        call(to);
      }
    }
  }

  /// Half to one and a half of the interval.
  milliseconds pause(milliseconds interval) {
    std::uniform_int_distribution<std::int64_t> any(interval.count() / 2, interval.count() * 3 / 2);
    return milliseconds{any(random_)};
  }

 private:
  /// The addresses of nodes that have called this one: a second connection between two nodes is of
  /// no use, and CAF's TLS drops both when there is one.
  void learn() {
    auto& system = self_->system();
    for (const auto& p : all_.peers()) {
      const bool known =
          std::ranges::any_of(names_, [&](const auto& n) { return n.second == p->name; });
      if (known || p->port == 0) continue;
      caf::scoped_actor waiting{system};
      waiting
          ->request(system.middleman().actor_handle(), handshake_limit, caf::get_atom::value,
                    p->gate.node())
          .receive(
              [&](const caf::node_id&, const std::string& host, std::uint16_t) {
                names_[{host, p->port}] = p->name;
              },
              [](const caf::error&) {});
    }
  }

  void call(const address& to) {
    const auto why = try_call(to);
    if (why.empty()) return troubles_.over(to.str());
    const auto times = troubles_.happened(to.str(), why, trouble_log::clock::now());
    if (times == 0) return;
    log::warn("peer cannot be reached", {{"address", to.str()}, {"reason", why}, {"times", times}});
  }

  std::string try_call(const address& to) {
    auto& system = self_->system();
    const bool tls = !all_.options.cluster.tls_certificate.empty();
    if (!listens(to)) return "nobody listens there";
    auto manager =
        tls ? system.openssl_manager().actor_handle() : system.middleman().actor_handle();
    caf::scoped_actor waiting{system};
    caf::actor there;
    std::string why;
    bool itself = false;
    waiting->request(manager, handshake_limit, caf::connect_atom::value, to.host, to.port)
        .receive(
            [&](const caf::node_id& node, const caf::strong_actor_ptr& found,
                const std::set<std::string>&) {
              itself = node == system.node();
              if (!itself) there = caf::actor_cast<caf::actor>(found);
            },
            [&](const caf::error& e) {
              why = e == caf::sec::incompatible_application_ids
                        ? "it is no node of this program, or of an incompatible version"
                        : system.render(e);
            });
    if (itself) {
      names_[to] = all_.members.self();
      return {};
    }
    if (!there) return why.empty() ? "it has nothing to say" : why;
    waiting
        ->request(there, handshake_limit, wire_hello{{json::write(state_of(all_)), link_, gate_}})
        .receive([&](const wire_welcome& w) { why = welcome(to, w); },
                 [&](const caf::error& e) { why = system.render(e); });
    return why;
  }

  std::string welcome(const address& to, const wire_welcome& w) {
    auto state = json::read_lenient<node_state>(w.mine.state);
    if (!state) return "its state cannot be read";
    if (!w.refused.empty()) return state->node + " refuses this node: " + w.refused;
    // Not before: nodes of two clusters may have one name.
    names_[to] = state->node;
    if (state->node != all_.members.self()) {
      self_->send(link_, welcome_box{w.mine});
    } else if (w.mine.link != link_) {
      return "it has the name of this node, " + state->node;
    }
    return {};
  }

  caf::event_based_actor* self_;
  directory& all_;
  caf::actor link_;
  caf::actor gate_;
  std::map<address, std::string> names_;
  trouble_log troubles_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace

caf::behavior dialer_actor(caf::event_based_actor* self, directory& all, caf::actor link,
                           caf::actor gate) {
  auto d = std::make_shared<dialer>(self, all, std::move(link), std::move(gate));
  self->send(self, tick_atom::value);
  return {
      [=, &all](tick_atom) {
        d->look();
        // Not in step: two nodes that call each other at the same moment get in each other's way.
        self->delayed_send(self, d->pause(all.options.cluster.resolve), tick_atom::value);
      },
  };
}

void configure_cluster(caf::actor_system_config& config, const directory& all) {
  const auto& o = all.options.cluster;
  config.add_message_type<wire_watch>("stoa.watch");
  config.add_message_type<wire_request>("stoa.request");
  config.add_message_type<wire_requests>("stoa.requests");
  config.add_message_type<wire_replay>("stoa.replay");
  config.add_message_type<wire_answer>("stoa.answer");
  config.add_message_type<wire_answers>("stoa.answers");
  config.add_message_type<wire_delivery>("stoa.delivery");
  config.add_message_type<wire_deliveries>("stoa.deliveries");
  config.add_message_type<wire_verdict>("stoa.verdict");
  config.add_message_type<wire_verdicts>("stoa.verdicts");
  config.add_message_type<wire_state>("stoa.state");
  config.add_message_type<wire_hello>("stoa.hello");
  config.add_message_type<wire_welcome>("stoa.welcome");
  if (!guards_basp()) log::warn("this build trusts lengths that strangers name");
  config.load<caf::io::middleman>();
  // Peers of another protocol are refused before a word is said.
  config.set("middleman.app-identifiers",
             std::vector<std::string>{"stoa/" + std::to_string(wire_protocol)});
  // Messages are a few texts: reading them in the thread that gets them costs less than waking
  // another one for it.
  config.set("middleman.workers", std::size_t{0});
  config.set("middleman.heartbeat-interval", caf::timespan{o.heartbeat});
  config.set("middleman.connection-timeout", caf::timespan{o.dead_after});
  if (!o.tls_certificate.empty()) {
    if (!guards_openssl()) throw std::runtime_error("this build cannot speak TLS between nodes");
    config.load<caf::openssl::manager>();
    config.openssl_certificate = o.tls_certificate;
    config.openssl_key = o.tls_key;
    config.openssl_cafile = o.tls_ca;
  }
}

result<std::uint16_t> publish_link(caf::actor_system& system, const directory& all,
                                   const caf::actor& link) {
  auto at = split(all.options.cluster.listen);
  auto port = all.options.cluster.tls_certificate.empty()
                  ? system.middleman().publish(link, at.port, at.host.c_str(), true)
                  : caf::openssl::publish(link, at.port, at.host.c_str(), true);
  if (!port)
    return unavailable("cannot listen at " + at.str() + ": " + system.render(port.error()));
  return result<std::uint16_t>(boost::system::in_place_value, *port);
}

}  // namespace stoa::kernel
