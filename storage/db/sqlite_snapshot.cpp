#include "storage/db/sqlite_snapshot.hpp"

#include "storage/db/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace stoa::db {

namespace {

using std::chrono::steady_clock;

/// SQLite's busy handler sleeps for up to 100 ms; a busy writer leaves gaps of less than 1 ms.
constexpr microseconds lock_poll{100};
/// Opening and reading wait for another process that recovers or removes a WAL.
constexpr int copy_timeout_ms = 5000;
constexpr int pages_per_step = 64;
/// Bytes between syncs, so that commits on the same disk do not wait for the whole copy.
constexpr std::uint64_t sync_bytes = 4 * std::uint64_t{1024} * 1024;

[[noreturn]] void fail_errno(const std::string& path) {
  throw error(error_kind::unavailable, "", path + ": " + std::generic_category().message(errno));
}

/// Descriptor of the new file, for syncs.
class copy_file {
 public:
  explicit copy_file(const std::string& path) : path_(path) {
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd_ < 0) fail_errno(path);
  }
  ~copy_file() { ::close(fd_); }
  copy_file(const copy_file&) = delete;
  copy_file& operator=(const copy_file&) = delete;

  void sync() const {
    if (::fdatasync(fd_) != 0) fail_errno(path_);
  }

 private:
  std::string path_;
  int fd_;
};

/// Sleeps while the written bytes exceed the rate limit.
class pace {
 public:
  explicit pace(std::uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}
  void wait_for(std::uint64_t bytes) const {
    const auto due = microseconds{bytes * 1'000'000 / bytes_per_second_};
    std::this_thread::sleep_until(began_ + due);
  }

 private:
  std::uint64_t bytes_per_second_;
  steady_clock::time_point began_ = steady_clock::now();
};

}  // namespace

void sqlite_snapshot::closer::operator()(sqlite3* c) const {
  sqlite3_close(c);
}

void sqlite_snapshot::fail(sqlite3* c, const std::string& path, int code) {
  const std::string reason = c != nullptr ? sqlite3_errmsg(c) : sqlite3_errstr(code);
  throw error(error_kind::unavailable, "", path + ": " + reason);
}

sqlite_snapshot::handle sqlite_snapshot::open(const std::string& path, int flags) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  handle c(opened);
  if (code != SQLITE_OK) fail(opened, path, code);
  sqlite3_busy_timeout(opened, copy_timeout_ms);
  return c;
}

void sqlite_snapshot::run(sqlite3* c, const char* sql) const {
  const int code = sqlite3_exec(c, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(c, path_, code);
}

sqlite_snapshot::sqlite_snapshot(std::string path)
    : path_(std::move(path)),
      lock_(open(path_, SQLITE_OPEN_READWRITE)),
      reader_(open(path_, SQLITE_OPEN_READWRITE)) {
  // Without WAL a reader would block commits.
  run(lock_.get(), "PRAGMA journal_mode=WAL");
  run(reader_.get(), "PRAGMA query_only=ON; PRAGMA cache_size=-2048");
}

sqlite_snapshot::~sqlite_snapshot() {
  release();
}

bool sqlite_snapshot::hold(deadline until) {
  sqlite3_busy_timeout(lock_.get(), 0);
  for (;;) {
    const int code = sqlite3_exec(lock_.get(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    held_ = code == SQLITE_OK;
    if (held_) return true;
    if ((code & 0xFF) != SQLITE_BUSY) fail(lock_.get(), path_, code);
    if (steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(lock_poll);
  }
}

void sqlite_snapshot::keep() {
  if (sqlite3_get_autocommit(reader_.get()) == 0) run(reader_.get(), "ROLLBACK");
  // The first read determines the transaction's snapshot.
  run(reader_.get(), "BEGIN; SELECT count(*) FROM sqlite_schema");
}

void sqlite_snapshot::release() noexcept {
  if (!held_) return;
  sqlite3_exec(lock_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  held_ = false;
}

std::uint64_t sqlite_snapshot::bytes() const {
  std::uint64_t product = 1;
  for (const char* sql : {"PRAGMA page_count", "PRAGMA page_size"}) {
    const auto multiply = [](void* into, int, char** values, char**) {
      *static_cast<std::uint64_t*>(into) *= std::strtoull(values[0], nullptr, 10);
      return 0;
    };
    const int code = sqlite3_exec(reader_.get(), sql, multiply, &product, nullptr);
    if (code != SQLITE_OK) fail(reader_.get(), path_, code);
  }
  return product;
}

void sqlite_snapshot::copy_to(const std::string& file, std::uint64_t bytes_per_second,
                              const copy_progress& progress) const {
  const copy_file on_disk(file);
  const auto to = open(file, SQLITE_OPEN_READWRITE);
  // An unfinished copy is discarded, so it needs no journal.
  const char* settings = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-2048";
  if (const int code = sqlite3_exec(to.get(), settings, nullptr, nullptr, nullptr)) {
    fail(to.get(), file, code);
  }
  const std::unique_ptr<sqlite3_backup, decltype(&sqlite3_backup_finish)> copy(
      sqlite3_backup_init(to.get(), "main", reader_.get(), "main"), &sqlite3_backup_finish);
  if (!copy) fail(to.get(), file, SQLITE_ERROR);
  const auto total = bytes();
  const pace slow(bytes_per_second);
  std::uint64_t synced = 0;
  for (int code = SQLITE_OK; code != SQLITE_DONE;) {
    // It reads in the reader's transaction, the same snapshot in each step.
    code = sqlite3_backup_step(copy.get(), pages_per_step);
    if (code != SQLITE_OK && code != SQLITE_DONE) fail(nullptr, file, code);
    const auto pages = static_cast<std::uint64_t>(sqlite3_backup_pagecount(copy.get()));
    const auto left = static_cast<std::uint64_t>(sqlite3_backup_remaining(copy.get()));
    const auto done = pages == 0 ? total : total / pages * (pages - left);
    if (done - synced >= sync_bytes) {
      on_disk.sync();
      synced = done;
    }
    progress(done);
    slow.wait_for(done);
  }
  on_disk.sync();
}

std::string sqlite_damage(const std::string& file) {
  static const sql check{"integrity check", "PRAGMA integrity_check(1)"};
  std::string found;
  try {
    const auto c = open_sqlite(file, sqlite_mode::inspect);
    c->query({&check, {}}, [&](row r) { found = std::get<std::string>(r[0]); });
  } catch (const error& e) {
    found = e.what();
  }
  return found == "ok" ? std::string() : found;
}

}  // namespace stoa::db
