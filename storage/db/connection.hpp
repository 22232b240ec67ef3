#pragma once
// One connection to one service's database. Used by one thread at a time.

#include "storage/db/value.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace stoa::db {

/// Called for each row with the index of the statement that it answers.
using row_sink = std::function<void(std::size_t index, row)>;

class connection {
 public:
  virtual ~connection() = default;

  /// "sqlite" or "postgres": for the few statements that differ, as full-text search.
  virtual std::string_view dialect() const = 0;

  /// Starts a transaction that will write (SQLite takes the write lock at once). A connection that
  /// was lost is made again here; throws unavailable while that fails.
  virtual void begin() = 0;
  /// Starts a transaction that sees one state of the database throughout.
  virtual void begin_read() = 0;
  /// Makes everything since begin() durable; returns only then. Throws unknown when the connection
  /// is lost before the answer has come.
  virtual void commit() = 0;
  /// Forgets everything since begin(). Never throws.
  virtual void rollback() noexcept = 0;

  /// Runs statements that read; a database with a pipeline sends them in one round trip. They see
  /// one state, even outside a transaction.
  virtual void query(std::span<const statement> statements, const row_sink& sink) = 0;
  /// Runs statements that write, in order; throws error at the first that fails.
  virtual void execute(std::span<const statement> statements) = 0;
  /// execute() and commit(), in one round trip where the database can. `before_commit` is called
  /// in between, or before all where both are one.
  virtual void execute_and_commit(std::span<const statement> statements,
                                  const std::function<void()>& before_commit) {
    execute(statements);
    before_commit();
    commit();
  }
  /// Runs a text of several statements (migrations).
  virtual void run_script(const std::string& text) = 0;

  void query(const statement& one, const std::function<void(row)>& sink) {
    query(std::span(&one, 1), [&sink](std::size_t, row r) { sink(r); });
  }
  void execute(const statement& one) { execute(std::span(&one, 1)); }
};

/// A transaction that reads, ended when it goes out of scope.
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
