#pragma once
// A snapshot of a SQLite file, copied while other processes write to the file.

#include "storage/db/cut.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

struct sqlite3;

namespace stoa::db {

/// Receives the number of bytes written so far.
using copy_progress = std::function<void(std::uint64_t bytes)>;

/// Used by one thread at a time. During its lifetime checkpoints cannot pass the snapshot, so the
/// WAL grows with each write.
class sqlite_snapshot final : public cut_member {
 public:
  /// Opens the file in WAL mode. Throws error(unavailable), also if it is missing.
  explicit sqlite_snapshot(std::string path);
  ~sqlite_snapshot() override;
  sqlite_snapshot(const sqlite_snapshot&) = delete;
  sqlite_snapshot& operator=(const sqlite_snapshot&) = delete;

  bool hold(deadline until) override;
  void keep() override;
  bool is_held() override { return held_; }  // A file lock lasts until the process ends.
  void release() noexcept override;

  /// Size of the snapshot.
  std::uint64_t bytes() const;
  /// Writes the snapshot to a new file with a limited rate in bytes per second, and syncs it.
  /// Throws error(unavailable) with the path: it exists, the disk is full, an I/O error.
  void copy_to(const std::string& file, std::uint64_t bytes_per_second,
               const copy_progress& progress) const;

 private:
  struct closer {
    void operator()(sqlite3* c) const;
  };
  using handle = std::unique_ptr<sqlite3, closer>;

  static handle open(const std::string& path, int flags);
  [[noreturn]] static void fail(sqlite3* c, const std::string& path, int code);
  void run(sqlite3* c, const char* sql) const;

  std::string path_;
  handle lock_;    ///< holds the write lock while held
  handle reader_;  ///< in a read transaction of the snapshot
  bool held_ = false;
};

/// Checks the whole file (PRAGMA integrity_check), which no process has open. Returns the first
/// error, or "".
std::string sqlite_damage(const std::string& file);

}  // namespace stoa::db
