#include "storage/db/sqlite.hpp"

#include "storage/db/budget.hpp"
#include "storage/db/sqlite_checkpoint.hpp"
#include "storage/db/sqlite_log_vfs.hpp"

#include <sqlite3.h>

#include <ctime>
#include <filesystem>
#include <optional>
#include <unordered_map>

namespace stoa::db {

namespace {

/// Time a writer waits for another process (an import) to release the write lock.
constexpr int busy_timeout_ms = 5000;
/// Steps of SQLite's virtual machine between checks of a query's time: about 50 us.
constexpr int steps_per_check = 1000;
/// A text of a row keeps at most this many bytes for the next row.
constexpr std::size_t kept_text_max = 4096;

/// CPU time limit of a query. Waiting does not count; otherwise a busy machine would end cheap
/// queries.
class time_budget {
 public:
  explicit time_budget(milliseconds most) : most_(most) {}
  bool is_set() const { return most_.count() > 0; }
  void begin() { began_.reset(); }
  /// The first check starts the measurement; most queries end before it and have no overhead.
  bool exceeded() {
    const auto now = thread_time();
    if (!began_) began_ = now;
    return now - *began_ > most_;
  }

 private:
  static microseconds thread_time() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return seconds{t.tv_sec} +
           std::chrono::duration_cast<microseconds>(std::chrono::nanoseconds{t.tv_nsec});
  }
  milliseconds most_;
  std::optional<microseconds> began_;
};

/// Opens a database with an empty log as immutable; otherwise SQLite would create a WAL and its
/// index even for reading.
std::string inspected(const std::string& path) {
  std::error_code error;
  const auto log_bytes = std::filesystem::file_size(path + "-wal", error);
  if (!error && log_bytes > 0) return path;
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).lexically_normal().string()) {
    // RFC 3986: reserved characters in a URI.
    if (c == '?') uri += "%3f";
    if (c == '#') uri += "%23";
    if (c == '%') uri += "%25";
    if (c != '?' && c != '#' && c != '%') uri += c;
  }
  return uri + "?immutable=1";
}

std::string address_of(const std::string& path, sqlite_mode mode) {
  if (mode == sqlite_mode::memory) return ":memory:";
  return mode == sqlite_mode::inspect ? inspected(path) : path;
}

/// Without statistics SQLite allocates memory without a lock that all connections share. Debian's
/// SQLite has no lookaside memory, so that it allocates often. Must happen before its first use.
[[maybe_unused]] const int without_statistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

