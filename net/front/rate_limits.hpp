#pragma once
// Rate limits per client address and per account, by class of route. A request beyond its limit is
// answered 429 before its body is parsed and before any service is called. docs/limits.md lists the
// limits and their reasons.

#include "net/front/gcra.hpp"
#include "net/front/limit_keys.hpp"
#include "net/front/limit_table.hpp"
#include "net/http/message.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {
struct limits_settings;
}

namespace stoa::front {

class shared_limits;

/// The class of a route; each class has separate limits.
enum class limit_class : std::uint8_t {
  by_method,  ///< by the route's method and path: read for GET, write for others, staff for /admin
  none,       ///< health and metrics: never limited
  read,
  search,
  write,
  cart_create,
  checkout,
  login,
  register_account,
  staff
};
inline constexpr std::size_t limit_classes = 10;
std::string_view to_string(limit_class c);

enum class limit_scope : std::uint8_t {
  address,
  site,  ///< an IPv6 /48: one customer may have all of its 65,536 /64 networks
  account
};
inline constexpr std::size_t limit_scopes = 3;
std::string_view to_string(limit_scope s);

/// One quota of a class and scope.
struct limit_policy {
  limit_class what = limit_class::none;
  limit_scope scope = limit_scope::address;
  rate_limit rate;
  std::string name;  ///< "read-address"; visible to clients
  std::string text;  ///< as in RateLimit-Policy: "read-address";q=1000;w=10
};

/// The results of the limits for one request, for the response's header fields.
struct limit_notes {
  struct note {
    const limit_policy* policy = nullptr;
    rate_verdict verdict;
  };
  std::array<note, 6> notes{};
  std::uint8_t count = 0;
  std::int64_t retry_after_ns = 0;  ///< of a rejected request: Retry-After

  void add(const limit_policy& p, const rate_verdict& v) {
    if (count < notes.size()) notes[count++] = {&p, v};
  }
};

/// Adds RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10) if a limit
/// applied, and sets Retry-After of a rejection (RFC 9110, section 10.2.3).
void add_limit_fields(const limit_notes& notes, http::response& r);

/// Thread-safe.
class rate_limits {
 public:
  /// `shared` may be null: the limits are local to this node.
  rate_limits(const limits_settings& s, const limit_keys& keys, shared_limits* shared);

  /// Takes one request of the class from the client (an address, site or account). False when it
  /// exceeds a limit; it then counts towards none.
  bool admit(limit_class what, limit_scope scope, std::uint64_t client, std::int64_t now_ns,
             limit_notes& notes);
  /// Merges the other nodes' counts of the client: it is `ahead_ns` away from its full burst.
  void merge(std::uint64_t key, std::int64_t ahead_ns, std::int64_t now_ns);

  std::uint64_t clients() const { return table_.used(); }
  std::uint64_t evicted() const { return table_.evicted(); }

 private:
  struct arrival {
    std::int64_t until_ns;
  };
  static constexpr std::size_t index(limit_class what, limit_scope scope) {
    return static_cast<std::size_t>(what) * limit_scopes + static_cast<std::size_t>(scope);
  }
  void add(limit_class what, std::int64_t count, std::int64_t period_s, std::int64_t burst,
           bool for_accounts = true);
  bool always_shared(limit_class what) const;
  void share(const limit_policy& p, std::uint64_t key, const rate_verdict& v);

  const limit_keys& keys_;
  const std::int64_t site_factor_;
  shared_limits* shared_;
  std::array<std::vector<limit_policy>, limit_classes * limit_scopes> policies_;
  limit_table<arrival> table_;
};

}  // namespace stoa::front
