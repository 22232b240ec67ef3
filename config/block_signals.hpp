#pragma once
// Blocks signals in threads that only write logs.

#include <csignal>

namespace stoa::log {

/// A thread that does not block SIGTERM would receive it with its default action and end the
/// process without draining.
inline void block_all_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace stoa::log
