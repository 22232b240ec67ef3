#pragma once
// A minimal wrapper of SQLite's C API for the sandbox's ledger. Separate from storage/db on
// purpose: the ledger serves to verify the services' databases and must not share their code.

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::gateways {

/// A connection. Failures throw ledger_failure.
class sqlite_file {
 public:
  sqlite_file(const std::string& path, int flags);
  ~sqlite_file();
  sqlite_file(const sqlite_file&) = delete;
  sqlite_file& operator=(const sqlite_file&) = delete;

  void run(const char* sql);
  std::int64_t number(const char* sql);
  std::string text(const char* sql);
  sqlite3* handle() const noexcept { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

/// A prepared statement. bind() binds the parameters in order; step() is true while there is a row;
/// call reset() before the next use and before commit.
class sqlite_statement {
 public:
  sqlite_statement(sqlite_file& file, const char* sql);
  ~sqlite_statement();
  sqlite_statement(const sqlite_statement&) = delete;
  sqlite_statement& operator=(const sqlite_statement&) = delete;

  sqlite_statement& bind(std::string_view value);
  sqlite_statement& bind(std::int64_t value);
  bool step();
  void reset() noexcept;
  std::string text(int column) const;
  std::int64_t number(int column) const;

 private:
  void check(int code);

  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace stoa::gateways
