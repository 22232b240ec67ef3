#pragma once
// How often a password may be guessed. Three limits, all before the password is hashed:
//
// - per account and client: after some free failures each further one doubles a delay;
// - per client over all accounts: the same, with other figures, against password spraying;
// - per account, over all clients that are not known to it: a rate, in turn.
//
// A client is known to an account when it has logged in to it from this address before, or shows a
// device token (net/token/device_token.hpp; OWASP's "device cookies"). Known clients are not
// subject to the third limit, so an attacker cannot lock the owner of an account out. An owner at a
// new address during an attack waits for a turn. Waiting clients are served in order, and a client
// with fewer failures at this account takes the place of one with more. To delay the owner further,
// an attacker needs an address that has not been used before for each turn.
//
// Pure: time and keys are the caller's. Figures and reasons: docs/limits.md.

#include "net/front/gcra.hpp"
#include "net/front/limit_keys.hpp"
#include "net/front/limit_table.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace stoa::front {

class shared_limits;
struct shared_key;

/// When a failure delays the next attempt, and for how long.
struct failure_policy {
  std::int64_t free = 5;          ///< failures without a delay
  std::int64_t delay_min_ns = 0;  ///< after the first failure beyond; doubles with each further one
  std::int64_t delay_max_ns = 0;
  std::int64_t forget_ns = 0;  ///< one failure is forgotten after each such time
  std::int64_t count_max = 0;  ///< failures remembered

  std::int64_t delay_ns(std::int64_t failures) const;
};

/// What is known of the failures of one client.
struct failure_record {
  std::int64_t until_ns = 0;  ///< when the last of them is forgotten
  std::int64_t allowed_at_ns = 0;

  std::int64_t failures(const failure_policy& p, std::int64_t now_ns) const;
  /// Counts an attempt as a failure, until it is known to be none. 0, or how long to wait: the
  /// attempt is not counted then.
  std::int64_t charge(const failure_policy& p, std::int64_t now_ns);
  void take_back(const failure_policy& p);
  /// Other nodes have counted failures too.
  void raise(const failure_policy& p, std::int64_t to_until_ns, std::int64_t now_ns);
};

/// Attempts on one account from clients that are not known to it, and those that wait for a turn.
struct turn_queue {
  static constexpr std::size_t places_max = 6;
  struct place {
    std::uint64_t client = 0;  ///< 0: free
    std::int64_t at_ns = 0;    ///< its turn
    std::int64_t failures = 0;
  };

  std::int64_t until_ns = 0;
  std::array<place, places_max> places{};

  struct answer {
    std::int64_t wait_ns = 0;  ///< 0: it is the client's turn
    bool new_place = false;    ///< the client has just got a place among those that wait
  };
  /// A client that comes late keeps its turn for `grace_ns`.
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

/// Who tries what.
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
  bool in_turn = false;  ///< it took one of the account's turns

  bool allowed() const { return refused_by == login_scope::none; }
};

/// Thread-safe.
class login_guard {
 public:
  /// `shared` may be null: failures are known to this node alone.
  login_guard(login_limits limits, const limit_keys& keys, shared_limits* shared);

  /// Whether the password may be looked at. Counts the attempt as a failure at once, so that
  /// attempts made at the same time count too; then one of the next three is to be called, or none
  /// for a failure.
  login_verdict admit(const login_attempt& a, std::int64_t now_ns);
  void succeeded(const login_attempt& a, const login_verdict& v, std::int64_t now_ns);
  /// The password was not looked at after all.
  void not_made(const login_attempt& a, const login_verdict& v, std::int64_t now_ns);

  /// What all nodes together have counted: the key expires `ahead_ns` from now.
  void merge(shared_key key, std::int64_t ahead_ns, std::int64_t now_ns);

  std::uint64_t clients() const { return failures_.used(); }
  std::uint64_t evicted() const {
    return failures_.evicted() + turns_.evicted() + known_.evicted();
  }

 private:
  struct known_client {
    std::int64_t until_ns;
  };
  /// What an attempt counts as a failure of, until it is known to be none.
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
