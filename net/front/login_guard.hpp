#pragma once
// Limits password guessing. Three limits, all checked before the password is hashed:
//
// - per account and client: after some free failures each further failure doubles a delay;
// - per client over all accounts: the same with other values, against password spraying;
// - per account, over all clients not known to it: a rate, with a queue.
//
// A client is known to an account when it has logged in to it from this address before, or presents
// a device token (net/token/device_token.hpp; OWASP's "device cookies"). Known clients are exempt
// from the third limit, so an attacker cannot lock the account's owner out. An owner at a new
// address waits for a turn during an attack. Waiting clients are served in order, and a client with
// fewer failures at this account takes the place of one with more. To delay the owner further, an
// attacker needs an unused address for each turn.
//
// Pure: time and keys are passed in. Values and reasons: docs/limits.md.

#include "net/front/gcra.hpp"
#include "net/front/limit_keys.hpp"
#include "net/front/limit_table.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace stoa::front {

class shared_limits;
struct shared_key;

/// When and for how long a failure delays the next attempt.
struct failure_policy {
  std::int64_t free = 5;          ///< failures without a delay
  std::int64_t delay_min_ns = 0;  ///< after the first failure beyond; doubles with each further one
  std::int64_t delay_max_ns = 0;
  std::int64_t forget_ns = 0;  ///< one failure expires after each such period
  std::int64_t count_max = 0;  ///< maximum number of counted failures

  std::int64_t delay_ns(std::int64_t failures) const;
};

/// The failures of one client.
struct failure_record {
  std::int64_t until_ns = 0;  ///< when the last failure expires
  std::int64_t allowed_at_ns = 0;

  std::int64_t failures(const failure_policy& p, std::int64_t now_ns) const;
  /// Counts an attempt as a failure until take_back(). Returns 0, or the remaining delay: the
  /// attempt is not counted then.
  std::int64_t charge(const failure_policy& p, std::int64_t now_ns);
  void take_back(const failure_policy& p);
  /// Raises the count to include other nodes' failures.
  void raise(const failure_policy& p, std::int64_t to_until_ns, std::int64_t now_ns);
};

/// Login attempts at one account from unknown clients, and the clients that wait for a turn.
struct turn_queue {
  static constexpr std::size_t places_max = 6;
  struct place {
    std::uint64_t client = 0;  ///< 0: free
    std::int64_t at_ns = 0;    ///< time of its turn
    std::int64_t failures = 0;
  };

  std::int64_t until_ns = 0;
  std::array<place, places_max> places{};

  struct answer {
    std::int64_t wait_ns = 0;  ///< 0: it is the client's turn
    bool new_place = false;    ///< the client has just been added to the waiting clients
  };
  /// A late client keeps its turn for `grace_ns`.
  answer take(const rate_limit& limit, std::uint64_t client, std::int64_t failures,
              std::int64_t now_ns);
  static constexpr std::int64_t grace_ns = 30 * second_ns;
};

struct login_limits {
  failure_policy client;      ///< per account and client
  failure_policy site;        ///< per IPv6 /48, over all accounts
  failure_policy address;     ///< per address, over all accounts
  rate_limit account;         ///< per account, over all clients not known to it
  std::int64_t known_ns = 0;  ///< how long a client stays known after a login
  std::size_t clients_max = 131'072;
};

/// A login attempt, before its password is checked.
struct login_attempt {
  std::uint64_t account = 0;
  std::uint64_t address = 0;
  std::optional<std::uint64_t> site{};  ///< the /48 of an IPv6 address
  bool exempt = false;                  ///< no limit per address
  std::optional<std::uint64_t> device;  ///< of a valid device token of the account
};

enum class login_scope : std::uint8_t { none, client, address, site, account };
std::string_view to_string(login_scope s);

struct login_verdict {
  login_scope refused_by = login_scope::none;
  std::int64_t retry_after_ns = 0;
  bool in_turn = false;  ///< the attempt used one of the account's turns

  bool allowed() const { return refused_by == login_scope::none; }
};

/// Thread-safe.
class login_guard {
 public:
  /// `shared` may be null: failures are local to this node.
  login_guard(login_limits limits, const limit_keys& keys, shared_limits* shared);

  /// Whether the password may be checked. Counts the attempt as a failure at once, so that
  /// concurrent attempts count too. Call succeeded() or cancel_attempt() afterwards, or neither for
  /// a failure.
  login_verdict admit(const login_attempt& a, std::int64_t now_ns);
  void succeeded(const login_attempt& a, const login_verdict& v, std::int64_t now_ns);
  /// The password was not checked.
  void cancel_attempt(const login_attempt& a, const login_verdict& v, std::int64_t now_ns);

  /// Merges the count of all nodes: the key expires `ahead_ns` from now.
  void merge(shared_key key, std::int64_t ahead_ns, std::int64_t now_ns);

  std::uint64_t clients() const { return failures_.used(); }
  std::uint64_t evicted() const {
    return failures_.evicted() + turns_.evicted() + known_.evicted();
  }

 private:
  struct known_client {
    std::int64_t until_ns;
  };
  /// A failure count that an attempt is charged to.
  struct charged {
    login_scope scope = login_scope::client;
    std::uint64_t key = 0;
  };
  static constexpr std::size_t charged_max = 3;
  std::size_t charges_of(const login_attempt& a, std::array<charged, charged_max>& out) const;
  std::uint64_t client_key(const login_attempt& a) const;
  std::uint64_t account_key(const login_attempt& a) const;
  std::uint64_t known_key(const login_attempt& a) const;
  const failure_policy& policy_of(login_scope s) const;
  std::int64_t charge(const charged& c, std::int64_t now_ns);
  void take_back(const charged& c, std::int64_t now_ns);
  turn_queue::answer turn(const login_attempt& a, std::int64_t now_ns);
  std::int64_t turns_cap_ns() const;

  const login_limits limits_;
  const limit_keys& keys_;
  shared_limits* shared_;
  limit_table<failure_record> failures_;
  limit_table<turn_queue> turns_;
  limit_table<known_client> known_;
};

}  // namespace stoa::front
