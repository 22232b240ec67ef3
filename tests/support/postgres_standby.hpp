#pragma once
// A streaming standby of a PostgreSQL server: can lag by a fixed delay, be cut off from its primary
// and be promoted.

#include "tests/support/postgres_server.hpp"
#include "tests/support/tcp_proxy.hpp"

#include <chrono>

namespace stoa::test {

struct postgres_standby_options {
  /// Changes become visible on the standby this much later.
  std::chrono::milliseconds apply_delay{0};
  /// Commits on the primary wait until the standby has stored them (`synchronous_commit = on`).
  bool synchronous = false;
  bool fsync = false;
  int max_connections = 200;  ///< at least as many as the primary's
};

/// Starts as a copy of the primary and accepts reads from the constructor on. Once promoted it is
/// an ordinary server.
class postgres_standby : public postgres_server {
 public:
  explicit postgres_standby(postgres_server& primary, const postgres_standby_options& options = {});

  /// Takes effect now; changes that already wait keep their delay.
  void set_apply_delay(std::chrono::milliseconds delay);
  /// Stops or resumes applying received changes. A promotion applies all of them.
  void pause_replay();
  void resume_replay();
  /// Disconnects it from the primary: later commits there are lost to this server.
  void cut_off();
  void connect_again();
  /// Waits until everything committed on the primary is visible here.
  void await_replay() const;
  /// Returns when it accepts writes. The primary should have ended by then.
  void promote();

 private:
  postgres_server& primary_;
  tcp_proxy way_;  ///< to the primary
};

}  // namespace stoa::test
