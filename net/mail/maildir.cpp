#include "net/mail/maildir.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <utility>

namespace stoa::mail {
namespace fs = std::filesystem;
namespace {

using failure = notification::send_failure;

constexpr std::string_view suffix = ".stoa";
// A file in tmp that is older than this is removed at startup as the remainder of a crash; no
// delivery by another process takes that long.
constexpr std::chrono::hours tmp_age_max{1};
// Granularity of a folder's modification time: a change within this time after a scan may not alter
// it.
constexpr std::chrono::milliseconds clock_tick{100};
constexpr std::size_t sync_threads_max = 8;
constexpr std::size_t files_per_sync_thread = 8;

std::string error_text(std::string_view what) {
  return std::string(what) + ": " + std::generic_category().message(errno);
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  errno = error;
  return done;
}

// Renames without replacing an existing file. File systems without that support fall back to a
// rename that replaces the mail with an identical one.
bool rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return ::unlink(from.c_str()) == 0;
  if (errno != EINVAL && errno != ENOSYS) return false;
  return ::rename(from.c_str(), to.c_str()) == 0;
}

void remove_old_tmp(const std::string& folder) {
  const auto oldest = fs::file_time_type::clock::now() - tmp_age_max;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    const auto changed = entry.last_write_time(ignored);
    // Another program may deliver into the same folder; only remove Stoa's files.
    if (!ignored && changed < oldest && name.find(suffix) != std::string::npos) {
      fs::remove(entry.path(), ignored);
    }
  }
}

std::string with_lf(std::string_view message) {
  std::string out(message);
  std::erase(out, '\r');
  return out;
}

}  // namespace

result<std::unique_ptr<maildir>> maildir::open(const maildir_options& options) {
  try {
    for (const char* folder : {"tmp", "new", "cur"}) {
      fs::create_directories(options.directory / folder);
      if (::access((options.directory / folder).c_str(), W_OK | X_OK) != 0) {
        throw std::runtime_error(error_text((options.directory / folder).string()));
      }
    }
    remove_old_tmp((options.directory / "tmp").string());
    if (!sync_folder(options.directory.string())) {
      throw std::runtime_error(error_text(options.directory.string()));
    }
  } catch (const std::exception& e) {
    return problem{problem_kind::internal,
                   "mail_folder_unavailable",
                   std::string("mail folder: ") + e.what(),
                   {}};
  }
  return std::unique_ptr<maildir>(new maildir(options));
}

maildir::maildir(const maildir_options& options)
    : tmp_((options.directory / "tmp").string() + "/"),
      new_((options.directory / "new").string() + "/"),
      cur_((options.directory / "cur").string() + "/"),
      worker_(options.queue_max, options.batch_max, [this](auto& batch) { work(batch); }) {}

void maildir::stop() {
  worker_.stop();
}

void maildir::send(notification::outgoing message, callback done) {
  job j{std::move(message), std::move(done)};
  const auto outcome = worker_.offer(j);
  if (outcome == offered::taken) return;
  j.done(failure{outcome == offered::full ? "too many emails are queued"
                                          : "the mail folder is closing"});
}

void maildir::work(std::vector<job>& batch) {
  try {
    deliver(batch);
  } catch (const std::exception& e) {
    for (auto& j : batch) {
      if (j.file >= 0) ::close(std::exchange(j.file, -1));
      j.error = failure{e.what()};
    }
  }
  for (auto& j : batch) j.done(std::move(j.error));
}

void maildir::deliver(std::vector<job>& batch) {
  std::unordered_map<std::string, job*> by_name;
  std::vector<std::pair<job*, job*>> repeats;  // a job and the earlier one with the same key
  for (auto& j : batch) {
    auto name = name_of_key(j.message.key).append(suffix);
    const auto [first, inserted] = by_name.emplace(name, &j);
    if (!inserted) {
      repeats.emplace_back(&j, first->second);
    } else if (!delivered(name)) {
      j.name = std::move(name);
      write_file(j);
    }
  }
  sync_files(batch);
  move_into_new(batch);
  for (auto& [repeat, first] : repeats) repeat->error = first->error;
}

void maildir::sync_files(std::vector<job>& batch) {
  const auto sync_every = [&batch](std::size_t first, std::size_t step) {
    for (std::size_t i = first; i < batch.size(); i += step) {
      auto& j = batch[i];
      if (j.file < 0) continue;
      if (::fsync(j.file) != 0) j.error = failure{error_text("mail folder: sync")};
      ::close(std::exchange(j.file, -1));
    }
  };
  // Concurrent syncs share one journal commit of the file system.
  const auto threads = std::min(batch.size() / files_per_sync_thread, sync_threads_max);
  std::vector<std::jthread> sync_threads;
  for (std::size_t i = 1; i < threads; ++i) sync_threads.emplace_back(sync_every, i, threads);
  sync_every(0, std::max<std::size_t>(threads, 1));
}

void maildir::write_file(job& j) {
  const auto text = compose(j.message);
  if (!text) {
    j.error = failure{reason_of(text.error()), true};
    return;
  }
  const auto path = tmp_ + j.name;
  j.file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (j.file < 0 || !write_all(j.file, with_lf(*text))) {
    j.error = failure{error_text("mail folder: " + path)};
    return;
  }
  // Start writeback now, so that the later syncs have little left to do.
  ::sync_file_range(j.file, 0, 0, SYNC_FILE_RANGE_WRITE);
}

void maildir::move_into_new(std::vector<job>& batch) {
  for (auto& j : batch) {
    if (j.name.empty()) continue;
    if (!j.error && rename_new(tmp_ + j.name, new_ + j.name)) {
      new_synced_ = false;
    } else {
      if (!j.error) j.error = failure{error_text("mail folder: rename")};
      ::unlink((tmp_ + j.name).c_str());
    }
  }
  if (new_synced_) return;
  new_synced_ = sync_folder(new_);
  if (new_synced_) return;
  const failure error{error_text("mail folder: sync")};
  for (auto& j : batch) {
    if (!j.error) j.error = error;
  }
}

bool maildir::delivered(const std::string& name) {
  // Check new first: a mail program moves mails from new to cur, never back.
  if (::access((new_ + name).c_str(), F_OK) == 0) return true;
  scan_cur();
  return seen_.contains(name);
}

void maildir::scan_cur() {
  const auto changed = fs::last_write_time(cur_);
  if (seen_is_current_ && changed == seen_at_) return;
  const auto start = fs::file_time_type::clock::now();
  seen_.clear();
  for (const auto& entry : fs::directory_iterator(cur_)) {
    const auto file = entry.path().filename().string();
    // A mail program appends flags after a colon.
    const auto name = file.substr(0, file.find(':'));
    if (name.ends_with(suffix)) seen_.insert(name);
  }
  seen_at_ = changed;
  seen_is_current_ = changed + clock_tick < start;
}

std::vector<delivered_mail> read_maildir(const fs::path& directory) {
  std::vector<delivered_mail> mails;
  for (const char* folder : {"new", "cur"}) {
    for (const auto& entry : fs::directory_iterator(directory / folder)) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream text;
      text << in.rdbuf();
      if (!in) throw std::runtime_error("cannot read " + entry.path().string());
      auto read = parse(text.str());
      if (!read) throw std::runtime_error(entry.path().string() + ": " + read.error().detail);
      mails.push_back({entry.path(), std::move(*read)});
    }
  }
  return mails;
}

}  // namespace stoa::mail
