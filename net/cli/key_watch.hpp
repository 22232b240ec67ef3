#pragma once
// Reloads key files when they change, so that keys can be rotated without a restart.

#include "net/cli/store.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace stoa::cli {

/// Polls the files every few seconds, because mounted secrets change in place, and checks them on
/// request. Unreadable files leave the keys unchanged and log an error.
class key_watch {
 public:
  /// The settings and the store must outlive this.
  key_watch(const settings& s, store& shop);
  ~key_watch();
  key_watch(const key_watch&) = delete;
  key_watch& operator=(const key_watch&) = delete;

  /// Checks immediately (SIGHUP).
  void check_now();

 private:
  /// One kind of key.
  struct ring {
    std::string kind;
    std::vector<std::filesystem::path> files;
    /// True when the keys have changed. Throws std::runtime_error.
    std::function<bool()> reload;
    /// Starts with the key that signs or authenticates.
    std::function<std::vector<std::string>()> ids;
    std::string seen{};  ///< stamp of the files when they were last read
    std::vector<std::string> shown{};
  };

  void add_rings(const settings& s, store& shop);
  void run();
  void check(ring& r);
  void show(ring& r);

  prometheus::Registry& registry_;
  std::vector<ring> rings_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool asked_ = false;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace stoa::cli
