#pragma once
// Tables whose rows are deleted when their time has passed, a bounded number at a time. The cleaner
// (actors/kernel/cleaner.hpp) runs the statements.

#include "storage/base/time.hpp"
#include "storage/db/value.hpp"

namespace stoa::kernel {

/// How the expired rows of one table are deleted.
///
/// The statement's parameters: $1 and $2 are the first and the last position that may go ($2 is
/// excluded), $3 is how many rows at most; others as its user adds. It returns the position of each
/// deleted row. A position is the column by whose index the rows are found: the scan of a slice
/// starts where the last one ended, because PostgreSQL keeps the index entries of deleted rows
/// until it vacuums.
struct expiry {
  std::string table;  ///< for metrics and the log
  db::sql any;
  db::sql postgres;

  const db::sql& in(std::string_view dialect) const {
    return dialect == "postgres" ? postgres : any;
  }
};

/// Rows of `table` by `position`, which has an index; `key` is what SQLite finds a row by. `range`
/// and `also` restrict what a slice looks at, and what of that it deletes.
expiry expiry_of(const std::string& table, const std::string& key, const std::string& position,
                 const std::string& range = {}, const std::string& also = {});

/// First answers, by their age.
extern const expiry expired_answers;
/// Inbox rows of the source $4 by number, when they were applied before $5.
extern const expiry expired_inbox;

}  // namespace stoa::kernel
