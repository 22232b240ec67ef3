#pragma once
// Checkpoints of SQLite's log by a thread of their own, while the writer goes on committing.
//
// A checkpoint copies the pages of the log into the database and syncs it: 25 us for each page,
// 100 ms for 4,000. Only the last pages, those that were committed meanwhile, are left to the
// writer: the log begins again from its start when a checkpoint has found nothing behind it
// (https://www.sqlite.org/wal.html, "Checkpointing").

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

struct sqlite3;

namespace stoa::db {

/// Belongs to the connection that writes, and is used by its thread alone. A checkpoint that fails
/// (the disk is full, a backup reads an old state) is tried again later; until then the log grows.
class sqlite_checkpoints {
 public:
  /// Takes over from SQLite's own automatic checkpoints. The thread starts with the first
  /// checkpoint.
  sqlite_checkpoints(std::string path, sqlite3* writer);
  /// Waits for the checkpoint that runs.
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
  int next_at_;                ///< pages of the log with which the next checkpoint begins
  std::atomic<int> pages_{0};  ///< of the log, after the last commit
  std::atomic<state> state_{state::idle};
  std::mutex lock_;  ///< of a change of state_ that someone waits for, and of stop_
  std::condition_variable changed_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace stoa::db
