#include "net/gateway/sqlite_file.hpp"

#include "net/gateway/ledger.hpp"
#include "storage/db/sqlite_log_vfs.hpp"

namespace stoa::gateways {
namespace {

[[noreturn]] void fail(sqlite3* db, std::string_view what) {
  std::string message = "ledger: ";
  message.append(what).append(": ").append(db ? sqlite3_errmsg(db) : "out of memory");
  throw ledger_failure(message);
}

}  // namespace

sqlite_file::sqlite_file(const std::string& path, int flags) {
  if (sqlite3_open_v2(path.c_str(), &db_, flags, db::sqlite_log_vfs()) != SQLITE_OK) {
    const std::string reason = db_ ? sqlite3_errmsg(db_) : "out of memory";
    sqlite3_close(db_);
    throw ledger_failure("ledger: cannot open " + path + ": " + reason);
  }
  // Another process may be using the same file; five seconds is much longer than any batch takes.
  sqlite3_busy_timeout(db_, 5000);
}

sqlite_file::~sqlite_file() {
  sqlite3_close_v2(db_);
}

void sqlite_file::run(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(db_, sql);
}

std::int64_t sqlite_file::number(const char* sql) {
  sqlite_statement s(*this, sql);
  return s.step() ? s.number(0) : 0;
}

std::string sqlite_file::text(const char* sql) {
  sqlite_statement s(*this, sql);
  return s.step() ? s.text(0) : std::string();
}

sqlite_statement::sqlite_statement(sqlite_file& file, const char* sql) {
  if (sqlite3_prepare_v3(file.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) !=
      SQLITE_OK) {
    fail(file.handle(), sql);
  }
}

sqlite_statement::~sqlite_statement() {
  sqlite3_finalize(statement_);
}

void sqlite_statement::check(int code) {
  if (code == SQLITE_OK) return;
  reset();
  fail(sqlite3_db_handle(statement_), sqlite3_sql(statement_));
}

sqlite_statement& sqlite_statement::bind(std::string_view value) {
  check(sqlite3_bind_text64(statement_, ++bound_, value.data() ? value.data() : "", value.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

sqlite_statement& sqlite_statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

bool sqlite_statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const std::string what = sqlite3_sql(statement_);
  const std::string reason = sqlite3_errmsg(sqlite3_db_handle(statement_));
  reset();
  throw ledger_failure("ledger: " + what + ": " + reason);
}

void sqlite_statement::reset() noexcept {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bound_ = 0;
}

std::string sqlite_statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  const auto size = sqlite3_column_bytes(statement_, column);
  return bytes ? std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size))
               : std::string();
}

std::int64_t sqlite_statement::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

}  // namespace stoa::gateways