int open_flags(sqlite_mode mode) {
  if (mode == sqlite_mode::inspect) return SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  return mode == sqlite_mode::read ? SQLITE_OPEN_READONLY
                                   : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

class sqlite_connection final : public connection {
 public:
  sqlite_connection(const std::string& path, sqlite_mode mode, milliseconds query_time_max)
      : budget_(query_time_max) {
    // NOMUTEX: a connection is used by one actor at a time, so SQLite need not lock.
    int rc = sqlite3_open_v2(address_of(path, mode).c_str(), &db_,
                             open_flags(mode) | SQLITE_OPEN_NOMUTEX, sqlite_log_vfs());
    if (rc != SQLITE_OK) {
      std::string reason = db_ ? sqlite3_errmsg(db_) : "out of memory";
      sqlite3_close(db_);
      throw error(error_kind::unavailable, "", "cannot open " + path + ": " + reason);
    }
    sqlite3_extended_result_codes(db_, 1);
    // Without SQLite's pool for small allocations: 48 KB for each of forty connections, and not
    // faster than the allocator of the C library.
    sqlite3_db_config(db_, SQLITE_DBCONFIG_LOOKASIDE, nullptr, 0, 0);
    sqlite3_busy_timeout(db_, busy_timeout_ms);
    try {
      configure(mode);
    } catch (...) {
      close();
      throw;
    }
    if (mode == sqlite_mode::write) checkpoints_.emplace(path, db_);
    if (budget_.is_set()) sqlite3_progress_handler(db_, steps_per_check, &stops_query, &budget_);
  }
  ~sqlite_connection() override { close(); }
  sqlite_connection(const sqlite_connection&) = delete;
  sqlite_connection& operator=(const sqlite_connection&) = delete;

  std::string_view dialect() const override { return "sqlite"; }
  void begin() override { step_control(begin_immediate_); }
  void begin_read() override {
    budget_.begin();
    step_control(begin_deferred_);
  }
  void commit() override { step_control(commit_); }
  void rollback() noexcept override {
    if (sqlite3_get_autocommit(db_) != 0) return;  // SQLite has already rolled back.
    try {
      step_control(rollback_);
    } catch (const error&) {  // Ignored: the file has the state of the last commit.
    }
  }

  void query(std::span<const statement> statements, const row_sink& sink) override {
    const bool alone = sqlite3_get_autocommit(db_) != 0;
    if (statements.size() > 1 && alone) {
      read_scope one_state(*this);
      return query(statements, sink);
    }
    if (alone) budget_.begin();
    for (std::size_t i = 0; i < statements.size(); ++i) {
      sqlite3_stmt* prepared = bind(statements[i]);
      reset_guard guard{prepared};
      int rc = SQLITE_ROW;
      while ((rc = sqlite3_step(prepared)) == SQLITE_ROW) {
        read_row(prepared);
        sink(i, row_);
      }
      if (rc != SQLITE_DONE) fail(rc, statements[i].what->name);
    }
  }

  void execute(std::span<const statement> statements) override {
    for (const auto& one : statements) {
      sqlite3_stmt* prepared = bind(one);
      reset_guard guard{prepared};
      int rc = SQLITE_ROW;
      while ((rc = sqlite3_step(prepared)) == SQLITE_ROW) {
      }
      if (rc != SQLITE_DONE) fail(rc, one.what->name);
      if (one.must_change_one && sqlite3_changes(db_) != 1) {
        throw error(error_kind::stale, one.what->name, one.what->name + ": the record has changed");
      }
    }
  }

  std::optional<std::int64_t> foreign_changes() override {
    sqlite3_stmt* prepared = prepare(data_version_);
    reset_guard guard{prepared};
    if (int rc = sqlite3_step(prepared); rc != SQLITE_ROW) fail(rc, data_version_.name);
    return sqlite3_column_int64(prepared, 0);
  }

  void run_script(const std::string& text) override {
    char* message = nullptr;
    int rc = sqlite3_exec(db_, text.c_str(), nullptr, nullptr, &message);
    std::string reason = message ? message : "";
    sqlite3_free(message);
    if (rc != SQLITE_OK) fail(rc, "script: " + reason);
  }

  sqlite3* handle() { return db_; }

 private:
  static int stops_query(void* budget) { return static_cast<time_budget*>(budget)->exceeded(); }

  /// Statements are bound to the caller's strings without a copy, so they must be reset
  /// immediately.
  struct reset_guard {
    sqlite3_stmt* prepared;
    ~reset_guard() {
      sqlite3_reset(prepared);
      sqlite3_clear_bindings(prepared);
    }
  };

  void configure(sqlite_mode mode) {
    if (mode == sqlite_mode::memory) {
      run_script("PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA journal_mode=MEMORY");
    } else if (mode == sqlite_mode::inspect) {
      run_script("PRAGMA query_only=ON");
    } else if (mode == sqlite_mode::read) {
      // The file is not mapped: SQLite unmaps it after each commit of the writer, and the next read
      // maps it again, page fault by page fault.
      run_script("PRAGMA query_only=ON; PRAGMA cache_size=-4096");
    } else {
      run_script(
          // A commit writes whole pages. The size applies to a new database only.
          "PRAGMA page_size=2048; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
          "PRAGMA foreign_keys=ON;"
          "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192; PRAGMA journal_size_limit=67108864");
    }
  }

  void close() {
    checkpoints_.reset();
    for (auto& [what, prepared] : prepared_) sqlite3_finalize(prepared);
    prepared_.clear();
    sqlite3_close(db_);
    db_ = nullptr;
  }

  sqlite3_stmt* prepare(const sql& what) {
    auto [it, added] = prepared_.try_emplace(&what, nullptr);
    if (added) {
      std::string text = numbered(what.text);
      int rc = sqlite3_prepare_v3(db_, text.c_str(), static_cast<int>(text.size() + 1),
                                  SQLITE_PREPARE_PERSISTENT, &it->second, nullptr);
      if (rc != SQLITE_OK) {
        prepared_.erase(it);
        fail(rc, what.name);
      }
    }
    return it->second;
  }

  /// In SQLite $2 is a name, numbered by its first occurrence; ?2 is always the second parameter.
  static std::string numbered(std::string text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      if (text[i] == '$' && text[i + 1] >= '1' && text[i + 1] <= '9') text[i] = '?';
    }
    return text;
  }

  sqlite3_stmt* bind(const statement& one) {
    sqlite3_stmt* prepared = prepare(*one.what);
    for (std::size_t i = 0; i < one.params.size(); ++i) {
      int rc =
          std::visit([&](const auto& v) { return bind_one(prepared, static_cast<int>(i + 1), v); },
                     one.params[i]);
      if (rc != SQLITE_OK) fail(rc, one.what->name);
    }
    return prepared;
  }
  static int bind_one(sqlite3_stmt* s, int n, std::monostate) { return sqlite3_bind_null(s, n); }
  static int bind_one(sqlite3_stmt* s, int n, std::int64_t v) {
    return sqlite3_bind_int64(s, n, v);
  }
  static int bind_one(sqlite3_stmt* s, int n, double v) { return sqlite3_bind_double(s, n, v); }
  static int bind_one(sqlite3_stmt* s, int n, const std::string& v) {
    return sqlite3_bind_text64(s, n, v.data(), v.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  static int bind_one(sqlite3_stmt* s, int n, const uuid& v) {
    return sqlite3_bind_blob(s, n, v.bytes.data(), 16, SQLITE_STATIC);
  }

  void read_row(sqlite3_stmt* prepared) {
    int columns = sqlite3_column_count(prepared);
    row_.resize(static_cast<std::size_t>(columns));
    // The connection has no mutex and one thread: its values need no protection (SQLite,
    // "Protected and unprotected values").
    for (int i = 0; i < columns; ++i) {
      read_value(sqlite3_column_value(prepared, i), row_[static_cast<std::size_t>(i)]);
    }
  }
  /// Reads into the memory of the previous row's text where there is some.
  static void read_value(sqlite3_value* from, value& to) {
    switch (sqlite3_value_type(from)) {
      case SQLITE_INTEGER:
        to = static_cast<std::int64_t>(sqlite3_value_int64(from));
        return;
      case SQLITE_FLOAT:
        to = sqlite3_value_double(from);
        return;
      case SQLITE_TEXT: {
        // The bytes of a text; SQLite would copy it to end it with a zero.
        const auto* bytes = static_cast<const char*>(sqlite3_value_blob(from));
        const std::string_view text(bytes ? bytes : "",
                                    static_cast<std::size_t>(sqlite3_value_bytes(from)));
        auto* kept = std::get_if<std::string>(&to);
        if (kept && kept->capacity() <= kept_text_max) {
          kept->assign(text);
        } else {
          to = std::string(text);
        }
        return;
      }
      case SQLITE_BLOB: {
        const void* bytes = sqlite3_value_blob(from);
        if (sqlite3_value_bytes(from) != 16 || !bytes) {
          to = std::monostate{};
          return;
        }
        uuid u;
        std::memcpy(u.bytes.data(), bytes, 16);
        to = u;
        return;
      }
      default:
        to = std::monostate{};
    }
  }

  void step_control(const sql& what) {
    sqlite3_stmt* prepared = prepare(what);
    reset_guard guard{prepared};
    int rc = sqlite3_step(prepared);
    if (rc != SQLITE_DONE) fail(rc, what.name);
  }

  [[noreturn]] void fail(int rc, const std::string& where) {
    std::string message = sqlite3_errmsg(db_);
    std::string text = where + ": " + message;
    switch (rc & 0xFF) {
      case SQLITE_CONSTRAINT: {
        // "UNIQUE constraint failed: users.email_folded": the column follows the colon.
        auto colon = message.rfind(": ");
        std::string name = colon == std::string::npos ? "" : message.substr(colon + 2);
        bool unique = rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
                      rc == SQLITE_CONSTRAINT_ROWID;
        throw error(unique ? error_kind::unique : error_kind::constraint, name, text);
      }
      case SQLITE_INTERRUPT:
        throw budget_exceeded(text);
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        throw error(error_kind::busy, "", text);
      case SQLITE_IOERR:
      case SQLITE_FULL:
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
      case SQLITE_CANTOPEN:
      case SQLITE_READONLY:
        throw error(error_kind::unavailable, "", text);
      default:
        throw error(error_kind::programming, "", text);
    }
  }

  const sql begin_immediate_{"begin", "BEGIN IMMEDIATE"};
  const sql begin_deferred_{"begin read", "BEGIN DEFERRED"};
  const sql commit_{"commit", "COMMIT"};
  const sql rollback_{"rollback", "ROLLBACK"};
  const sql data_version_{"data version", "PRAGMA data_version"};
  time_budget budget_;
  sqlite3* db_ = nullptr;
  std::optional<sqlite_checkpoints> checkpoints_;  ///< of the write connection
  std::unordered_map<const sql*, sqlite3_stmt*> prepared_;
  std::vector<value> row_;
};

}  // namespace

std::unique_ptr<connection> open_sqlite(const std::string& path, sqlite_mode mode,
                                        milliseconds query_time_max) {
  return std::make_unique<sqlite_connection>(path, mode, query_time_max);
}

void copy_sqlite(connection& from, connection& to) {
  auto& source = dynamic_cast<sqlite_connection&>(from);
  auto& target = dynamic_cast<sqlite_connection&>(to);
  sqlite3_backup* backup = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
  if (!backup) throw error(error_kind::unavailable, "", sqlite3_errmsg(target.handle()));
  int rc = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (rc != SQLITE_DONE) throw error(error_kind::unavailable, "", "copy: " + std::to_string(rc));
}

}  // namespace stoa::db
