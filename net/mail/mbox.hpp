#pragma once
// Writes emails into files of a folder, which mail programs can read without a server. An email is
// durable before the callback runs.

#include "actors/notification/channel.hpp"
#include "net/mail/mime.hpp"
#include "storage/base/batch_worker.hpp"
#include "storage/base/result.hpp"
#include "storage/base/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace stoa::mail {

struct mbox_options {
  std::filesystem::path directory{};
  std::size_t queue_max = 8192;  ///< maximum queued emails; send() fails when the queue is full
  std::size_t batch_max = 256;   ///< emails per write and sync
  std::size_t file_bytes_max = 64 << 20;  ///< a larger file is followed by another one
  std::size_t keys_max = 100'000;         ///< the newest emails whose repeats are recognised
  const clock* time = &system_time();     ///< for the names of the files
  /// How long the emails wait for the lock of another process before they fail.
  milliseconds lock_wait_max{5000};
};

/// Thread-safe. The folder has a file per day (UTC), or several: YYYY-MM-DD.N.mbox
/// (mbox_format.hpp). One thread takes the queued emails: it locks the folder (flock of the file
/// "lock"), appends all of them with one write, syncs the file once, unlocks the folder, and then
/// runs the callbacks. A key that the newest files contain, whichever process wrote them, is not
/// delivered again.
class mbox final : public notification::channel {
 public:
  /// Creates a missing folder. Error (500): it cannot be created or written.
  static result<std::unique_ptr<mbox>> open(const mbox_options& options);
  ~mbox() override;

  void send(notification::outgoing message, callback done) override;
  /// Must not be called from a callback: it waits for the thread that runs them.
  void stop() override;

 private:
  struct job {
    notification::outgoing message;
    callback done;
    std::optional<notification::send_failure> error{};
  };
  /// The newest file, as far as it has been read or written.
  struct known_file {
    std::string name{};
    std::uint64_t inode = 0;
    std::size_t bytes = 0;
    bool is_foreign = false;  ///< it ends with something that is no email: not continued
  };
  using key_hash = std::array<char, 16>;
  struct hash_of_key {
    std::size_t operator()(const key_hash& k) const noexcept;
  };
  struct rest_of_file {
    std::vector<key_hash> keys{};
    known_file file{};
  };
  using key_set = std::unordered_set<key_hash, hash_of_key>;

  explicit mbox(const mbox_options& options);
  void work(std::vector<job>& batch);
  void deliver(std::vector<job>& batch);
  /// The entries of the emails that have not been delivered yet, and their keys.
  std::string entries_of(std::vector<job>& batch, std::vector<key_hash>& added) const;
  /// Reads what other processes have appended; the newest files as a whole at first, and when they
  /// were replaced.
  void catch_up(const std::vector<std::string>& names);
  /// The keys that follow in a file. What a crash left of a write is removed.
  rest_of_file read_rest(const std::string& name, std::size_t from);
  bool is_known(const std::vector<std::string>& names) const;
  void choose_file();
  void write(const std::string& text);
  void remember(const key_hash& key);
  void forget_oldest();
  static key_hash key_of(std::string_view name);

  const mbox_options options_;
  known_file known_;
  std::string synced_;  ///< the file whose name is durable in the folder
  key_set keys_;
  std::deque<key_hash> in_order_;  ///< keys_, oldest first
  batch_worker<job> worker_;
};

/// An email in a file.
struct delivered_mail {
  std::filesystem::path file;
  mail content;
};

/// All emails in the files of a folder, for checkers. One that is just being written is not
/// included. Throws std::runtime_error for a folder or a file that cannot be read, and for anything
/// else in a file.
std::vector<delivered_mail> read_mbox(const std::filesystem::path& directory);

}  // namespace stoa::mail
