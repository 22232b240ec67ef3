#pragma once
// The routes with which operators repair a store.

#include "actors/kernel/service_definition.hpp"
#include "net/front/route.hpp"

namespace stoa::front {

/// What is asked of dead letters; what is not given fits all.
struct letter_filter {
  std::optional<std::string> type;
  std::optional<std::string> error;  ///< a part of the error's text
  std::optional<uuid> mentions;      ///< an id that stands in the event
  std::optional<timestamp> failed_before;

  bool is_empty() const { return !type && !error && !mentions && !failed_before; }
  bool fits(const kernel::dead_letter_view& letter) const;
};

/// The letters of all services, or of one, that fit: newest first, behind `before`, at most `limit`
/// of each service. Looks through the newest 10,000 of a service.
task<std::vector<kernel::dead_letter_view>> find_letters(exchange& x,
                                                         std::optional<std::string> service,
                                                         letter_filter filter,
                                                         std::optional<stoa::event_id> before,
                                                         std::int64_t limit);

/// Events that services could not apply.
void add_dead_letter_routes(routes& r);
/// Orders that hang, and what is left of orders that are not stored.
void add_repair_routes(routes& r);

}  // namespace stoa::front
