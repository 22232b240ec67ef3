#pragma once
// A thread for the jobs of the catalogue's node: one at a time, each with its own calls.

#include "net/shopify/service_calls.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace stoa::shopify {

class job_thread {
 public:
  /// Returns a port to the services, or null while the node starts. Called from any thread.
  using port_source = std::function<std::shared_ptr<kernel::port>()>;
  /// May throw `stopped` from its calls when the node stops.
  using job = std::function<void(service_calls&)>;

  explicit job_thread(port_source port) : source_(std::move(port)) {}
  ~job_thread() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  job_thread(const job_thread&) = delete;
  job_thread& operator=(const job_thread&) = delete;

  bool is_busy() const { return running_; }

  /// Starts the job, unless one runs or the node is starting: the sweep retries.
  void start(job work) {
    if (running_) return;
    if (thread_.joinable()) thread_.join();
    if (!port_) port_ = source_();
    if (!port_) return;
    running_ = true;
    thread_ = std::thread([this, work = std::move(work)] {
      try {
        service_calls calls(port_, stopping_);
        work(calls);
      } catch (const stopped&) {
        // Resumed by the partition's next owner, or after a restart.
      }
      running_ = false;
    });
  }

 private:
  port_source source_;
  std::shared_ptr<kernel::port> port_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> running_{false};
  std::thread thread_;
};

}  // namespace stoa::shopify
