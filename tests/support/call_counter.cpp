// Counts calls, preloaded into the program by a test (LD_PRELOAD). The counters are in a file that
// the test reads while the program runs. Small copies that the compiler has inlined are not
// counted.

#include "tests/support/call_counts.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

using stoa::test::call_counts;

struct sqlite3_stmt;

namespace {

constinit call_counts before_start{};
constinit std::atomic<call_counts*> counts{&before_start};

call_counts& now() {
  return *counts.load(std::memory_order_relaxed);
}

void add(std::atomic<std::uint64_t>& to, std::uint64_t n = 1) {
  to.fetch_add(n, std::memory_order_relaxed);
}

/// The next definition of the function that this library replaces.
template <class F>
F* next(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

void note_write(int fd, ssize_t size) {
  struct stat about {};
  if (size <= 0 || fd <= STDERR_FILENO || ::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
    return;
  add(now().writes);
  add(now().written, static_cast<std::uint64_t>(size));
}

using copy = void*(void*, const void*, std::size_t);
constinit std::atomic<copy*> next_memcpy{nullptr};
constinit std::atomic<copy*> next_memmove{nullptr};

/// For copies before the start of this library: dlsym copies, too.
void* copy_bytes(void* to, const void* from, std::size_t size) {
  auto* out = static_cast<volatile char*>(to);
  const auto* in = static_cast<const volatile char*>(from);
  if (out < in) {
    for (std::size_t i = 0; i < size; ++i) out[i] = in[i];
  } else {
    for (std::size_t i = size; i > 0; --i) out[i - 1] = in[i - 1];
  }
  return to;
}

__attribute__((constructor)) void start() {
  next_memcpy = next<copy>("memcpy");
  next_memmove = next<copy>("memmove");
  const char* path = std::getenv(stoa::test::call_counts_variable);
  const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void* shared = ::mmap(nullptr, sizeof(call_counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (shared != MAP_FAILED) counts = static_cast<call_counts*>(shared);
}

}  // namespace

extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the names of glibc.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void* malloc(std::size_t size) {
  add(now().allocations);
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  add(now().allocations);
  return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
  add(now().allocations);
  return __libc_realloc(old, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  add(now().allocations);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** into, std::size_t alignment, std::size_t size) {
  add(now().allocations);
  *into = __libc_memalign(alignment, size);
  return *into == nullptr ? ENOMEM : 0;
}

void* memcpy(void* to, const void* from, std::size_t size) {
  add(now().copied, size);
  const auto real = next_memcpy.load(std::memory_order_relaxed);
  return real == nullptr ? copy_bytes(to, from, size) : real(to, from, size);
}

void* memmove(void* to, const void* from, std::size_t size) {
  add(now().copied, size);
  const auto real = next_memmove.load(std::memory_order_relaxed);
  return real == nullptr ? copy_bytes(to, from, size) : real(to, from, size);
}

int sqlite3_step(sqlite3_stmt* statement) {
  static const auto real = next<int(sqlite3_stmt*)>("sqlite3_step");
  static const auto is_busy = next<int(sqlite3_stmt*)>("sqlite3_stmt_busy");
  static const auto text = next<const char*(sqlite3_stmt*)>("sqlite3_sql");
  if (is_busy(statement) == 0) {
    add(now().statements);
    const char* sql = text(statement);  // none for those of SQLite itself
    if (sql != nullptr && ::strncasecmp(sql, "COMMIT", 6) == 0) add(now().commits);
  }
  return real(statement);
}

int fsync(int fd) {
  static const auto real = next<int(int)>("fsync");
  add(now().syncs);
  return real(fd);
}

int fdatasync(int fd) {
  static const auto real = next<int(int)>("fdatasync");
  add(now().syncs);
  return real(fd);
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
  static const auto real = next<ssize_t(int, const void*, std::size_t)>("write");
  const auto done = real(fd, bytes, size);
  note_write(fd, done);
  return done;
}

ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off64_t at) {
  static const auto real = next<ssize_t(int, const void*, std::size_t, off64_t)>("pwrite64");
  const auto done = real(fd, bytes, size, at);
  note_write(fd, done);
  return done;
}

ssize_t writev(int fd, const iovec* parts, int count) {
  static const auto real = next<ssize_t(int, const iovec*, int)>("writev");
  const auto done = real(fd, parts, count);
  note_write(fd, done);
  return done;
}

}  // extern "C"
