#include "net/cli/backup_folder.hpp"

#include "net/cli/backup_media.hpp"
#include "net/token/private_file.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace stoa::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_bytes = 256 * std::size_t{1024};
constexpr std::size_t manifest_bytes_max = 1024 * std::size_t{1024};
constexpr std::size_t sum_digits = 2 * std::size_t{crypto_hash_sha256_BYTES};

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
  throw std::runtime_error(path.string() + ": " + why);
}
[[noreturn]] void fail_errno(const fs::path& path) {
  fail(path, std::generic_category().message(errno));
}

class descriptor {
 public:
  descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    if (fd_ < 0) fail_errno(path);
  }
  ~descriptor() { ::close(fd_); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Calls the sink for each block of the file.
template <class F>
void read_all(const fs::path& file, const F& take) {
  const descriptor in(file, O_RDONLY);
  std::vector<char> buffer(buffer_bytes);
  for (;;) {
    const auto got = ::read(in.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_errno(file);
    if (got == 0) return;
    take(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
}

std::string sha256_of(const fs::path& file) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  read_all(file, [&](std::string_view bytes) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
  });
  std::array<unsigned char, crypto_hash_sha256_BYTES> sum{};
  crypto_hash_sha256_final(&state, sum.data());
  return text::hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
}

void write_file(const fs::path& file, const std::string& text) {
  if (auto done = token::replace_private_file(file, text); !done) {
    throw std::runtime_error(done.error().detail);
  }
}

std::string read_text(const fs::path& file) {
  std::error_code error;
  if (fs::file_size(file, error) > manifest_bytes_max || error) {
    fail(file, error ? error.message() : "it is too large");
  }
  std::string text;
  read_all(file, [&](std::string_view bytes) { text += bytes; });
  return text;
}

/// Path in the folder -> checksum.
std::map<std::string, std::string> read_sums(const fs::path& dir) {
  std::map<std::string, std::string> sums;
  std::istringstream lines(read_text(dir / sums_name));
  for (std::string line; std::getline(lines, line);) {
    if (line.size() < sum_digits + 3) fail(dir / sums_name, "it has an invalid line");
    sums.emplace(line.substr(sum_digits + 2), line.substr(0, sum_digits));
  }
  return sums;
}

/// Rejects paths outside the folder, in case the manifest was tampered with.
bool stays_inside(const std::string& file) {
  const fs::path path = file;
  return !file.empty() && path.is_relative() &&
         std::ranges::none_of(path, [](const fs::path& step) { return step == ".."; });
}

/// False when another process holds the lock.
bool lock_folder(int fd) {
  return ::flock(fd, LOCK_EX | LOCK_NB) == 0;
}

void require_unused(const fs::path& dir) {
  std::error_code error;
  const auto status = fs::symlink_status(dir, error);
  if (!fs::exists(status)) return;
  if (fs::is_directory(status) && fs::is_empty(dir, error)) return;
  fail(dir, "it exists and is not an empty directory");
}

}  // namespace

unfinished_folder::unfinished_folder(fs::path dir) : dir_(std::move(dir)) {
  dir_ = fs::absolute(dir_).lexically_normal();
  if (!dir_.has_filename()) dir_ = dir_.parent_path();
  path_ = dir_.string() + ".unfinished";
  require_unused(dir_);
  std::error_code error;
  fs::create_directories(dir_.parent_path(), error);
  for (const bool again : {false, true}) {
    if (::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) fail_errno(path_);
    lock_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (lock_ < 0) fail_errno(path_);
    if (!lock_folder(lock_)) {
      ::close(lock_);
      fail(path_, "another backup is in progress there");
    }
    if (again || fs::is_empty(path_)) break;
    fs::remove_all(path_);
    ::close(lock_);
  }
}

unfinished_folder::~unfinished_folder() {
  std::error_code error;
  if (!is_finished_) fs::remove_all(path_, error);
  ::close(lock_);
}

void unfinished_folder::finish(const backup_manifest& manifest) {
  std::string sums;
  for (const auto& p : all_parts(manifest))
    sums += sha256_of(path_ / p.file) + "  " + p.file + "\n";
  write_file(path_ / manifest_name, json::write(manifest) + "\n");
  sums += sha256_of(path_ / manifest_name) + "  " + manifest_name + "\n";
  write_file(path_ / sums_name, sums);
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.is_directory()) sync_folder(entry.path());
  }
  sync_folder(path_);
  // rename() replaces an empty directory.
  if (::rename(path_.c_str(), dir_.c_str()) != 0) fail_errno(dir_);
  is_finished_ = true;
  sync_folder(dir_.parent_path());
}

std::vector<backup_part> all_parts(const backup_manifest& m) {
  auto parts = m.services;
  if (m.ledger) parts.push_back(*m.ledger);
  parts.insert(parts.end(), m.keys.begin(), m.keys.end());
  if (m.media) parts.push_back(*m.media);
  return parts;
}

backup_manifest read_backup(const fs::path& dir) {
  std::error_code error;
  if (!fs::exists(dir / manifest_name, error)) {
    fail(dir, "it is not a complete backup: it has no " + std::string(manifest_name));
  }
  const auto read = json::read_lenient<backup_manifest>(read_text(dir / manifest_name));
  if (!read) fail(dir / manifest_name, "it is damaged: " + read.error().detail);
  if (read->format != backup_format) {
    fail(dir, "it is a backup of format " + std::to_string(read->format) +
                  ", but this program reads format " + std::to_string(backup_format));
  }
  const auto sums = read_sums(dir);
  const auto compare = [&](const std::string& file) {
    const auto expected = sums.find(file);
    if (expected == sums.end()) fail(dir / file, "its checksum is missing");
    if (sha256_of(dir / file) != expected->second) {
      fail(dir / file, "checksum mismatch: the backup is damaged");
    }
  };
  compare(manifest_name);
  for (const auto& p : all_parts(*read)) {
    if (!stays_inside(p.file)) fail(dir / manifest_name, "it names a file outside of the backup");
    compare(p.file);
  }
  if (read->media) verify_media(dir);
  return *read;
}

void copy_file_synced(const fs::path& from, const fs::path& to) {
  const descriptor out(to, O_WRONLY | O_CREAT | O_EXCL);
  read_all(from, [&](std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written = ::write(out.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail_errno(to);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  });
  if (::fsync(out.get()) != 0) fail_errno(to);
}

void sync_folder(const fs::path& folder) {
  const descriptor fd(folder, O_RDONLY | O_DIRECTORY);
  if (::fsync(fd.get()) != 0) fail_errno(folder);
}

}  // namespace stoa::cli
