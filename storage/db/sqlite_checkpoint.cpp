#include "storage/db/sqlite_checkpoint.hpp"

#include <sqlite3.h>

#include <memory>
#include <system_error>

namespace stoa::db {

namespace {

/// Pages of the WAL at which a checkpoint starts, 4 MiB.
constexpr int checkpoint_pages = 2000;
/// Maximum pages that are left to the writer.
constexpr int tail_pages_max = 100;
/// Maximum passes over newly committed pages before the rest is left to the writer.
constexpr int passes_max = 5;
/// At 64 MiB of WAL the writer waits for the thread, because the disk is slower than the commits.
constexpr int wal_pages_max = 16'000;

using handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

/// Null if it cannot be opened. Checkpoints need synchronous=FULL, SQLite's default.
handle open(const std::string& path) {
  sqlite3* c = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &c, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle opened(c, &sqlite3_close);
  if (code != SQLITE_OK) opened.reset();
  return opened;
}

struct copied {
  bool ok = false;
  int log = 0;   ///< pages of the WAL
  int done = 0;  ///< pages copied to the database
};

copied checkpoint(sqlite3* c) {
  copied made;
  // PASSIVE does not wait: it copies the pages that readers and writers do not block.
  made.ok = sqlite3_wal_checkpoint_v2(c, "main", SQLITE_CHECKPOINT_PASSIVE, &made.log,
                                      &made.done) == SQLITE_OK;
  return made;
}

}  // namespace

sqlite_checkpoints::sqlite_checkpoints(std::string path, sqlite3* writer)
    : path_(std::move(path)), writer_(writer), next_at_(checkpoint_pages) {
  sqlite3_wal_hook(writer_, &committed, this);
}

sqlite_checkpoints::~sqlite_checkpoints() {
  sqlite3_wal_hook(writer_, nullptr, nullptr);
  if (!thread_.joinable()) return;
  {
    const std::lock_guard guard(lock_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

int sqlite_checkpoints::committed(void* self, sqlite3* /*writer*/, const char* /*schema*/,
                                  int pages) {
  static_cast<sqlite_checkpoints*>(self)->after_commit(pages);
  return SQLITE_OK;
}

void sqlite_checkpoints::after_commit(int pages) {
  // The WAL was reset.
  if (pages < pages_) next_at_ = checkpoint_pages;
  pages_ = pages;
  if (state_ == state::copied) return finish(pages);
  if (pages < next_at_) return;
  if (state_ == state::idle) want();
  if (pages < wal_pages_max) return;
  {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [this] { return state_ != state::wanted; });
  }
  finish(pages);
}

void sqlite_checkpoints::want() {
  {
    const std::lock_guard guard(lock_);
    state_ = state::wanted;
  }
  changed_.notify_all();
  if (thread_.joinable()) return;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    state_ = state::copied;  // Without a thread the writer copies all pages after its next commit.
  }
}

/// The next transaction resets the WAL, unless a reader still uses an old snapshot in it.
void sqlite_checkpoints::finish(int pages) {
  checkpoint(writer_);
  next_at_ = pages + checkpoint_pages;
  state_ = state::idle;
}

void sqlite_checkpoints::run() {
  handle c(nullptr, &sqlite3_close);
  std::unique_lock guard(lock_);
  for (;;) {
    changed_.wait(guard, [this] { return stop_ || state_ == state::wanted; });
    if (stop_) return;
    guard.unlock();
    if (c == nullptr) c = open(path_);
    if (c != nullptr) copy(c.get());
    guard.lock();
    state_ = state::copied;
    changed_.notify_all();
  }
}

void sqlite_checkpoints::copy(sqlite3* c) {
  for (int i = 0; i < passes_max; ++i) {
    const auto made = checkpoint(c);
    // A reader uses an old snapshot, or the disk fails: retrying immediately would fail again.
    if (!made.ok || made.done < made.log) return;
    if (pages_ - made.done <= tail_pages_max) return;
  }
}

}  // namespace stoa::db
