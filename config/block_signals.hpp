#pragma once
// Threads that only write logs take no signals.

#include <csignal>

namespace stoa::log {

/// Signals are for the program's other threads: where this one took them, SIGTERM would end the
/// process at once instead of draining it.
inline void block_all_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace stoa::log
