#pragma once
// A connection to a service's database. Used by one thread at a time.

#include "storage/db/value.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::db {

/// Called for each row with the index of its statement.
using row_sink = std::function<void(std::size_t index, row)>;

class connection {
 public:
  virtual ~connection() = default;

  /// "sqlite" or "postgres", for statements that differ, such as full-text search.
  virtual std::string_view dialect() const = 0;

  /// Starts a write transaction (SQLite takes the write lock immediately). Reconnects if the
  /// connection was lost; throws unavailable if that fails.
  virtual void begin() = 0;
  /// Starts a read transaction with one snapshot.
  virtual void begin_read() = 0;
  /// Commits durably. Throws unknown if the connection is lost before the result is received.
  virtual void commit() = 0;
  /// Discards all changes since begin(). Never throws.
  virtual void rollback() noexcept = 0;

  /// Runs read statements; a database with a pipeline sends them in one round trip. They see one
  /// snapshot, even outside a transaction.
  virtual void query(std::span<const statement> statements, const row_sink& sink) = 0;
  /// Runs write statements in order; throws error at the first failure.
  virtual void execute(std::span<const statement> statements) = 0;
  /// execute() and commit(), in one round trip if possible. `before_commit` is called between them,
  /// or before both if they are one round trip.
  virtual void execute_and_commit(std::span<const statement> statements,
                                  const std::function<void()>& before_commit) {
    execute(statements);
    before_commit();
    commit();
  }
  /// A number that is different after a commit of another connection, as seen by the current
  /// transaction; empty if the database cannot tell.
  virtual std::optional<std::int64_t> foreign_changes() { return std::nullopt; }
  /// Runs a script of several statements (migrations).
  virtual void run_script(const std::string& text) = 0;

  void query(const statement& one, const std::function<void(row)>& sink) {
    query(std::span(&one, 1), [&sink](std::size_t, row r) { sink(r); });
  }
  void execute(const statement& one) { execute(std::span(&one, 1)); }
};

/// A read transaction that ends with its scope.
class read_scope {
 public:
  explicit read_scope(connection& c) : connection_(c) { connection_.begin_read(); }
  ~read_scope() { connection_.rollback(); }
  read_scope(const read_scope&) = delete;
  read_scope& operator=(const read_scope&) = delete;

 private:
  connection& connection_;
};

}  // namespace stoa::db
