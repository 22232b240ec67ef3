#pragma once
// Checkpoints of SQLite's WAL in a separate thread, while the writer commits.
//
// A checkpoint copies the pages of the WAL into the database and syncs it: 25 us per page, 100 ms
// for 4,000. The writer copies only the last pages, which were committed during the checkpoint: the
// WAL is reset when a checkpoint has copied all of it (https://www.sqlite.org/wal.html,
// "Checkpointing").

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

struct sqlite3;

namespace stoa::db {

/// Belongs to the write connection; used only by its thread. A checkpoint that fails (the disk is
/// full, a backup reads an old snapshot) is retried later; until then the WAL grows.
class sqlite_checkpoints {
 public:
  /// Replaces SQLite's automatic checkpoints. The thread starts with the first checkpoint.
  sqlite_checkpoints(std::string path, sqlite3* writer);
  /// Waits for the running checkpoint.
  ~sqlite_checkpoints();
  sqlite_checkpoints(const sqlite_checkpoints&) = delete;
  sqlite_checkpoints& operator=(const sqlite_checkpoints&) = delete;

 private:
  enum class state { idle, wanted, copied };

  static int committed(void* self, sqlite3* writer, const char* schema, int pages);
  void after_commit(int pages);
  void want();
  void finish(int pages);
  void run();
  void copy(sqlite3* c);

  std::string path_;
  sqlite3* writer_;
  int next_at_;                ///< pages of the WAL at which the next checkpoint starts
  std::atomic<int> pages_{0};  ///< of the WAL, after the last commit
  std::atomic<state> state_{state::idle};
  std::mutex lock_;  ///< guards stop_, and changes of state_ that are waited for
  std::condition_variable changed_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace stoa::db
