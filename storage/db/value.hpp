#pragma once
// Values, rows and statements, independent of the database.

#include "storage/base/uuid.hpp"

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace stoa::db {

/// NULL, an integer (also booleans and microseconds), a real number, text, or a UUID (BLOB of 16
/// bytes in SQLite, uuid in PostgreSQL).
using value = std::variant<std::monostate, std::int64_t, double, std::string, uuid>;

/// One row of a result. The reader may move texts out of it.
using row = std::span<value>;

enum class record_operation { insert, update, erase, select };

/// Description of a statement generated from a record, for stores without SQL. Parameters of
/// insert: all columns; update: the non-key columns, the key and, if versioned, the loaded version;
/// erase: the key; select: the value of `by`.
struct record_shape {
  record_operation operation;
  std::string table;
  std::vector<std::string> columns;  ///< all, in column_list's order
  std::size_t key_columns;           ///< number of leading columns in the primary key
  bool versioned;
  std::string by;  ///< select: the compared column
};

/// An SQL statement with its name, which appears in logs. Connections identify prepared statements
/// by its address, so it must live as long as the program.
struct sql {
  std::string name;
  std::string text;
  const record_shape* shape = nullptr;  ///< null for hand-written SQL
};

/// A statement with its parameters $1, $2, ...
struct statement {
  const sql* what = nullptr;
  std::vector<value> params;
  /// The statement must change exactly one row; otherwise the record was changed concurrently.
  bool must_change_one = false;
};

enum class error_kind {
  unique,       ///< a unique or primary key exists; `constraint` identifies it
  constraint,   ///< a CHECK, NOT NULL or foreign key rejected the row
  stale,        ///< a conditional update found the record changed or deleted
  conflict,     ///< serialisation failure or deadlock: retry the transaction
  busy,         ///< a lock was not released within the timeout
  unavailable,  ///< the database is unreachable, the disk is full, an I/O error
  unknown,      ///< the connection was lost during the commit; the outcome is unknown
  programming,  ///< bad SQL, wrong parameters
};

/// Thrown by connections. `constraint` names the table and column ("users.email_folded") if known.
class error : public std::runtime_error {
 public:
  error(error_kind kind, std::string constraint, const std::string& what)
      : std::runtime_error(what), kind_(kind), constraint_(std::move(constraint)) {}
  error_kind kind() const noexcept { return kind_; }
  const std::string& constraint() const noexcept { return constraint_; }

 private:
  error_kind kind_;
  std::string constraint_;
};

}  // namespace stoa::db
