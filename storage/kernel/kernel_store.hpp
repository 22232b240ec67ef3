#pragma once
// Queries over the kernel's own tables, for reads outside a batch.

#include "storage/db/gathering.hpp"
#include "storage/kernel/kernel_records.hpp"

namespace stoa::kernel {

/// A refusal as the idempotency table keeps it.
struct stored_refusal {
  bool refused = true;
  problem error;
};
BOOST_DESCRIBE_STRUCT(stored_refusal, (), (refused, error))

/// Asks for the first answer under the scope; none when there was none.
db::gathering::found<idempotency_row> ask_idempotency(db::gathering& all, const std::string& scope);
/// The problem that a row with ok = false holds.
problem stored_problem(const idempotency_row& row);
/// Dead letters, newest first, behind `before`.
std::vector<dead_letter_row> list_dead_letters(db::connection& c,
                                               std::optional<stoa::event_id> before,
                                               std::size_t limit);
std::int64_t stored_dead_letters(db::connection& c);
/// The highest number beyond `seq` of an event of the source that was applied here and has an id
/// below `id`; 0: there is none. Looks at a limited number of rows, the lowest numbers first.
std::int64_t applied_beyond(db::connection& c, const std::string& source, std::int64_t seq,
                            stoa::event_id id);

}  // namespace stoa::kernel
