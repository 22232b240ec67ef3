#include "actors/kernel/peer_journal.hpp"

#include "config/log.hpp"

namespace stoa::kernel {

namespace {

const char* name_of(peer_result r) {
  switch (r) {
    case peer_result::accepted:
      return "accepted";
    case peer_result::closed:
      return "closed";
    case peer_result::timed_out:
      return "timed_out";
    case peer_result::evicted:
      return "evicted";
    case peer_result::rejected:
      return "rejected";
    case peer_result::malformed:
      return "malformed";
    case peer_result::limited:
      return "limited";
  }
  return "unknown";
}

}  // namespace

void peer_journal::note(peer_result r, const std::string& reason, const std::string& address) {
  const std::string result = name_of(r);
  metrics_.peer_connection(result);
  if (r == peer_result::accepted || r == peer_result::closed) {
    return log::debug("cluster connection", {{"result", result}, {"address", address}});
  }
  std::int64_t times = 0;
  {
    const std::scoped_lock lock(mutex_);
    times = throttle_.happened(result, reason, log_throttle::clock::now());
  }
  if (times == 0) return;
  log::warn("cluster connection refused",
            {{"result", result}, {"reason", reason}, {"address", address}, {"times", times}});
}

void peer_journal::broken(const std::string& reason, const std::string& address) {
  std::int64_t times = 0;
  {
    const std::scoped_lock lock(mutex_);
    times = throttle_.happened("broken", reason, log_throttle::clock::now());
  }
  if (times == 0) return;
  log::warn("cluster connection closed",
            {{"reason", reason}, {"address", address}, {"times", times}});
}

}  // namespace stoa::kernel
