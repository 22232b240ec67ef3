#pragma once
// Calls to a service from a thread of its own, which waits for the answers.

#include "actors/kernel/node.hpp"
#include "storage/base/time.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <string>

namespace stoa::shopify {

/// The node stops: thrown out of every wait.
struct stopped {};

class service_calls {
 public:
  service_calls(std::shared_ptr<kernel::port> port, std::string service,
                const std::atomic<bool>& stopping)
      : port_(std::move(port)), service_(std::move(service)), stopping_(stopping) {}

  /// On whose behalf the calls are made; the system's at first.
  void act_as(kernel::caller who) { who_ = who; }
  void act_as_system() { who_ = system(); }

  using pending = std::future<kernel::answer>;
  pending start_command(kernel::any_message m) { return start(std::move(m), true); }
  /// The answer. 503 when there was none in time.
  kernel::answer wait(pending& p);

  /// Asks again, with growing pauses, while the service is overloaded or moves to another
  /// node: repeating the command must be harmless.
  kernel::answer command(const kernel::any_message& m) { return ask(m, true); }
  kernel::answer query(const kernel::any_message& m) { return ask(m, false); }

  /// Whether it may help to ask again.
  static bool is_passing(const kernel::answer& a);
  /// Waits before attempt number `attempt`, which is above 0.
  void pause(int attempt) const;
  static constexpr int attempts_max = 8;

 private:
  static kernel::caller system() {
    kernel::caller who;
    who.kind = kernel::caller_kind::system;
    return who;
  }
  pending start(kernel::any_message m, bool is_command);
  kernel::answer ask(const kernel::any_message& m, bool is_command);

  std::shared_ptr<kernel::port> port_;
  std::string service_;
  const std::atomic<bool>& stopping_;
  kernel::caller who_ = system();
};

}  // namespace stoa::shopify
