#include "net/media/folder_store.hpp"

#include "actors/catalog/image_name.hpp"
#include "config/log.hpp"
#include "storage/base/uuid.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace stoa::media {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view part_suffix = ".part";
constexpr std::chrono::hours part_age_max{1};
constexpr mode_t file_mode = 0644;
constexpr mode_t folder_mode = 0755;

[[noreturn]] void fail_with(const fs::path& path, int error) {
  throw store_error(path.string() + ": " + std::generic_category().message(error));
}

class open_file {
 public:
  explicit open_file(int fd) : fd_(fd) {}
  ~open_file() {
    if (fd_ >= 0) ::close(fd_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void sync_directory(const fs::path& folder) {
  const open_file fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) fail_with(folder, errno);
}

/// Creates the folder, and the one above it. Their entries are durable when this returns, even if
/// another thread has created them just now.
void make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST) {
    if (errno != ENOENT) fail_with(folder, errno);
    std::error_code error;
    fs::create_directories(folder.parent_path(), error);
    if (error) throw store_error(folder.parent_path().string() + ": " + error.message());
    sync_directory(folder.parent_path().parent_path());
    if (::mkdir(folder.c_str(), folder_mode) != 0 && errno != EEXIST) fail_with(folder, errno);
  }
  sync_directory(folder.parent_path());
}

void write_all(int fd, const fs::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_with(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) fail_with(path, errno);
}

/// Parts are left by a process that ended while it wrote.
void delete_old_parts(const fs::path& folder) {
  const auto oldest = fs::file_time_type::clock::now() - part_age_max;
  std::error_code ignored;
  for (const auto& sub : fs::directory_iterator(folder, ignored)) {
    if (!sub.is_directory(ignored)) continue;
    for (const auto& entry : fs::directory_iterator(sub.path(), ignored)) {
      const auto name = entry.path().filename().string();
      if (!name.ends_with(part_suffix) || entry.last_write_time(ignored) > oldest) continue;
      fs::remove(entry.path(), ignored);
    }
  }
}

}  // namespace

void write_media_file(const fs::path& file, std::string_view bytes) {
  make_folder(file.parent_path());
  const fs::path part =
      file.string() + "." + system_ids().next_v4().str() + std::string(part_suffix);
  try {
    const open_file fd(
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, file_mode));
    if (fd.get() < 0) fail_with(part, errno);
    write_all(fd.get(), part, bytes);
    if (::rename(part.c_str(), file.c_str()) != 0) fail_with(file, errno);
  } catch (const store_error&) {
    ::unlink(part.c_str());
    throw;
  }
  sync_directory(file.parent_path());
}

folder_store::folder_store(const fs::path& folder) : folder_(fs::absolute(folder)) {
  try {
    delete_old_parts(folder_);
  } catch (const fs::filesystem_error& e) {
    log::warn("cannot read the media folder", {{"error", std::string(e.what())}});
  }
}

fs::path folder_store::path_in(const std::string& name) {
  if (!catalog::is_media_name(name)) return {};
  return fs::path(name.substr(0, 2)) / name;
}

fs::path folder_store::place_of(const std::string& name) const {
  const auto path = path_in(name);
  if (path.empty()) throw store_error("not the name of a media file: " + name);
  return folder_ / path;
}

void folder_store::put(const std::string& name, std::string_view, std::string_view bytes) {
  write_media_file(place_of(name), bytes);
}

std::optional<std::string> folder_store::get(const std::string& name, std::size_t bytes_max) {
  const auto path = place_of(name);
  const open_file fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  struct stat facts {};
  if (fd.get() < 0 || ::fstat(fd.get(), &facts) != 0) fail_with(path, errno);
  if (!S_ISREG(facts.st_mode)) throw store_error(path.string() + ": not a file");
  if (static_cast<std::size_t>(facts.st_size) > bytes_max) {
    throw store_error(path.string() + ": it is too large");
  }
  std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto got = ::read(fd.get(), bytes.data() + at, bytes.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_with(path, errno);
    if (got == 0) throw store_error(path.string() + ": it became shorter");
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

void folder_store::remove(const std::string& name) {
  const auto path = place_of(name);
  if (::unlink(path.c_str()) == 0) return sync_directory(path.parent_path());
  if (errno != ENOENT && errno != ENOTDIR) fail_with(path, errno);
}

}  // namespace stoa::media
