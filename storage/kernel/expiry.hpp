#pragma once
// Deletion of expired rows in bounded batches. The cleaner (actors/kernel/cleaner.hpp) runs the
// statements.

#include "storage/base/time.hpp"
#include "storage/db/value.hpp"

namespace stoa::kernel {

/// Describes how the expired rows of a table are deleted.
///
/// Parameters of the statement: rows with positions from $1 to below $2 are deleted, $3 is the
/// maximum number of rows; the caller may add others. It returns the position of each deleted row.
/// A position is an indexed column: a batch starts where the previous one ended, because PostgreSQL
/// keeps the index entries of deleted rows until a vacuum.
struct expiry {
  std::string table;  ///< for metrics and the log
  db::sql any;
  db::sql postgres;

  const db::sql& in(std::string_view dialect) const {
    return dialect == "postgres" ? postgres : any;
  }
};

/// Rows of `table` by the indexed column `position`; SQLite identifies rows by `key`. `range`
/// restricts the rows that a batch scans, `also` those that it deletes.
expiry expiry_of(const std::string& table, const std::string& key, const std::string& position,
                 const std::string& range = {}, const std::string& also = {});

/// Stored replies, by age.
extern const expiry expired_answers;
/// Inbox rows of the source $4 by number, if they were applied before $5.
extern const expiry expired_inbox;

}  // namespace stoa::kernel
