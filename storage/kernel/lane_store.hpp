#pragma once
// Lanes: which writer may commit. A lane's epoch is its fencing token (Kleppmann, "How to do
// distributed locking", 2016): whoever takes the lane raises it, and every batch is saved on the
// condition that it still stands.

#include "storage/kernel/kernel_records.hpp"

namespace stoa::kernel {

/// What a writer needs to know of the lane that it has taken.
struct lane_grant {
  std::int64_t lane = 0;
  std::int64_t epoch = 0;
  std::int64_t last_seq = 0;
  std::int64_t batches = 0;
};

/// Where the epoch and the outbox of a new lane begin.
struct lane_start {
  std::int64_t epoch = 0;
  std::int64_t last_seq = 0;
};
/// Beyond all that the lanes of a database had which has lost them: no former owner can commit, and
/// no subscriber takes a new event for one that it has had.
lane_start lane_start_after_loss(timestamp now);

/// The clock of a shared database's server.
timestamp read_clock(db::connection& c);
/// Makes sure that the service has lanes: `count` of them when it has none yet. Returns how many
/// there are.
std::int64_t make_lanes(db::connection& c, std::int64_t count, lane_start start = {});
/// All lanes in their order.
std::vector<lane_row> read_lanes(db::connection& c);
/// Takes the lane from whoever had it when its epoch was `seen`; nothing when it has been taken
/// since. Waits for a commit that is under way under the old epoch.
std::optional<lane_grant> take_lane(db::connection& c, std::int64_t lane, std::int64_t seen,
                                    const std::string& owner);
/// Takes the lane whoever has it; for programs that have the database to themselves.
lane_grant seize_lane(db::connection& c, std::int64_t lane, const std::string& owner);
/// Lets go of the lane, so that another may take it at once.
void release_lane(db::connection& c, const lane_grant& grant);
/// The statement that ties a batch to the lane: refused as stale when the lane is another's now,
/// and when the database is not as the batch before has left it.
db::statement save_lane(const lane_grant& after);
/// Whether a stale error is save_lane's.
bool lane_lost(const db::error& e);

}  // namespace stoa::kernel
