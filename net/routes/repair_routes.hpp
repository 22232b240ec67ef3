#pragma once
// Routes for the repair of a store by operators.

#include "actors/kernel/service_definition.hpp"
#include "net/front/route.hpp"

namespace stoa::front {

/// A filter for dead letters; unset members match all.
struct letter_filter {
  std::optional<std::string> type;
  std::optional<std::string> error;  ///< a substring of the error
  std::optional<uuid> mentions;      ///< an id that occurs in the event
  std::optional<timestamp> failed_before;

  bool is_empty() const { return !type && !error && !mentions && !failed_before; }
  bool fits(const kernel::dead_letter_view& letter) const;
};

/// The matching letters of all services, or of one: newest first, after `before`, at most `limit`
/// of each service. Searches the newest 10,000 of a service.
task<std::vector<kernel::dead_letter_view>> find_letters(exchange& x,
                                                         std::optional<std::string> service,
                                                         letter_filter filter,
                                                         std::optional<stoa::event_id> before,
                                                         std::int64_t limit);

/// Events that services could not apply.
void add_dead_letter_routes(routes& r);
/// Stuck orders, and remains of orders that are not stored.
void add_repair_routes(routes& r);

}  // namespace stoa::front
