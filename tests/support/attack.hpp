#pragma once
// Attacks on the running program, and what honest clients notice of them: the same customers buy
// and read for a while without an attack and for a while during it.
//
// STOA_TEST_ATTACK_SECONDS: how long each of the two takes (2 by default; `./dev attack` sets
// more). STOA_TEST_SEED: the seed of all that is random (1 by default). Attackers and customers
// have addresses of their own within 127.0.0.0/8, to which the limits of clients apply.

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

/// What honest clients have met.
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

/// Answers that a flood got, by status; 0 stands for none.
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
  /// A p99 below is never too long: on a busy machine the quiet one is a matter of luck.
  double p99_ms_floor = 25;
};

class attack_ground {
 public:
  /// Limits per client apply to all clients; `settings` come on top.
  explicit attack_ground(environment settings = {});

  storefront& shop() { return *shop_; }
  std::uint16_t port() { return shop_->port(); }
  const std::string& product() const { return product_; }

  /// Measures, prints one line and checks the limits. `attack` runs in a thread of its own and ends
  /// soon after its argument has become true. The first attack is preceded by a measurement without
  /// one, which is used for all of them. When the ratio is too high both are measured again, at
  /// most twice, for the machine may have been busy with something else.
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
