#include "net/token/private_file.hpp"

#include "storage/base/text.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace stoa::token {
namespace fs = std::filesystem;
namespace {

problem bad(const fs::path& file, const std::string& why) {
  return {problem_kind::internal, "secret_file", file.string() + ": " + why, {}};
}
problem bad_errno(const fs::path& file) {
  return bad(file, std::generic_category().message(errno));
}

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

bool write_synced(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0;
}

bool sync_folder(const fs::path& folder) {
  const descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd.valid() && ::fsync(fd.get()) == 0;
}

/// Writes a temporary file that `name` then renames or links, so that the file is always complete.
result<void> write_whole(const fs::path& file, std::string_view bytes,
                         int (*name)(const char* part, const char* file)) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const fs::path part = file.string() + ".part-" + text::hex(text::random_bytes(8));
  bool done = false;
  {
    const descriptor fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.valid()) return bad_errno(part);
    done = write_synced(fd.get(), bytes) &&
           (name(part.c_str(), file.c_str()) == 0 || errno == EEXIST) && sync_folder(folder);
  }
  const int error = errno;
  ::unlink(part.c_str());
  errno = error;
  if (!done) return bad_errno(file);
  return {};
}

/// Never replaces an existing file.
result<void> create(const fs::path& file, std::string_view bytes) {
  return write_whole(file, bytes, &::link);
}

/// The mode bits that a secret's file must not have. The group may read a file owned by root when
/// this process is not root: container secrets are mounted like that and would be unreadable
/// otherwise.
mode_t forbidden_bits(const struct stat& about) {
  return about.st_uid == 0 && ::geteuid() != 0 ? 037 : 077;
}

}  // namespace

result<std::string> read_private_file(const fs::path& file, std::size_t bytes_max) {
  // Without O_NONBLOCK, opening a named pipe would block until it has a writer.
  const descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (!fd.valid() || ::fstat(fd.get(), &about) != 0) return bad_errno(file);
  if (!S_ISREG(about.st_mode)) return bad(file, "it is not a regular file");
  if ((about.st_mode & forbidden_bits(about)) != 0) {
    return bad(file, "the file contains a secret but other users can access it; run: chmod 600 " +
                         file.string());
  }
  if (about.st_size < 0 || static_cast<std::size_t>(about.st_size) > bytes_max) {
    return bad(file, "it is larger than " + std::to_string(bytes_max) + " bytes");
  }
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const auto got = ::read(fd.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return bad_errno(file);
    if (got == 0) return bad(file, "it was truncated while being read");
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

result<std::string> load_or_create_private_file(const fs::path& file, std::size_t bytes_max,
                                                const std::function<result<std::string>()>& make) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(file, error))) {
    const auto folder = file.parent_path();
    if (!folder.empty() && fs::create_directories(folder, error)) {
      fs::permissions(folder, fs::perms::owner_all, error);
    }
    if (error && error != std::errc::no_such_file_or_directory) return bad(folder, error.message());
    auto made = make();
    if (!made) return made.error();
    if (auto created = create(file, *made); !created) return created.error();
  }
  return read_private_file(file, bytes_max);
}

result<void> replace_private_file(const fs::path& file, std::string_view bytes) {
  return write_whole(file, bytes, &::rename);
}

}  // namespace stoa::token
