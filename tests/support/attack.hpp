#pragma once
// Attacks on the running program and their effect on honest clients: the same customers buy and
// read for a time without an attack and for a time during it.
//
// STOA_TEST_ATTACK_SECONDS: length of each of the two periods (default 2; `./dev attack` sets
// more). STOA_TEST_SEED: the random seed (default 1). Attackers and customers have different
// addresses within 127.0.0.0/8, to which the per-client limits apply.

#include "tests/support/load_loop.hpp"
#include "tests/support/storefront.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stoa::test {

std::chrono::milliseconds attack_time();
std::uint64_t attack_seed();

/// 127.0.a.b, for load_connection.
std::uint32_t loopback(int a, int b);

/// Measurements of honest clients.
struct honest_figures {
  double p99_ms = 0;
  int answers = 0;
  int failures = 0;
  std::string first_failure;
};

/// A plain TCP connection of an attacker to a port of this machine; negative when it was refused.
/// The caller closes it.
int attacker_socket(std::uint16_t port, std::uint32_t source);
/// True when the peer has ended the connection; never waits. Discards what was received.
bool is_closed(int socket);

/// Answers to a flood, by status; 0 is no answer.
using flood_answers = std::map<int, int>;
struct flood_plan {
  int connections = 16;
  std::chrono::milliseconds pause{20};  ///< of each connection between an answer and a request
  /// The source of connection number i.
  std::function<std::uint32_t(int)> source = [](int) { return loopback(9, 1); };
  /// The bytes of request number n (of all connections together).
  std::function<std::string(std::uint64_t)> request;
};
/// Sends requests until the attack is over.
flood_answers flood(std::uint16_t port, const std::atomic<bool>& over, const flood_plan& plan);

struct withstand_limits {
  double ratio_max = 2;  ///< of the honest clients' p99 during the attack to that without one
  /// A p99 below this is always accepted: on a busy machine the quiet one varies by chance.
  double p99_ms_floor = 25;
};

class attack_ground {
 public:
  /// Per-client limits apply to all clients; `settings` are added.
  explicit attack_ground(environment settings = {});

  storefront& shop() { return *shop_; }
  std::uint16_t port() { return shop_->port(); }
  const std::string& product() const { return product_; }

  /// Measures, prints one line and checks the limits. `attack` runs in a separate thread and ends
  /// soon after its argument becomes true. The first call also measures once without an attack; all
  /// calls share that result. When the ratio is too high, both are measured again, at most twice,
  /// because the machine may have been busy.
  void withstand(const std::string& name,
                 const std::function<void(const std::atomic<bool>& over)>& attack,
                 withstand_limits limits = {});
  /// The value of a metric without labels or with those given, as `name{a="b"}`; 0 when absent.
  double metric(const std::string& name_and_labels);

 private:
  honest_figures measure(std::chrono::milliseconds time);

  std::unique_ptr<storefront> shop_;
  std::string product_;
  int customers_ = 0;
  std::optional<honest_figures> quiet_;
};

}  // namespace stoa::test
