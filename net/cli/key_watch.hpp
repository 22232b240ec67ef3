#pragma once
// Reads the files of keys again when they have changed, so that keys are rotated without a restart.

#include "net/cli/store.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace stoa::cli {

/// Looks at the files every few seconds, as mounted secrets change in place, and when told to.
/// Files that cannot be read leave the keys as they are, with an error in the log.
class key_watch {
 public:
  /// The settings and the store outlive this.
  key_watch(const settings& s, store& shop);
  ~key_watch();
  key_watch(const key_watch&) = delete;
  key_watch& operator=(const key_watch&) = delete;

  /// Looks at once (SIGHUP).
  void look();

 private:
  /// One kind of key.
  struct ring {
    std::string kind;
    std::vector<std::filesystem::path> files;
    /// True when the keys are others than before. Throws std::runtime_error.
    std::function<bool()> reload;
    /// The key that signs or proves first.
    std::function<std::vector<std::string>()> ids;
    std::string seen{};  ///< how the files were when they were last read
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
