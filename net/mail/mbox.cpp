#include "net/mail/mbox.hpp"

#include "net/mail/mbox_format.hpp"
#include "storage/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace stoa::mail {
namespace fs = std::filesystem;
namespace {

using failure = notification::send_failure;

constexpr std::string_view suffix = ".mbox";
constexpr std::size_t date_bytes = 10;  // YYYY-MM-DD

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("mail folder: " + what + ": " + std::generic_category().message(errno));
}

class descriptor {
 public:
  descriptor(const fs::path& path, int flags)
      : value_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    if (value_ < 0) fail(path.string());
  }
  ~descriptor() { ::close(value_); }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int value() const { return value_; }

 private:
  const int value_;
};

constexpr std::chrono::milliseconds lock_pause{2};

/// Held until its end. A process that is stopped while it holds the lock must not stop the others.
class folder_lock {
 public:
  folder_lock(const fs::path& directory, std::chrono::milliseconds wait_max)
      : file_(directory / "lock", O_RDWR | O_CREAT) {
    const auto end = std::chrono::steady_clock::now() + wait_max;
    while (::flock(file_.value(), LOCK_EX | LOCK_NB) != 0) {
      const bool is_held = errno == EWOULDBLOCK;
      if (!is_held && errno != EINTR) fail((directory / "lock").string());
      if (std::chrono::steady_clock::now() >= end) {
        throw std::runtime_error("mail folder: another process holds the lock " +
                                 (directory / "lock").string());
      }
      std::this_thread::sleep_for(lock_pause);
    }
  }

 private:
  const descriptor file_;  // closing it unlocks
};

/// The number of a file of that day.
int number_of(std::string_view name) {
  int number = 0;
  const auto text = name.substr(std::min(name.size(), date_bytes + 1));
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The names of the folder's files, oldest first.
std::vector<std::string> files_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    auto name = entry.path().filename().string();
    if (name.ends_with(suffix) && name.size() > date_bytes + suffix.size()) {
      names.push_back(std::move(name));
    }
  }
  const auto order = [](const std::string& name) {
    return std::tuple(std::string_view(name).substr(0, date_bytes), number_of(name));
  };
  std::ranges::sort(names, [&](const auto& a, const auto& b) { return order(a) < order(b); });
  return names;
}

constexpr std::size_t chunk_bytes = 1 << 20;

/// Appends a chunk of the file to the text; false at its end.
bool read_chunk(int file, std::size_t at, std::string& text) {
  const auto before = text.size();
  text.resize(before + chunk_bytes);
  ::ssize_t bytes = 0;
  do {
    bytes = ::pread(file, text.data() + before, chunk_bytes, static_cast<::off_t>(at));
  } while (bytes < 0 && errno == EINTR);
  if (bytes < 0) fail("read");
  text.resize(before + static_cast<std::size_t>(bytes));
  return bytes > 0;
}

/// Calls `take` with each message of the file from there on. Returns the position of what follows
/// the last complete entry, and the begin of it.
template <class Take>
std::pair<std::size_t, std::string> scan(int file, std::size_t from, const Take& take) {
  std::string text;
  std::size_t begin = 0;  // of the next entry in the text
  bool to_end = false;
  while (!to_end) {
    text.erase(0, begin);
    from += std::exchange(begin, 0);
    to_end = !read_chunk(file, from + text.size(), text);
    while (const auto entry = first_entry(std::string_view(text).substr(begin), to_end)) {
      take(entry->message);
      begin += entry->size;
    }
  }
  return {from + begin, text.substr(begin, 5)};
}

/// What a crash leaves of an entry begins as one; bytes that were never written are 0.
bool is_torn(const std::string& rest) {
  return std::string_view("From ").starts_with(rest.c_str());
}

void write_all(int file, std::string_view bytes, std::size_t at) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<::off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    at += static_cast<std::size_t>(written);
  }
}

void sync_folder(const fs::path& directory) {
  const descriptor folder(directory, O_RDONLY | O_DIRECTORY);
  if (::fsync(folder.value()) != 0) fail(directory.string());
}

struct stat about(int file) {
  struct stat found {};
  if (::fstat(file, &found) != 0) fail("stat");
  return found;
}

}  // namespace

std::size_t mbox::hash_of_key::operator()(const key_hash& k) const noexcept {
  std::size_t part = 0;
  std::memcpy(&part, k.data(), sizeof part);
  return part;
}

result<std::unique_ptr<mbox>> mbox::open(const mbox_options& options) {
  try {
    fs::create_directories(options.directory);
    if (::access(options.directory.c_str(), W_OK | X_OK) != 0) fail(options.directory.string());
    sync_folder(options.directory);
  } catch (const std::exception& e) {
    return problem{problem_kind::internal, "mail_folder_unavailable", e.what(), {}};
  }
  return std::unique_ptr<mbox>(new mbox(options));
}

mbox::mbox(const mbox_options& options)
    : options_(options),
      worker_(options.queue_max, options.batch_max, [this](auto& batch) { work(batch); }) {}

mbox::~mbox() {
  worker_.stop();
}

void mbox::stop() {
  worker_.stop();
}

void mbox::send(notification::outgoing message, callback done) {
  job j{std::move(message), std::move(done)};
  const auto outcome = worker_.offer(j);
  if (outcome == offered::taken) return;
  j.done(failure{outcome == offered::full ? "too many emails are queued"
                                          : "the mail folder is closing"});
}

void mbox::work(std::vector<job>& batch) {
  try {
    deliver(batch);
  } catch (const std::exception& e) {
    for (auto& j : batch) {
      if (!j.error) j.error = failure{e.what()};
    }
  }
  for (auto& j : batch) j.done(std::move(j.error));
}

