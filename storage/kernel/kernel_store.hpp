#pragma once
// Queries on the kernel's tables, outside a batch.

#include "storage/db/gathering.hpp"
#include "storage/kernel/kernel_records.hpp"

namespace stoa::kernel {

/// A problem in the format of the idempotency table.
struct stored_rejection {
  bool refused = true;
  problem error;
};
BOOST_DESCRIBE_STRUCT(stored_rejection, (), (refused, error))

/// The highest id of the events in the inbox, or zero. Empty if it cannot be determined cheaply.
std::optional<stoa::event_id> newest_applied(db::connection& c);

/// Adds a query for the first reply under the scope, if any.
db::gathering::found<idempotency_row> ask_idempotency(db::gathering& all, const std::string& scope);
/// The problem of a row with ok = false.
problem stored_problem(const idempotency_row& row);
/// Dead letters, newest first, starting after `before`.
std::vector<dead_letter_row> list_dead_letters(db::connection& c,
                                               std::optional<stoa::event_id> before,
                                               std::size_t limit);
std::int64_t stored_dead_letters(db::connection& c);
/// The highest number above `seq` of an applied event of the source with an id below `id`; 0: none.
/// Scans a limited number of rows, the lowest numbers first.
std::int64_t applied_beyond(db::connection& c, const std::string& source, std::int64_t seq,
                            stoa::event_id id);

}  // namespace stoa::kernel
