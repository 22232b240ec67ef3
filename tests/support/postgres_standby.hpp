#pragma once
// A streaming standby of a PostgreSQL server: lags by a fixed delay, is cut off from its primary,
// is promoted.

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

/// Begins as a copy of the primary, and accepts reads from the constructor on. A promoted one is a
/// server like any other.
class postgres_standby : public postgres_server {
 public:
  explicit postgres_standby(postgres_server& primary, const postgres_standby_options& options = {});

  /// From now on; a change that is waiting keeps its own time.
  void set_apply_delay(std::chrono::milliseconds delay);
  /// What arrives is stored and not shown, or is again. A promotion shows all that has arrived.
  void pause_replay();
  void resume_replay();
  /// Nothing more arrives from the primary, as of now: what it commits later is lost to this
  /// server.
  void cut_off();
  void connect_again();
  /// Waits until all that the primary has committed by now can be read here.
  void await_replay() const;
  /// Accepts writes when this returns. The primary should be gone by then.
  void promote();

 private:
  postgres_server& primary_;
  tcp_proxy way_;  ///< to the primary
};

}  // namespace stoa::test
