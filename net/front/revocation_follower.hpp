#pragma once
// Keeps a node's revocations up to date: polls the user service four times a second for new ones,
// by the sequence numbers of the service's writers, and reports the age of the table.

#include "actors/kernel/node.hpp"
#include "actors/user/user_messages.hpp"
#include "net/front/front_metrics.hpp"
#include "net/front/revocations.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace stoa::front {

/// Runs in a dedicated port until the node closes it.
class revocation_follower : public std::enable_shared_from_this<revocation_follower> {
 public:
  revocation_follower(std::shared_ptr<kernel::port> port, std::shared_ptr<revocations> known,
                      std::shared_ptr<front_metrics> metrics)
      : port_(std::move(port)), known_(std::move(known)), metrics_(std::move(metrics)) {}
  void start();
  /// Calls `done` (on a thread of the port) when all revocations before the call are known, or
  /// after a timeout of a few polls: the token is then rejected slightly later.
  void catch_up(std::function<void(bool)> done);

 private:
  using clock = revocations::clock;

  struct waiter {
    clock::time_point since;
    std::function<void(bool)> done;
  };
  void end_waits(clock::time_point asked);

  void tick();
  void poll();
  void on_answer(clock::time_point asked, std::uint64_t round, const kernel::answer& a);
  void take(clock::time_point asked, const user::revocations_query::answer& news);
  void report();

  std::shared_ptr<kernel::port> port_;
  std::shared_ptr<revocations> known_;
  std::shared_ptr<front_metrics> metrics_;
  std::vector<std::int64_t> seen_;
  std::size_t polls_in_flight_ = 0;
  std::uint64_t round_ =
      0;  ///< incremented when the table is cleared; responses of earlier rounds are discarded
  clock::time_point paused_until_;
  clock::time_point forgets_at_;
  bool is_current_ = false;
  std::vector<waiter> waiting_;  ///< each corresponds to a request in flight
};

}  // namespace stoa::front
