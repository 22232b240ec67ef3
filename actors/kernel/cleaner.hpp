#pragma once
// Deletes expired rows in slices: a slice is a transaction of a few milliseconds between two
// batches of the writer. A slice needs no fencing: any node may delete an expired row.
//
// The number of rows per slice adapts to the time that the last slices took. While messages arrive,
// a slice is followed by a pause of nine times its duration: a writer that is never idle spends a
// tenth of its time on clean-up, which deletes more rows than its other work can create. A long
// pass gets a fifth.
//
// On SQLite a deleted row also changes one or two pages that contain no other row of the slice.
// Each is written to the log and then to the database, at 25 us of disk time. There a slice deletes
// at most three rows for each message since the pass began: more than the messages create, so that
// a backlog shrinks, but with bounded disk load. An idle writer has no such limit.

#include "actors/kernel/cleanup_slice.hpp"
#include "storage/db/connection.hpp"
#include "storage/kernel/expiry.hpp"

#include <map>

namespace stoa::kernel {

/// The producer has deleted all events of the source (an outbox, "order/0") below this number.
struct inbox_mark {
  std::string source;
  std::int64_t low_water = 0;
};

class cleaner {
 public:
  /// `tables`: the service's tables, whose rows expire by their position. Stored answers expire
  /// after `answer_ttl`.
  cleaner(std::vector<const expiry*> tables, microseconds answer_ttl)
      : tables_(std::move(tables)), answer_ttl_(answer_ttl) {}

  /// Begins a pass over all tables, unless one is in progress.
  void begin(timestamp now, const std::vector<inbox_mark>& marks);
  bool under_way() const { return at_ < work_.size(); }
  /// Adds to the number of messages that the writer has handled.
  void handled(std::size_t messages);
  /// Deletes some rows. `busy`: messages are waiting. Requires a pass in progress. Throws
  /// db::error.
  cleanup_slice slice(db::connection& c, timestamp now, bool busy);
  /// Aborts the pass: the database has failed.
  void stop() { at_ = work_.size(); }

 private:
  /// One table, or the rows of one source in the inbox.
  struct work {
    const expiry* what = nullptr;
    std::string source;      ///< of inbox rows
    std::int64_t below = 0;  ///< the first position that must stay
    timestamp applied_before{};
  };

  std::vector<db::value> params_of(const work& w, std::int64_t from, std::size_t rows) const;
  std::size_t rows_allowed(db::connection& c, bool busy) const;
  void adapt(std::size_t rows, microseconds deleting);
  microseconds pause_after(microseconds slice, timestamp now, bool busy) const;

  std::vector<const expiry*> tables_;
  microseconds answer_ttl_;
  std::vector<work> work_;
  std::size_t at_ = 0;
  std::size_t rows_max_ = 200;   ///< of the next slice
  std::size_t rows_earned_ = 0;  ///< rows allowed by handled messages and not deleted yet
  microseconds behind_{};        ///< after the last slice
  timestamp began_;
  timestamp read_all_at_;
  /// The position at which the last slice ended, by table and source.
  std::map<std::pair<std::string, std::string>, std::int64_t> reached_;
};

}  // namespace stoa::kernel
