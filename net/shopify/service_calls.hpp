#pragma once
// Blocking calls to the services, for threads outside the actor system. The service is the name
// before the dot in the message's name.

#include "actors/kernel/node.hpp"
#include "storage/base/time.hpp"

#include <atomic>
#include <future>
#include <memory>

namespace stoa::shopify {

/// Thrown by every wait when the node stops.
struct stopped {};

class service_calls {
 public:
  service_calls(std::shared_ptr<kernel::port> port, const std::atomic<bool>& stopping)
      : port_(std::move(port)), stopping_(stopping) {}

  /// The caller for access checks; initially the system.
  void act_as(kernel::caller who) { who_ = who; }
  void act_as_system() { who_ = system(); }

  using pending = std::future<kernel::answer>;
  pending start_command(kernel::any_message m) { return start(std::move(m), true); }
  /// The answer; 503 after a timeout.
  kernel::answer wait(pending& p);

  /// Retries with increasing pauses while the service is overloaded or moving to another node. The
  /// command must be idempotent.
  kernel::answer command(const kernel::any_message& m) { return call_with_retry(m, true); }
  kernel::answer query(const kernel::any_message& m) { return call_with_retry(m, false); }

  /// Whether a retry may succeed.
  static bool is_passing(const kernel::answer& a);
  /// Waits before retry number `attempt`, at least 1.
  void pause(int attempt) const;
  static constexpr int attempts_max = 8;

 private:
  static kernel::caller system() {
    kernel::caller who;
    who.kind = kernel::caller_kind::system;
    return who;
  }
  pending start(kernel::any_message m, bool is_command);
  kernel::answer call_with_retry(const kernel::any_message& m, bool is_command);

  std::shared_ptr<kernel::port> port_;
  const std::atomic<bool>& stopping_;
  kernel::caller who_ = system();
};

}  // namespace stoa::shopify