void mbox::deliver(std::vector<job>& batch) {
  const folder_lock lock(options_.directory, options_.lock_wait_max);
  catch_up(files_in(options_.directory));
  std::vector<key_hash> added;
  const auto text = entries_of(batch, added);
  if (text.empty()) return;
  choose_file();
  write(text);
  for (const auto& key : added) remember(key);
}

std::string mbox::entries_of(std::vector<job>& batch, std::vector<key_hash>& added) const {
  std::string text;
  key_set of_batch;
  for (auto& j : batch) {
    const auto key = key_of(name_of_key(j.message.key));
    if (keys_.contains(key) || of_batch.contains(key)) continue;
    const auto message = compose(j.message);
    if (!message) {
      j.error = failure{reason_of(message.error()), true};
      continue;
    }
    append_entry(text, *message, address_in(j.message.from), j.message.date);
    of_batch.insert(key);
    added.push_back(key);
  }
  return text;
}

bool mbox::is_known(const std::vector<std::string>& names) const {
  if (known_.name.empty() || std::ranges::find(names, known_.name) == names.end()) return false;
  const descriptor file(options_.directory / known_.name, O_RDONLY);
  const auto found = about(file.value());
  return found.st_ino == known_.inode && static_cast<std::size_t>(found.st_size) >= known_.bytes;
}

void mbox::catch_up(const std::vector<std::string>& names) {
  if (is_known(names)) {
    auto from = known_.bytes;
    for (auto name = std::ranges::find(names, known_.name); name != names.end(); ++name) {
      const auto rest = read_rest(*name, from);
      known_ = rest.file;
      for (const auto& key : rest.keys) remember(key);
      from = 0;
    }
    return;
  }
  // Until all are read: a failure must not leave a part of the keys as if it were all.
  known_ = {};
  keys_.clear();
  in_order_.clear();
  known_file newest;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (in_order_.size() >= options_.keys_max) break;
    auto [older, file] = read_rest(*name, 0);
    if (newest.name.empty()) newest = file;
    std::erase_if(older, [this](const key_hash& key) { return !keys_.insert(key).second; });
    in_order_.insert(in_order_.begin(), older.begin(), older.end());
  }
  known_ = newest;
  forget_oldest();
}

mbox::rest_of_file mbox::read_rest(const std::string& name, std::size_t from) {
  const descriptor file(options_.directory / name, O_RDWR);
  const auto now = about(file.value());
  const auto size = static_cast<std::size_t>(now.st_size);
  if (name == known_.name && size == from) return {{}, known_};
  rest_of_file found;
  const auto [end, rest] = scan(file.value(), from, [&](std::string_view message) {
    found.keys.push_back(key_of(message_name(message)));
  });
  found.file = {name, now.st_ino, end, false};
  if (end < size && !is_torn(rest)) {
    found.file.bytes = size;
    found.file.is_foreign = true;
  } else if (end < size && ::ftruncate(file.value(), static_cast<::off_t>(end)) != 0) {
    fail(name);
  }
  // The process that wrote this may have ended before its sync.
  if (::fdatasync(file.value()) != 0) fail(name);
  sync_folder(options_.directory);
  synced_ = name;
  return found;
}

/// A day has its own file, and a full one is followed by another. After a step back of the clock
/// the newest file is continued.
void mbox::choose_file() {
  const auto today = options_.time->now().str().substr(0, date_bytes);
  const auto newest_day = known_.name.substr(0, std::min(known_.name.size(), date_bytes));
  const bool continues = !known_.name.empty() && newest_day >= today && !known_.is_foreign &&
                         known_.bytes < options_.file_bytes_max;
  if (continues) return;
  const int number = newest_day >= today ? number_of(known_.name) + 1 : 1;
  auto name = fmt::format("{}.{}{}", std::max(today, newest_day), number, suffix);
  const descriptor file(options_.directory / name, O_RDWR | O_CREAT | O_EXCL);
  known_ = {std::move(name), about(file.value()).st_ino, 0, false};
}

void mbox::write(const std::string& text) {
  const descriptor file(options_.directory / known_.name, O_RDWR);
  try {
    write_all(file.value(), text, known_.bytes);
    if (::fdatasync(file.value()) != 0) fail("sync");
    if (synced_ != known_.name) sync_folder(options_.directory);
  } catch (...) {
    // The emails are reported as failed: nothing of them may stay.
    std::ignore = ::ftruncate(file.value(), static_cast<::off_t>(known_.bytes));
    throw;
  }
  synced_ = known_.name;
  known_.bytes += text.size();
}

void mbox::remember(const key_hash& key) {
  if (!keys_.insert(key).second) return;
  in_order_.push_back(key);
  forget_oldest();
}

void mbox::forget_oldest() {
  while (in_order_.size() > options_.keys_max) {
    keys_.erase(in_order_.front());
    in_order_.pop_front();
  }
}

mbox::key_hash mbox::key_of(std::string_view name) {
  key_hash key{};
  text::hash(name).copy(key.data(), key.size());
  return key;
}

std::vector<delivered_mail> read_mbox(const fs::path& directory) {
  std::vector<delivered_mail> mails;
  for (const auto& name : files_in(directory)) {
    const auto path = directory / name;
    const descriptor file(path, O_RDONLY);
    const auto [end, rest] = scan(file.value(), 0, [&](std::string_view message) {
      auto read = parse(message);
      if (!read) throw std::runtime_error(path.string() + ": " + read.error().detail);
      mails.push_back({path, std::move(*read)});
    });
    if (!is_torn(rest)) throw std::runtime_error(path.string() + ": it contains something else");
  }
  return mails;
}

}  // namespace stoa::mail
