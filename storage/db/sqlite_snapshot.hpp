#pragma once
// A SQLite file as it was at one moment, copied while other processes write to it.

#include "storage/db/cut.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

struct sqlite3;

namespace stoa::db {

/// Bytes that have been written so far.
using copy_progress = std::function<void(std::uint64_t bytes)>;

/// One thread at a time. While it lives, checkpoints do not get past what it keeps: the log grows
/// by what others write.
class sqlite_snapshot final : public cut_member {
 public:
  /// Opens the file in WAL mode. Throws error(unavailable), also when it is missing.
  explicit sqlite_snapshot(std::string path);
  ~sqlite_snapshot() override;
  sqlite_snapshot(const sqlite_snapshot&) = delete;
  sqlite_snapshot& operator=(const sqlite_snapshot&) = delete;

  bool hold(deadline until) override;
  void keep() override;
  bool is_held() override { return held_; }  // A file's lock lasts as long as its process.
  void release() noexcept override;

  /// Size of what is kept.
  std::uint64_t bytes() const;
  /// Writes what is kept into a new file, at most so many bytes a second, and syncs it. Throws
  /// error(unavailable) with the path: it exists, the disk is full, an input/output error.
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
  handle lock_;    ///< has the write lock while held
  handle reader_;  ///< in a read transaction once kept
  bool held_ = false;
};

/// Checks the file as a whole (PRAGMA integrity_check); it is open nowhere. Returns the first thing
/// that is wrong, or "".
std::string sqlite_damage(const std::string& file);

}  // namespace stoa::db
