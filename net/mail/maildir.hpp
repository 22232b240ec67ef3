#pragma once
// Mail into a folder: a Maildir (tmp, new, cur), which every mail program can read and which needs
// no server. A mail is durable before its sender hears of it.

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
  std::size_t queue_max = 8192;  ///< mails waiting; beyond it send() fails at once
  std::size_t batch_max = 256;   ///< mails that share one sync of the folder
};

/// Thread-safe. One thread takes what has gathered: writes all of it into tmp, syncs each file,
/// renames them into new, syncs that folder once, and only then calls back. The file's name comes
/// from the key, and a key that lies in new or cur already is not delivered again.
class maildir final : public notification::channel {
 public:
  /// Creates the folders where they are missing. Error (500): the folder cannot be had or written.
  static result<std::unique_ptr<maildir>> open(const maildir_options& options);

  void send(notification::outgoing message, callback done) override;
  /// Not from within a callback: it waits for the thread that runs them.
  void stop() override;

 private:
  struct job {
    notification::outgoing message;
    callback done;
    std::optional<std::string> error{};
    std::string name{};  ///< of the file, while it is to be delivered
    int file = -1;       ///< open in tmp
  };

  explicit maildir(const maildir_options& options);
  void work(std::vector<job>& batch);
  void deliver(std::vector<job>& batch);
  void write_file(job& j);
  static void sync_files(std::vector<job>& batch);
  void move_into_new(std::vector<job>& batch);
  bool delivered(const std::string& name);
  void look_into_cur();

  const std::string tmp_, new_, cur_;
  std::unordered_set<std::string> seen_;  ///< names in cur as of the last look
  std::filesystem::file_time_type seen_at_{};
  bool seen_is_current_ = false;
  /// False when a rename may be in memory only: a run before this one may have died before its
  /// sync.
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
