// A failing disk, preloaded into the program by a test (LD_PRELOAD): the content of the file named
// by STOA_TEST_BAD_DISK selects how writes to SQLite's files fail now. "full": ENOSPC, "broken":
// EIO, "unsynced": fdatasync fails; empty or no file: no failure.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace {

std::string state() {
  const char* path = std::getenv("STOA_TEST_BAD_DISK");
  char text[32] = {};
  std::FILE* file = path != nullptr ? std::fopen(path, "r") : nullptr;
  if (file == nullptr) return {};
  const auto size = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  return {text, size};
}

bool is_database(int fd) {
  char path[4096];
  const auto link = "/proc/self/fd/" + std::to_string(fd);
  const auto size = ::readlink(link.c_str(), path, sizeof path);
  const std::string_view name(path, size > 0 ? static_cast<std::size_t>(size) : 0);
  return name.ends_with(".db") || name.ends_with(".db-wal");
}

}  // namespace

extern "C" ssize_t pwrite64(int fd, const void* bytes, std::size_t count, off64_t at) {
  static const auto real = reinterpret_cast<ssize_t (*)(int, const void*, std::size_t, off64_t)>(
      ::dlsym(RTLD_NEXT, "pwrite64"));
  if (is_database(fd)) {
    const auto now = state();
    if (now == "full" || now == "broken") {
      errno = now == "full" ? ENOSPC : EIO;
      return -1;
    }
  }
  return real(fd, bytes, count, at);
}

extern "C" int fdatasync(int fd) {
  static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fdatasync"));
  if (is_database(fd) && state() == "unsynced") {
    errno = EIO;
    return -1;
  }
  return real(fd);
}
