#pragma once
// Stores and reads uploaded files for the routes, on separate threads: a slow disk or server does
// not delay other requests.

#include "net/media/job_pool.hpp"
#include "net/media/media_metrics.hpp"
#include "net/media/media_store.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace stoa::media {

/// Of a read.
struct file_read {
  enum class outcome { found, missing, failed, overloaded };
  outcome how = outcome::missing;
  /// Counts as served until it is destroyed.
  std::shared_ptr<const std::string> bytes{};
};

struct media_limits {
  std::size_t file_bytes_max = 10 << 20;
  std::size_t served_bytes_max = 128 << 20;  ///< of all files that are being sent
  std::size_t threads = 4;
  std::size_t queue_max = 256;
};

class media_service {
 public:
  /// `store` may be null: nothing can be stored or read.
  media_service(std::shared_ptr<media_store> store, const media_limits& limits,
                prometheus::Registry* registry);
  ~media_service() { stop(); }
  media_service(const media_service&) = delete;
  media_service& operator=(const media_service&) = delete;

  bool has_store() const { return store_ != nullptr; }
  bool serves_files() const { return store_ && store_->is_served_here(); }

  /// Stores the bytes, which `owner` keeps alive, and calls back on another thread: whether they
  /// are stored. False: the queue is full, and there is no callback.
  bool put(std::string name, std::string content_type, std::string_view bytes,
           std::shared_ptr<const void> owner, std::function<void(bool)> done);
  /// The same for reading a file. Requests for a file that is being sent get the same bytes.
  bool read(std::string name, std::function<void(file_read)> done);

  /// Blocking, for effects. They throw store_error, and count the operation.
  void put_now(const std::string& name, std::string_view content_type, std::string_view bytes);
  std::optional<std::string> get_now(const std::string& name);
  void remove_now(const std::string& name);

  media_metrics& metrics() { return metrics_; }
  bool is_stopping() const { return stopping_; }
  /// Ends running operations as far as possible; further ones fail.
  void stop();

 private:
  file_read load(const std::string& name);
  std::shared_ptr<const std::string> find_served(const std::string& name);
  std::shared_ptr<const std::string> serve(const std::string& name, std::string bytes);

  const std::shared_ptr<media_store> store_;
  const media_limits limits_;
  media_metrics metrics_;
  std::atomic<bool> stopping_{false};
  /// Outlives the service: files that are being sent refer to it.
  std::shared_ptr<std::atomic<std::size_t>> served_bytes_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<const std::string>> served_;
  job_pool pool_;  // last: its jobs use the other members
};

}  // namespace stoa::media
