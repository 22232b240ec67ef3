#pragma once
// The connections between simulated nodes, in place of CAF's middleman. Each node has a separate
// actor system, and refers to an actor of another node by a proxy, which puts messages into the
// connection. Messages of a connection arrive in order, after a delay; a cut holds or drops them.

#include "actors/kernel/wire.hpp"
#include "storage/base/time.hpp"
#include "tests/simulation/random.hpp"

#include <caf/actor_proxy.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <vector>

namespace stoa::test {

class simulated_network {
 public:
  explicit simulated_network(simulation::random_source& random) : random_(random) {}

  /// The nodes' actor systems by number; null: the node is down.
  std::map<std::size_t, caf::actor_system*> systems;

  /// The node's handle of an actor of another node.
  caf::strong_actor_ptr handle(std::size_t at, std::size_t of, const caf::strong_actor_ptr& real) {
    if (at == of || !real) return real;
    if (const auto known = reals_.find(real.get()); known != reals_.end()) {
      return known->second;  // The node's own actor comes back.
    }
    auto& made = proxies_[{at, real.get()}];
    if (made == nullptr) {
      auto& system = *systems.at(at);
      caf::actor_config config;
      made = caf::make_actor<proxy, caf::strong_actor_ptr>(system.next_actor_id(), system.node(),
                                                           &system, config, *this, at, of, real);
      reals_.emplace(made.get(), real);
      owners_.emplace(made.get(), std::pair{at, of});
    }
    return made;
  }

  bool is_cut(std::size_t a, std::size_t b) const { return cut_.contains(std::minmax(a, b)); }
  /// Holds all messages between the two nodes.
  void cut(std::size_t a, std::size_t b) { cut_.insert(std::minmax(a, b)); }
  void heal(std::size_t a, std::size_t b) { cut_.erase(std::minmax(a, b)); }
  /// Ends the connection: what is in flight is lost, and both nodes are notified. `silently`:
  /// neither is, as if the other machine had lost its power.
  void reset(std::size_t a, std::size_t b, bool silently) {
    flying_.erase({a, b});
    flying_.erase({b, a});
    std::vector<caf::strong_actor_ptr> gone;
    for (auto it = proxies_.begin(); it != proxies_.end();) {
      const auto [at, of] = owners_.at(it->second.get());
      if (std::minmax(at, of) != std::minmax(a, b)) {
        ++it;
        continue;
      }
      if (!silently && systems.at(at) != nullptr) gone.push_back(it->second);
      // It stays known until the end, as a late message may carry it.
      retired_.push_back(it->second);
      it = proxies_.erase(it);
    }
    // By id: addresses differ between runs.
    std::ranges::sort(gone, {}, [](const auto& p) { return p->id(); });
    for (const auto& p : gone) {
      static_cast<proxy*>(caf::actor_cast<caf::abstract_actor*>(p))
          ->kill_proxy(nullptr, caf::exit_reason::remote_link_unreachable);
    }
  }

  /// Delivers one message that has arrived; false: there is none.
  bool deliver_one(timestamp now) {
    std::vector<std::pair<std::size_t, std::size_t>> ready;
    for (const auto& [way, queue] : flying_) {
      if (!queue.empty() && queue.front().at <= now && !is_cut(way.first, way.second)) {
        ready.push_back(way);
      }
    }
    if (ready.empty()) return false;
    const auto way = ready[random_.below(ready.size())];
    auto m = std::move(flying_[way].front());
    flying_[way].pop_front();
    if (systems.at(way.second) == nullptr) return true;
    translate(m.content, way.first, way.second);
    auto sender = handle(way.second, way.first, m.sender);
    caf::actor_cast<caf::abstract_actor*>(m.to)->enqueue(std::move(sender), m.id,
                                                         std::move(m.content), nullptr);
    return true;
  }

  void set_time(const clock& now, microseconds delay_max) {
    now_ = &now;
    delay_max_ = delay_max;
  }
  /// Releases all handles; the actor systems can then end.
  void close() {
    flying_.clear();
    proxies_.clear();
    reals_.clear();
    owners_.clear();
    retired_.clear();
    closed_ = true;
  }

 private:
  struct flight {
    timestamp at;
    caf::strong_actor_ptr sender;
    caf::strong_actor_ptr to;
    caf::message_id id;
    caf::message content;
  };

  class proxy final : public caf::actor_proxy {
   public:
    proxy(caf::actor_config& config, simulated_network& network, std::size_t at, std::size_t of,
          caf::strong_actor_ptr real)
        : caf::actor_proxy(config), network_(network), at_(at), of_(of), real_(std::move(real)) {}
    void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
      network_.send(at_, of_, std::move(what->sender), real_, what->mid,
                    what->move_content_to_message());
    }
    void kill_proxy(caf::execution_unit* where, caf::error reason) override {
      cleanup(std::move(reason), where);
    }

   private:
    simulated_network& network_;
    std::size_t at_;
    std::size_t of_;
    caf::strong_actor_ptr real_;
  };

  void send(std::size_t from, std::size_t to, caf::strong_actor_ptr sender,
            caf::strong_actor_ptr real, caf::message_id id, caf::message content) {
    // A proxy that was retired belongs to a connection that has ended.
    if (closed_ || !proxies_.contains({from, real.get()})) return;
    auto& queue = flying_[{from, to}];
    auto at = now_->now() + microseconds{random_.between(100, delay_max_.count())};
    if (!queue.empty()) at = std::max(at, queue.back().at);
    queue.push_back({at, std::move(sender), std::move(real), id, std::move(content)});
  }

  /// The handles in a message become those of the receiving node.
  void translate(caf::message& m, std::size_t from, std::size_t to) {
    const auto change = [&](kernel::wire_state& s) {
      for (auto* a : {&s.link, &s.endpoint}) {
        *a = caf::actor_cast<caf::actor>(
            handle(to, from, caf::actor_cast<caf::strong_actor_ptr>(*a)));
      }
    };
    if (m.match_elements<kernel::wire_state>()) {
      change(m.get_mutable_as<kernel::wire_state>(0));
    } else if (m.match_elements<kernel::wire_hello>()) {
      change(m.get_mutable_as<kernel::wire_hello>(0).mine);
    } else if (m.match_elements<kernel::wire_welcome>()) {
      change(m.get_mutable_as<kernel::wire_welcome>(0).mine);
    }
  }

  simulation::random_source& random_;
  const clock* now_ = nullptr;
  microseconds delay_max_{1000};
  bool closed_ = false;
  std::map<std::pair<std::size_t, std::size_t>, std::deque<flight>> flying_;
  std::set<std::pair<std::size_t, std::size_t>> cut_;
  std::map<std::pair<std::size_t, const caf::actor_control_block*>, caf::strong_actor_ptr> proxies_;
  std::map<const caf::actor_control_block*, caf::strong_actor_ptr> reals_;
  std::map<const caf::actor_control_block*, std::pair<std::size_t, std::size_t>> owners_;
  std::vector<caf::strong_actor_ptr> retired_;
};

}  // namespace stoa::test
