#include "storage/db/sqlite_log_vfs.hpp"

#include "storage/base/fault.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>

namespace stoa::db {

namespace {

constexpr const char* name = "stoa-log";
/// With a page of at most 64 KiB below the 128 KiB that SQLite's VFS can write at once.
constexpr std::size_t collected_bytes_max = 60 * 1024;
/// https://www.sqlite.org/fileformat2.html#walformat
constexpr int frame_header_bytes = 24;

/// An open log, followed in memory by the file of the default VFS.
struct log_file {
  sqlite3_file base{};
  std::string collected{};   ///< not written yet
  sqlite3_int64 at = 0;      ///< the position of `collected` in the file
  bool ends_commit = false;  ///< the page that follows is the last one of a commit
};

constexpr std::size_t real_offset = (sizeof(log_file) + 15) / 16 * 16;

sqlite3_file* real_of(sqlite3_file* f) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(f) + real_offset);
}
log_file& log_of(sqlite3_file* f) {
  return *reinterpret_cast<log_file*>(f);
}

/// After a failure the transaction is rolled back, so that nothing needs what was collected.
int flush(sqlite3_file* f) {
  auto& log = log_of(f);
  log.ends_commit = false;
  // Planted: a commit is acknowledged while its frames are only in memory.
  if (log.collected.empty() || fault("hold_log")) return SQLITE_OK;
  auto* real = real_of(f);
  const int code = real->pMethods->xWrite(real, log.collected.data(),
                                          static_cast<int>(log.collected.size()), log.at);
  log.at += static_cast<sqlite3_int64>(log.collected.size());
  log.collected.clear();
  return code;
}

/// The header of the last frame of a commit has the size of the database after it.
bool is_commit_header(const void* bytes, int count) {
  if (count != frame_header_bytes) return false;
  const std::string_view size(static_cast<const char*>(bytes) + 4, 4);
  return std::ranges::any_of(size, [](char c) { return c != '\0'; });
}

/// Frames follow each other; anything else, such as a rewritten header, is written at once.
int write_log(sqlite3_file* f, const void* bytes, int count, sqlite3_int64 at) {
  auto& log = log_of(f);
  const bool ends_commit = log.ends_commit;
  if (at != log.at + static_cast<sqlite3_int64>(log.collected.size())) {
    if (const int code = flush(f); code != SQLITE_OK) return code;
    log.at = at + count;
    log.ends_commit = is_commit_header(bytes, count);
    return real_of(f)->pMethods->xWrite(real_of(f), bytes, count, at);
  }
  try {
    log.collected.append(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  const bool is_whole = ends_commit || log.collected.size() >= collected_bytes_max;
  const int code = is_whole ? flush(f) : SQLITE_OK;
  log.ends_commit = is_commit_header(bytes, count);
  return code;
}

int close_log(sqlite3_file* f) {
  flush(f);
  auto* real = real_of(f);
  const int code = real->pMethods->xClose(real);
  log_of(f).~log_file();
  return code;
}

int read_log(sqlite3_file* f, void* into, int count, sqlite3_int64 at) {
  if (const int code = flush(f); code != SQLITE_OK) return code;
  return real_of(f)->pMethods->xRead(real_of(f), into, count, at);
}
int truncate_log(sqlite3_file* f, sqlite3_int64 size) {
  if (const int code = flush(f); code != SQLITE_OK) return code;
  return real_of(f)->pMethods->xTruncate(real_of(f), size);
}
int sync_log(sqlite3_file* f, int flags) {
  if (const int code = flush(f); code != SQLITE_OK) return code;
  return real_of(f)->pMethods->xSync(real_of(f), flags);
}
int size_of_log(sqlite3_file* f, sqlite3_int64* size) {
  if (const int code = flush(f); code != SQLITE_OK) return code;
  return real_of(f)->pMethods->xFileSize(real_of(f), size);
}
int lock_log(sqlite3_file* f, int level) {
  return real_of(f)->pMethods->xLock(real_of(f), level);
}
int unlock_log(sqlite3_file* f, int level) {
  return real_of(f)->pMethods->xUnlock(real_of(f), level);
}
int check_reserved_lock(sqlite3_file* f, int* found) {
  return real_of(f)->pMethods->xCheckReservedLock(real_of(f), found);
}
int control_log(sqlite3_file* f, int what, void* argument) {
  if (const int code = flush(f); code != SQLITE_OK) return code;
  return real_of(f)->pMethods->xFileControl(real_of(f), what, argument);
}
int sector_size(sqlite3_file* f) {
  return real_of(f)->pMethods->xSectorSize(real_of(f));
}
int device_characteristics(sqlite3_file* f) {
  return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

/// Version 1: only the file of the database has shared memory and is mapped.
constexpr sqlite3_io_methods log_methods{.iVersion = 1,
                                         .xClose = close_log,
                                         .xRead = read_log,
                                         .xWrite = write_log,
                                         .xTruncate = truncate_log,
                                         .xSync = sync_log,
                                         .xFileSize = size_of_log,
                                         .xLock = lock_log,
                                         .xUnlock = unlock_log,
                                         .xCheckReservedLock = check_reserved_lock,
                                         .xFileControl = control_log,
                                         .xSectorSize = sector_size,
                                         .xDeviceCharacteristics = device_characteristics,
                                         .xShmMap = nullptr,
                                         .xShmLock = nullptr,
                                         .xShmBarrier = nullptr,
                                         .xShmUnmap = nullptr,
                                         .xFetch = nullptr,
                                         .xUnfetch = nullptr};

sqlite3_vfs* real_vfs = nullptr;

int open_file(sqlite3_vfs* /*self*/, const char* path, sqlite3_file* f, int flags, int* outcome) {
  if ((flags & SQLITE_OPEN_WAL) == 0) return real_vfs->xOpen(real_vfs, path, f, flags, outcome);
  const int code = real_vfs->xOpen(real_vfs, path, real_of(f), flags, outcome);
  // Without methods SQLite does not close it.
  f->pMethods = nullptr;
  if (code != SQLITE_OK) return code;
  auto* log = new (f) log_file;
  log->base.pMethods = &log_methods;
  return SQLITE_OK;
}

/// Never unregistered: connections may be open until the program ends.
sqlite3_vfs* registered() {
  static sqlite3_vfs vfs{};
  real_vfs = sqlite3_vfs_find(nullptr);
  vfs = *real_vfs;
  vfs.zName = name;
  vfs.szOsFile += static_cast<int>(real_offset);
  vfs.xOpen = open_file;
  sqlite3_vfs_register(&vfs, 0);
  return &vfs;
}

}  // namespace

const char* sqlite_log_vfs() {
  static const sqlite3_vfs* const vfs = registered();
  return vfs->zName;
}

}  // namespace stoa::db
