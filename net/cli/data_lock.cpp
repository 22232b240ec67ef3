#include "net/cli/data_lock.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

namespace stoa::cli {

namespace {

std::string holder(int file) {
  std::array<char, 32> text{};
  auto n = ::pread(file, text.data(), text.size() - 1, 0);
  return n > 0 ? std::string(text.data(), static_cast<std::size_t>(n)) : "unknown";
}

}  // namespace

data_lock::data_lock(const std::string& directory) {
  // Restrict access to a directory that this process creates; keep the mode of an existing one.
  if (std::filesystem::create_directories(directory)) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  }
  auto path = (std::filesystem::path(directory) / "lock").string();
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file_ < 0) throw std::runtime_error("cannot open " + path + ": " + std::strerror(errno));
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    std::string who = holder(file_);
    ::close(file_);
    throw data_in_use("the data directory " + directory + " is in use by process " + who);
  }
  std::string pid = std::to_string(::getpid());
  if (::ftruncate(file_, 0) != 0 ||
      ::pwrite(file_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    ::close(file_);
    throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
  }
}

data_lock::~data_lock() {
  ::close(file_);
}

bool is_data_in_use(const std::string& directory) {
  const auto path = std::filesystem::path(directory) / "lock";
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool is_free = ::flock(file, LOCK_SH | LOCK_NB) == 0;
  ::close(file);
  return !is_free;
}

}  // namespace stoa::cli
