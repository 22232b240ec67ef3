#pragma once
// What a program does, counted inside it by call_counter.cpp (LD_PRELOAD): the layout of the file
// that both share.

#include <atomic>
#include <cstdint>

namespace stoa::test {

/// Counters since the program's start; each is only ever added to.
struct call_counts {
  std::atomic<std::uint64_t> statements;  ///< executions of SQLite statements
  std::atomic<std::uint64_t> commits;     ///< those of COMMIT
  std::atomic<std::uint64_t> syncs;       ///< fsync and fdatasync
  std::atomic<std::uint64_t> writes;  ///< writes to regular files, except standard output and error
  std::atomic<std::uint64_t> written;      ///< bytes of these
  std::atomic<std::uint64_t> allocations;  ///< malloc, calloc, realloc and the aligned ones
  std::atomic<std::uint64_t> copied;       ///< bytes of calls to memcpy and memmove
};

/// The environment variable with the path of the file.
inline constexpr const char* call_counts_variable = "STOA_TEST_CALL_COUNTS";

}  // namespace stoa::test
