#pragma once
// SQLite writes each page of a commit to its log (WAL) with two system calls, one for the header of
// the frame and one for the page. This VFS passes a whole commit to the file system at once.

namespace stoa::db {

/// The name of the VFS for sqlite3_open_v2(). Only write-ahead logs differ from the default VFS:
/// consecutive writes are collected until the end of the commit, a sync or any other access, at
/// most 60 KiB. Another connection therefore never sees a commit in the index of the log whose
/// frames are not in the file. A failed write is reported by the call that completes it.
const char* sqlite_log_vfs();

}  // namespace stoa::db
