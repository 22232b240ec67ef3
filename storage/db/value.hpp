#pragma once
// What goes into and comes out of a column, whatever the database.

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

/// One row of a result. The reader may move the texts out of it.
using row = std::span<value>;

enum class record_operation { insert, update, erase, select };

/// What a statement made from a record's description does, for stores that do not speak SQL. Its
/// parameters are, for insert: all columns; update: the columns behind the key, the key and, when
/// versioned, the version that was loaded; erase: the key; select: the value of `by`.
struct record_shape {
  record_operation operation;
  std::string table;
  std::vector<std::string> columns;  ///< all, in column_list's order
  std::size_t key_columns;           ///< the first of them are the primary key
  bool versioned;
  std::string by;  ///< select: the column that is compared
};

/// One SQL statement with its name, which also goes to logs. Its address is its identity:
/// connections keep the prepared statement under it, so it must live as long as the program.
struct sql {
  std::string name;
  std::string text;
  const record_shape* shape = nullptr;  ///< none for SQL written by hand
};

/// A statement with the values of $1, $2, ...
struct statement {
  const sql* what = nullptr;
  std::vector<value> params;
  /// The statement must change exactly one row: else the record was moved by somebody else.
  bool must_change_one = false;
};

enum class error_kind {
  unique,      ///< a unique or primary key exists already; `constraint` says which
  constraint,  ///< a CHECK, NOT NULL or foreign key refused the row
  stale,       ///< a conditional update found the record changed or gone
  conflict,  ///< another transaction got in between (serialisation failure, deadlock): run it again
  busy,      ///< locked by another writer for longer than the timeout
  unavailable,  ///< the database cannot be reached, the disk is full, an input/output error
  unknown,      ///< the connection was lost during the commit: it may have happened or not
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
