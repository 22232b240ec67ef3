#pragma once
// The rules of prices as known to this node. Filled by rule_follower and by routes that change
// rules; read by each cart and checkout.

#include "actors/pricing/pricing_messages.hpp"

#include <chrono>
#include <mutex>

namespace stoa::front {

/// All functions may be called on any thread.
class price_rules {
 public:
  using clock = std::chrono::steady_clock;
  /// Maximum age of the rules that are used without asking the Pricing service.
  static constexpr milliseconds age_max{2000};

  /// The rules; null if they are unknown, or older than age_max at `now`.
  pricing::rule_book_ptr current(clock::time_point now) const;
  /// The rules of the last answer, whatever its age; null if there was none.
  pricing::rule_book_ptr latest() const;
  /// Whether there may be price lists: the rules are unknown, outdated, or have some.
  bool may_have_price_lists(clock::time_point now) const;
  /// The revision of the last answer, whatever its age.
  std::optional<stoa::revision_id> known() const;
  /// Takes the answer to a query that was sent at that time. Returns the rules as of the answer; an
  /// answer that is older than the last one does not replace it.
  pricing::rule_book_ptr take(pricing::get_rules::answer news, clock::time_point asked);
  /// The age of the rules; very high while they are unknown.
  microseconds age(clock::time_point now) const;

 private:
  mutable std::mutex mutex_;
  pricing::rule_book_ptr rules_;
  clock::time_point as_of_;
};

}  // namespace stoa::front
