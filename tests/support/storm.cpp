#include "tests/support/storm.hpp"

#include <algorithm>
#include <thread>

namespace stoa::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds freeze_time{10};
/// A freeze is long: at most one per this many faults.
constexpr std::int64_t events_a_freeze = 30;
/// For this long after a thaw, clients may still wait for the node's earlier requests.
constexpr seconds thaw_time{8};

}  // namespace

weather::weather(cluster_ground& ground, cluster& nodes, std::uint64_t seed)
    : ground_(ground), nodes_(nodes), random_(seed), busy_(nodes.size(), false) {
  plan();
}

void weather::plan() {
  events_.push_back({"node killed", 6, [this] { kill_node(); }});
  events_.push_back({"node frozen", 2, [this] { freeze_node(); }});
  events_.push_back({"PostgreSQL killed", 2, [this] { kill_postgres(); }});
  events_.push_back({"Redis killed", 2, [this] { kill_redis(); }});
  events_.push_back({"NATS killed", 2, [this] { kill_nats(false); }});
  events_.push_back({"NATS wiped", 2, [this] { kill_nats(true); }});
  for (auto [name, gate] : all_gates()) {
    events_.push_back(
        {"connections of " + name, 2, [this, n = name, g = gate] { disturb(n, *g); }});
  }
}

std::vector<std::pair<std::string, tcp_proxy*>> weather::all_gates() {
  std::vector<std::pair<std::string, tcp_proxy*>> all;
  for (const auto& [name, gate] : ground_.gates()) all.emplace_back(name, gate.get());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    all.emplace_back("node " + std::to_string(i + 1), &nodes_.link(i));
  }
  return all;
}

void weather::add(std::string name, int weight, std::function<void()> happen) {
  events_.push_back({name, weight, [this, name, happen = std::move(happen)] {
                       ++counts_[name];
                       happen();
                     }});
}

void weather::rage(std::int64_t events) {
  freezes_left_ = static_cast<int>(std::max<std::int64_t>(1, events / events_a_freeze));
  for (std::int64_t i = 0; i < events; ++i) {
    const auto until = clock::now() + some_ms(300, 900);
    while (clock::now() < until) {
      run_due();
      std::this_thread::sleep_for(milliseconds{5});
    }
    one_event();
  }
}

void weather::one_event() {
  int weights = 0;
  for (const auto& e : events_) weights += e.weight;
  int at = up_to(weights - 1);
  for (const auto& e : events_) {
    at -= e.weight;
    if (at >= 0) continue;
    e.happen();
    return;
  }
}

void weather::run_due() {
  // Restarts a node that has exited, as a process supervisor does.
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (busy_[i] || nodes_.node(i).running()) continue;
    ++counts_["a node exited"];
    away_.push_back({nodes_.node(i).port(), clock::now(), clock::now() + thaw_time});
    nodes_.node(i).launch();
  }
  while (!due_.empty() && due_.begin()->first <= clock::now()) {
    const auto then = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    then();
  }
}

void weather::calm() {
  while (!due_.empty()) {
    run_due();
    std::this_thread::sleep_for(milliseconds{5});
  }
  for (auto [name, gate] : all_gates()) {
    gate->delay(milliseconds{0});
    gate->resume();
  }
  const auto until = clock::now() + seconds{60};
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (clock::now() > until) break;
    nodes_.node(i).await_ready();
  }
}

void weather::after(milliseconds wait, std::function<void()> then) {
  due_.emplace(clock::now() + wait, std::move(then));
}

milliseconds weather::some_ms(int from, int to) {
  return milliseconds{std::uniform_int_distribution(from, to)(random_)};
}

bool weather::was_frozen(std::uint16_t port, clock::time_point begin, clock::time_point end) const {
  return std::any_of(away_.begin(), away_.end(), [&](const away& a) {
    return a.port == port && a.begin < end && begin < a.end;
  });
}

void weather::kill_node() {
  const auto i = static_cast<std::size_t>(up_to(static_cast<int>(nodes_.size()) - 1));
  if (busy_[i]) return kill_postgres();
  ++counts_["a node killed"];
  busy_[i] = true;
  nodes_.node(i).kill();
  after(some_ms(1000, 3000), [this, i] {
    nodes_.node(i).launch();
    busy_[i] = false;
  });
}

void weather::freeze_node() {
  const auto i = static_cast<std::size_t>(up_to(static_cast<int>(nodes_.size()) - 1));
  if (busy_[i] || freezes_left_ == 0) return kill_node();
  --freezes_left_;
  ++counts_["a node frozen"];
  busy_[i] = true;
  nodes_.node(i).freeze();
  away_.push_back({nodes_.node(i).port(), clock::now(), clock::now() + freeze_time + thaw_time});
  after(freeze_time, [this, i] {
    nodes_.node(i).thaw();
    busy_[i] = false;
  });
}

void weather::kill_postgres() {
  if (std::exchange(postgres_down_, true)) return disturb("postgres", *ground_.gates()[0].second);
  ++counts_["PostgreSQL killed"];
  ground_.postgres().kill();
  after(some_ms(200, 1500), [this] {
    ground_.postgres().start();
    postgres_down_ = false;
  });
}

void weather::kill_redis() {
  if (!ground_.has_redis() || std::exchange(redis_down_, true)) return kill_node();
  ++counts_["Redis killed"];
  ground_.redis().kill();
  after(some_ms(200, 1500), [this] {
    ground_.redis().start();
    redis_down_ = false;
  });
}

void weather::kill_nats(bool wiped) {
  if (!ground_.has_nats() || std::exchange(nats_down_, true)) return kill_node();
  ++counts_[wiped ? "NATS wiped" : "NATS killed"];
  if (wiped) {
    ground_.nats().wipe();
  } else {
    ground_.nats().kill();
  }
  after(some_ms(200, 1500), [this] {
    ground_.nats().start();
    nats_down_ = false;
  });
}

void weather::disturb(const std::string& name, tcp_proxy& gate) {
  switch (up_to(4)) {
    case 0:
      ++counts_["connections cut: " + name];
      return gate.cut();
    case 1:
      ++counts_["connections reset: " + name];
      return gate.reset();
    case 2:
      ++counts_["connections delayed: " + name];
      gate.delay(some_ms(20, 300));
      return after(some_ms(500, 2000), [&gate] { gate.delay(milliseconds{0}); });
    case 3:
      ++counts_["connections held: " + name];
      gate.hold();
      return after(some_ms(500, 3000), [&gate] { gate.resume(); });
    default:
      ++counts_["answers held: " + name];
      gate.hold_answers();
      return after(some_ms(500, 3000), [&gate] { gate.resume(); });
  }
}

}  // namespace stoa::test
