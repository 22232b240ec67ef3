#include "actors/kernel/clock_watch.hpp"

#include "config/log.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

/// A node's clock is taken from the least delayed of this many states.
constexpr std::size_t states_kept = 10;

constexpr std::int64_t us_per_ms = 1000;

bool exceeds(microseconds ahead, microseconds limit) {
  return ahead > limit || -ahead > limit;
}

/// Hysteresis: a reported difference ends clearly below the limit.
microseconds lowered(microseconds limit) {
  return limit * 4 / 5;
}

}  // namespace

clock_watch::level clock_watch::level_of(microseconds ahead, level before) const {
  if (exceeds(ahead, before == level::beyond ? lowered(most_) : most_)) return level::beyond;
  const microseconds reported = clock_skew_reported;
  return exceeds(ahead, before == level::agrees ? reported : lowered(reported)) ? level::differs
                                                                                : level::agrees;
}

microseconds clock_watch::greatest() const {
  microseconds most{0};
  for (const auto& [service, ahead] : databases_) {
    if (exceeds(ahead, std::max(most, -most))) most = ahead;
  }
  return most;
}

void clock_watch::database(const std::string& service, microseconds ahead) {
  metrics_.database_clock_skew(service, ahead);
  std::scoped_lock lock(mutex_);
  databases_[service] = ahead;
  const auto most = greatest();
  const auto now = level_of(most, level_);
  if (now == std::exchange(level_, now)) return;
  const log::fields about{{"service", service}, {"ahead_ms", most.count() / us_per_ms}};
  switch (now) {
    case level::beyond:
      log::error(
          "this node's clock differs from its database's by more than cluster.clock_skew_max_ms: "
          "its partitions move to other nodes",
          about);
      break;
    case level::differs:
      log::warn("this node's clock differs from its database's", about);
      break;
    case level::agrees:
      log::info("this node's clock agrees with its database's again", about);
      break;
  }
}

void clock_watch::moved(const std::string& service, microseconds by) {
  if (!exceeds(by, clock_skew_reported)) return;
  log::warn("the clock of a service has been set: checking again for due work",
            {{"service", service}, {"by_ms", by.count() / us_per_ms}});
}

void clock_watch::peer(const std::string& node, microseconds ahead) {
  std::scoped_lock lock(mutex_);
  auto& p = peers_[node];
  p.last.push_back(ahead);
  if (p.last.size() > states_kept) p.last.pop_front();
  const auto most = *std::ranges::max_element(p.last);
  metrics_.clock_skew(node, most);
  if (p.last.size() < states_kept) return;
  const microseconds limit = clock_skew_reported;
  const bool differs = exceeds(most, p.differs ? lowered(limit) : limit);
  if (differs == std::exchange(p.differs, differs)) return;
  const log::fields about{{"node", node}, {"ahead_ms", most.count() / us_per_ms}};
  if (differs) {
    log::warn("the clocks of two nodes differ", about);
  } else {
    log::info("the clocks of two nodes agree again", about);
  }
}

void clock_watch::gone(const std::string& node) {
  metrics_.clock_skew(node, std::nullopt);
  std::scoped_lock lock(mutex_);
  peers_.erase(node);
}

microseconds clock_watch::ahead() const {
  std::scoped_lock lock(mutex_);
  return greatest();
}

bool clock_watch::beyond() const {
  std::scoped_lock lock(mutex_);
  return level_ == level::beyond;
}

}  // namespace stoa::kernel
