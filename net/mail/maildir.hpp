#pragma once
// Delivers mail into a Maildir (tmp, new, cur), which mail programs can read without a server. A
// mail is durable before the callback runs.

#include "actors/notification/channel.hpp"
#include "net/mail/mime.hpp"
#include "storage/base/batch_worker.hpp"
#include "storage/base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace stoa::mail {

struct maildir_options {
  std::filesystem::path directory;
  std::size_t queue_max = 8192;  ///< maximum queued mails; send() fails when the queue is full
  std::size_t batch_max = 256;   ///< mails per sync of the folder
};

/// Thread-safe. One thread takes the queued mails: writes all of them into tmp, syncs each file,
/// renames them into new, syncs that folder once, and then runs the callbacks. The file name is
/// derived from the key; a key that is already in new or cur is not delivered again.
class maildir final : public notification::channel {
 public:
  /// Creates missing folders. Error (500): a folder cannot be created or written.
  static result<std::unique_ptr<maildir>> open(const maildir_options& options);

  void send(notification::outgoing message, callback done) override;
  /// Must not be called from a callback: it waits for the thread that runs them.
  void stop() override;

 private:
  struct job {
    notification::outgoing message;
    callback done;
    std::optional<notification::send_failure> error{};
    std::string name{};  ///< file name, until delivered
    int file = -1;       ///< open in tmp
  };

  explicit maildir(const maildir_options& options);
  void work(std::vector<job>& batch);
  void deliver(std::vector<job>& batch);
  void write_file(job& j);
  static void sync_files(std::vector<job>& batch);
  void move_into_new(std::vector<job>& batch);
  bool delivered(const std::string& name);
  void scan_cur();

  const std::string tmp_, new_, cur_;
  std::unordered_set<std::string> seen_;  ///< names in cur as of the last scan
  std::filesystem::file_time_type seen_at_{};
  bool seen_is_current_ = false;
  /// False while a rename may not be durable: an earlier process may have ended before its sync.
  bool new_synced_ = false;

  batch_worker<job> worker_;
};

/// A mail in a Maildir.
struct delivered_mail {
  std::filesystem::path file;
  mail content;
};

/// Every mail in new and cur, for checkers. Throws std::runtime_error for a folder or a file that
/// cannot be read.
std::vector<delivered_mail> read_maildir(const std::filesystem::path& directory);

}  // namespace stoa::mail
