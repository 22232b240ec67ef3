#pragma once
// One run of a simulated cluster: the faults and the clients of a seed, and the checks.

#include "tests/support/simulated_cluster.hpp"

#include <functional>

namespace stoa::test {

/// The result of a seed.
struct simulated_result {
  std::vector<std::string> violations;
  std::uint64_t fingerprint = 0;      ///< of all steps: equal for equal runs
  std::map<std::string, int> counts;  ///< what happened
};

class simulated_run {
 public:
  simulated_run(std::uint64_t seed, const simulated_store& store)
      : random_(seed), ids_(time_.process, seed), network_(random_) {
    time_.machine.process = &time_.process;
    store.copy_to(folder_.path());
    network_.set_time(time_.process, milliseconds{random_.between(1, 20)});
    for (std::size_t i = 0; i < nodes; ++i) start(i);
    for (std::size_t i = 0; i < commands; ++i) {
      waiting_.push_back({i, now() + microseconds{random_.between(0, faults_until.count())}});
    }
    const auto faults = random_.between(0, faults_max);
    for (std::int64_t i = 0; i < faults; ++i) {
      faults_.push_back(now() + microseconds{random_.between(500'000, faults_until.count())});
    }
    std::ranges::sort(faults_);
    healed_at_ = now() + faults_until;
  }
  ~simulated_run() {
    for (auto& [number, system] : network_.systems) system = nullptr;
    network_.close();
    for (auto& n : nodes_) n.reset();
    graveyard_.clear();
  }
  simulated_run(const simulated_run&) = delete;
  simulated_run& operator=(const simulated_run&) = delete;

  simulated_result run() {
    const auto give_up = now() + limit;
    while (!is_quiet() && now() < give_up && result_.violations.empty()) {
      if (!step()) pass(tick);
    }
    check();
    result_.fingerprint = fingerprint_;
    return std::move(result_);
  }

 private:
  static constexpr std::size_t nodes = 3;
  static constexpr std::size_t commands = 24;
  static constexpr std::uint8_t counters = 4;
  static constexpr std::int64_t faults_max = 8;
  static constexpr microseconds faults_until = seconds{4};
  static constexpr microseconds limit = seconds{60};
  static constexpr microseconds tick = milliseconds{5};
  static constexpr microseconds call_interval = milliseconds{250};
  static constexpr microseconds attempt_limit = seconds{2};
  static constexpr microseconds retry_pause = milliseconds{50};

  struct waiting_command {
    std::size_t number;
    timestamp at;
  };
  struct attempt {
    std::size_t number;  ///< of the command
    timestamp until;
    bool answered = false;
  };

  timestamp now() const { return time_.process.at; }
  static std::uint8_t counter_of(std::size_t command) {
    return static_cast<std::uint8_t>(command % counters);
  }

  // Nodes.

  void start(std::size_t i) {
    auto link = std::make_shared<database_link>();
    link->server_time = &time_.process;
    nodes_[i] = std::make_unique<simulated_node>(i, "node-" + std::to_string(i), folder_.path(),
                                                 ids_, std::move(link));
    network_.systems[i] = &nodes_[i]->system;
    as(*nodes_[i]);
    nodes_[i]->start();
  }
  bool is_up(std::size_t i) const { return nodes_[i] != nullptr; }
  bool runs(std::size_t i) const { return is_up(i) && nodes_[i]->stopped_until <= now(); }
  /// The node whose code runs now, for its machine's clock.
  void as(const simulated_node& n) { time_.machine.offset = &n.clock_offset; }

  void crash(std::size_t i) {
    note("crash", i);
    const bool silently = random_.chance(50);
    nodes_[i]->database().away = true;
    network_.systems[i] = nullptr;
    for (std::size_t other = 0; other < nodes; ++other) {
      if (other != i) network_.reset(i, other, silently);
    }
    graveyard_.push_back(std::move(nodes_[i]));
  }

  void call_others() {
    if (now() < next_call_) return;
    next_call_ = now() + call_interval;
    for (std::size_t a = 0; a < nodes; ++a) {
      for (std::size_t b = 0; b < nodes; ++b) {
        if (a == b || !runs(a) || !is_up(b) || network_.is_cut(a, b)) continue;
        if (nodes_[a]->knows(nodes_[b]->name())) continue;
        as(*nodes_[a]);
        nodes_[a]->call(caf::actor_cast<link_handle>(
            network_.handle(a, b, caf::actor_cast<caf::strong_actor_ptr>(nodes_[b]->link))));
      }
    }
  }

  // Faults.

  void inject() {
    const auto i = random_.below(nodes);
    const auto other = (i + 1 + random_.below(nodes - 1)) % nodes;
    switch (random_.below(9)) {
      case 0:
        if (is_up(i)) crash(i);
        break;
      case 1:
        note("cut", i * nodes + other);
        network_.cut(i, other);
        heals_.push_back({now() + microseconds{random_.between(20'000, 2'000'000)}, i, other});
        break;
      case 2:
        note("isolate", i);
        for (std::size_t o = 0; o < nodes; ++o) {
          if (o == i) continue;
          network_.cut(i, o);
          heals_.push_back({now() + microseconds{random_.between(20'000, 2'000'000)}, i, o});
        }
        break;
      case 3:
        note("reset", i * nodes + other);
        if (is_up(i) && is_up(other)) network_.reset(i, other, random_.chance(30));
        break;
      case 4:
        if (!is_up(i)) break;
        note("stop", i);
        nodes_[i]->stopped_until = now() + microseconds{random_.between(50'000, 2'000'000)};
        break;
      case 5:
        if (!is_up(i)) break;
        note("clock", i);
        nodes_[i]->clock_offset += microseconds{random_.between(-20'000'000, 20'000'000)};
        break;
      case 6:
        if (!is_up(i)) break;
        note("database away", i);
        nodes_[i]->database().away = !nodes_[i]->database().away;
        break;
      case 7:
        if (!is_up(i)) break;
        note("cordon", i);
        as(*nodes_[i]);
        nodes_[i]->cordon(!nodes_[i]->is_cordoned());
        break;
      default:
        if (!is_up(i)) break;
        note("commit lost", i);
        nodes_[i]->database().commits.assign(static_cast<std::size_t>(random_.between(1, 3)),
                                             random_.chance(50)
                                                 ? database_link::outcome::lost
                                                 : database_link::outcome::answer_lost);
    }
  }

  /// The end of the faults: everything works again.
  void heal() {
    note("heal", 0);
    faults_.clear();
    heals_.clear();
    for (std::size_t i = 0; i < nodes; ++i) {
      for (std::size_t o = i + 1; o < nodes; ++o) network_.heal(i, o);
      if (!is_up(i)) start(i);
      nodes_[i]->database().away = false;
      nodes_[i]->database().commits.clear();
      as(*nodes_[i]);
      nodes_[i]->cordon(false);
    }
  }

  void change_faults() {
    if (!faults_.empty() && faults_.front() <= now()) {
      faults_.erase(faults_.begin());
      inject();
    }
    for (auto it = heals_.begin(); it != heals_.end();) {
      if (it->at > now()) {
        ++it;
        continue;
      }
      network_.heal(it->a, it->b);
      it = heals_.erase(it);
    }
    // A supervisor starts a node again.
    for (std::size_t i = 0; i < nodes; ++i) {
      if (!is_up(i) && random_.chance(1)) start(i);
    }
    if (healed_at_ && *healed_at_ <= now()) {
      healed_at_.reset();
      heal();
    }
  }

  // Clients.

  void send_commands() {
    for (std::size_t w = 0; w < waiting_.size();) {
      const auto node = random_.below(nodes);
      if (waiting_[w].at > now() || !is_up(node)) {
        ++w;
        continue;
      }
      const auto number = waiting_[w].number;
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(w));
      send(number, *nodes_[node]);
    }
    for (auto it = attempts_.begin(); it != attempts_.end();) {
      auto& a = **it;
      if (!a.answered && a.until > now()) {
        ++it;
        continue;
      }
      if (!a.answered) retry(a.number);
      a.answered = true;
      it = attempts_.erase(it);
    }
  }
  void retry(std::size_t number) {
    ++result_.counts["retries"];
    waiting_.push_back({number, now() + retry_pause});
  }

  void send(std::size_t number, simulated_node& n) {
    auto a = std::make_shared<attempt>(attempt{number, now() + attempt_limit});
    attempts_.push_back(a);
    auto* port = n.port.get();
    port->post([this, a, port] {
      call_context context;
      context.deadline = now() + seconds{1};
      context.idempotency_scope = "command " + std::to_string(a->number);
      context.fingerprint = "same";
      const auto c = counter_of(a->number);
      port->command("toy", any_message::of(add_to{counter(c), std::to_string(c), 1}),
                    std::move(context), [this, a](const answer& given) { answered(*a, given); });
    });
  }

  void answered(attempt& a, const answer& given) {
    if (std::exchange(a.answered, true)) return;
    if (given.error) {
      const bool transient = given.error->kind == problem_kind::unavailable ||
                             given.error->kind == problem_kind::timeout;
      if (!transient) {
        result_.violations.push_back("command " + std::to_string(a.number) + " was rejected: " +
                                     given.error->code + " " + given.error->detail);
      }
      return retry(a.number);
    }
    acknowledged_.insert(a.number);
    // Nothing is acknowledged before it is durable.
    const auto c = counter_of(a.number);
    const auto stored = number(
        "toy", "SELECT coalesce(sum(n),0) FROM counters WHERE name='" + std::to_string(c) + "'");
    const auto reported = given.value ? static_cast<const count_view*>(given.value.get())->n : 0;
    if (stored < reported || reported == 0) {
      result_.violations.push_back("command " + std::to_string(a.number) + " reported " +
                                   std::to_string(reported) + ", and " + std::to_string(stored) +
                                   " is stored");
    }
  }

  // Steps.

  bool step() {
    std::vector<std::size_t> busy;
    for (std::size_t i = 0; i < nodes; ++i) {
      if (runs(i) && nodes_[i]->scheduler().has_job()) busy.push_back(i);
    }
    const auto picked = random_.below(busy.size() + 1);
    if (picked == busy.size()) {
      if (network_.deliver_one(now())) return true;
      if (busy.empty()) return false;
      return run_job(busy[random_.below(busy.size())]);
    }
    return run_job(busy[picked]);
  }

  bool run_job(std::size_t i) {
    as(*nodes_[i]);
    auto& jobs = nodes_[i]->scheduler().jobs;
    const auto at = random_.below(jobs.size());
    std::rotate(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(at),
                jobs.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    nodes_[i]->scheduler().run_once();
    mix(i * 1000 + at);
    return true;
  }

  void pass(microseconds by) {
    time_.process.at = time_.process.at + by;
    mix(static_cast<std::uint64_t>(by.count()));
    for (std::size_t i = 0; i < nodes; ++i) {
      if (!is_up(i)) continue;
      auto& n = *nodes_[i];
      n.missed += by;
      if (!runs(i)) continue;
      as(n);
      n.scheduler().advance_time(std::exchange(n.missed, microseconds{0}));
    }
    change_faults();
    call_others();
    send_commands();
  }

  void note(const char* what, std::uint64_t about) {
    ++result_.counts[what];
    for (const char* c = what; *c != '\0'; ++c) mix(static_cast<std::uint64_t>(*c));
    mix(about);
  }
  /// FNV-1a.
  void mix(std::uint64_t value) { fingerprint_ = (fingerprint_ ^ value) * 0x100000001B3ULL; }

  // Checks.

  bool is_quiet() {
    if (healed_at_ || acknowledged_.size() < commands || !attempts_.empty()) return false;
    return number("toy", "SELECT count(*) FROM outbox") == 0 && total("counting") == total("toy");
  }

  void check() {
    const auto expect = [this](const std::string& what, std::int64_t found, std::int64_t wanted) {
      if (found == wanted) return;
      result_.violations.push_back(what + ": " + std::to_string(found) + ", not " +
                                   std::to_string(wanted));
    };
    for (const auto* service : {"toy", "counting"}) {
      result_.counts["partitions taken"] +=
          static_cast<int>(number(service, "SELECT sum(epoch) - count(*) FROM partition"));
    }
    const auto all = static_cast<std::int64_t>(commands);
    expect("acknowledged commands", static_cast<std::int64_t>(acknowledged_.size()), all);
    expect("executed commands", total("toy"), all);
    expect("applied events", total("counting"), all);
    expect("events in the outbox", number("toy", "SELECT count(*) FROM outbox"), 0);
    expect("dead letters", number("counting", "SELECT count(*) FROM dead_letter"), 0);
    for (std::uint8_t c = 0; c < counters; ++c) {
      expect("counter " + std::to_string(c),
             number("toy", "SELECT coalesce(sum(n),0) FROM counters WHERE name='" +
                               std::to_string(c) + "'"),
             all / counters);
    }
  }

  std::int64_t total(const std::string& service) {
    return number(service, "SELECT coalesce(sum(n),0) FROM counters");
  }
  std::int64_t number(const std::string& service, const std::string& text) {
    auto& file = files_[service];
    if (!file) {
      file =
          db::open_sqlite(database_path(folder_.path().string(), service), db::sqlite_mode::read);
    }
    // Prepared statements are known by their address.
    static std::map<std::string, db::sql> known;
    const auto& what = known.try_emplace(text, db::sql{text, text}).first->second;
    std::int64_t found = 0;
    file->query({&what, {}}, [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
    return found;
  }

  struct healing {
    timestamp at;
    std::size_t a;
    std::size_t b;
  };

  simulation::random_source random_;
  simulated_time time_;
  replaced_clocks clocks_{time_.process, time_.machine};
  simulation::seeded_ids ids_;
  temp_dir folder_{simulated_store::in_memory()};
  simulated_network network_;
  std::array<std::unique_ptr<simulated_node>, nodes> nodes_;
  std::vector<std::unique_ptr<simulated_node>> graveyard_;
  std::map<std::string, std::unique_ptr<db::connection>> files_;
  std::vector<waiting_command> waiting_;
  std::vector<std::shared_ptr<attempt>> attempts_;
  std::set<std::size_t> acknowledged_;
  std::vector<timestamp> faults_;
  std::vector<healing> heals_;
  std::optional<timestamp> healed_at_;
  timestamp next_call_;
  std::uint64_t fingerprint_ = 0xCBF29CE484222325ULL;
  simulated_result result_;
};

}  // namespace stoa::test
