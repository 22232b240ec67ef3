#pragma once
// Limits the guessing of codes of gift cards and promotions. Any client that knows the code of a
// gift card can pay with it. After some free failures each further one doubles a delay: per account
// or cart, per address, and per IPv6 /48. Of the failures in one request each counts. Pure: time
// and keys are passed in. Values: docs/limits.md.

#include "net/front/login_guard.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stoa::front {

struct code_limits {
  failure_policy owner;  ///< per account or cart
  failure_policy address;
  failure_policy site;  ///< per IPv6 /48
  std::size_t clients_max = 131'072;
};

/// A request with codes, before they are looked up.
struct code_attempt {
  std::optional<std::uint64_t> owner;  ///< the account or the cart, if there is one
  std::uint64_t address = 0;
  std::optional<std::uint64_t> site{};
  bool exempt = false;  ///< no limit per address
};

enum class code_scope : std::uint8_t { none, owner, address, site };
std::string_view to_string(code_scope s);

struct code_verdict {
  code_scope refused_by = code_scope::none;
  std::int64_t retry_after_ns = 0;
};

/// Thread-safe.
class code_guard {
 public:
  /// `shared` may be null: failures are local to this node.
  code_guard(code_limits limits, const limit_keys& keys, shared_limits* shared);

  /// Whether the codes may be looked up. Counts a failure at once, so that concurrent requests
  /// count too; call settle() afterwards.
  code_verdict admit(const code_attempt& a, std::int64_t now_ns);
  /// `failures`: the codes of the request that do not exist.
  void settle(const code_attempt& a, std::int64_t failures, std::int64_t now_ns);
  /// Merges the count of all nodes: the key expires `ahead_ns` from now.
  void merge(shared_key key, std::int64_t ahead_ns, std::int64_t now_ns);

  std::uint64_t clients() const { return failures_.used(); }
  std::uint64_t evicted() const { return failures_.evicted(); }

 private:
  struct charged {
    code_scope scope = code_scope::owner;
    std::uint64_t key = 0;
  };
  static constexpr std::size_t charged_max = 3;
  std::size_t charges_of(const code_attempt& a, std::array<charged, charged_max>& out) const;
  const failure_policy& policy_of(code_scope s) const;
  void share(const charged& c, std::int64_t failures);
  void add(const charged& c, std::int64_t failures, std::int64_t now_ns);

  const code_limits limits_;
  const limit_keys& keys_;
  shared_limits* shared_;
  limit_table<failure_record> failures_;
};

}  // namespace stoa::front
