#include "storage/db/sqlite_checkpoint.hpp"

#include <sqlite3.h>

#include <memory>
#include <system_error>

namespace stoa::db {

namespace {

/// A checkpoint begins at so many pages of the log, 4 MiB.
constexpr int pages_least = 1000;
/// What the writer may have committed behind the thread and copies itself.
constexpr int tail_most = 100;
/// So often the thread copies what was committed meanwhile, before it leaves the rest to the
/// writer.
constexpr int copies_most = 5;
/// A log that has grown to 64 MiB makes the writer wait for the thread: the disk is slower than
/// the commits.
constexpr int pages_most = 16'000;

using handle = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

/// Null when it cannot be opened. FULL is SQLite's default for synchronous, and what a checkpoint
/// needs.
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
  int log = 0;   ///< pages of the log
  int done = 0;  ///< of them in the database
};

copied checkpoint(sqlite3* c) {
  copied made;
  // PASSIVE waits for nobody: it copies what no reader and no writer is in the way of.
  made.ok = sqlite3_wal_checkpoint_v2(c, "main", SQLITE_CHECKPOINT_PASSIVE, &made.log,
                                      &made.done) == SQLITE_OK;
  return made;
}

}  // namespace

sqlite_checkpoints::sqlite_checkpoints(std::string path, sqlite3* writer)
    : path_(std::move(path)), writer_(writer), next_at_(pages_least) {
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
  // The log has begun again.
  if (pages < pages_) next_at_ = pages_least;
  pages_ = pages;
  if (state_ == state::copied) return finish(pages);
  if (pages < next_at_) return;
  if (state_ == state::idle) want();
  if (pages < pages_most) return;
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
    state_ = state::copied;  // Without a thread the writer copies everything after its next commit.
  }
}

/// The next transaction begins the log again, unless somebody still reads an old state in it.
void sqlite_checkpoints::finish(int pages) {
  checkpoint(writer_);
  next_at_ = pages + pages_least;
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
  for (int i = 0; i < copies_most; ++i) {
    const auto made = checkpoint(c);
    // A reader keeps an old state, or the disk fails: it does not get better by trying at once.
    if (!made.ok || made.done < made.log) return;
    if (pages_ - made.done <= tail_most) return;
  }
}

}  // namespace stoa::db
