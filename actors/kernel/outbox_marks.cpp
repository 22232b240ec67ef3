#include "actors/kernel/outbox_marks.hpp"

#include "storage/base/fault.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

constexpr std::size_t past_max = 16;

bool is_known(const std::deque<uuid>& runs, const uuid& run) {
  return std::find(runs.begin(), runs.end(), run) != runs.end();
}

}  // namespace

/// The event is a late copy from an earlier run, not the first event of a new run.
bool outbox_marks::is_past(const state& s, const outbox_run& from, std::int64_t seq) {
  if (is_known(s.past, from.run)) return true;
  // An unknown run. Within one history the run with the lower epoch is the earlier one, and all its
  // events had been committed when the later one started.
  return from.database == s.run->database && from.epoch < s.run->epoch && seq <= s.run->last_seq;
}

std::optional<outbox_gap> outbox_marks::delivered(const std::string& outbox, const outbox_run* from,
                                                  std::int64_t seq, std::int64_t low_water,
                                                  timestamp now) {
  // A node of an earlier version sends no run, and removes it from events that it forwards: the
  // number may belong to the run that appears next.
  if (from == nullptr) return std::nullopt;
  auto& s = all_[outbox];
  if (s.run && s.run->run == from->run) {
    s.highest = std::max(s.highest, seq);
    if (now - s.marked_at < settle_time) return std::nullopt;
    s.settled = s.mark;
    s.mark = std::max(s.mark, low_water);
    s.marked_at = now;
    return std::nullopt;
  }
  if (s.run && is_past(s, *from, seq)) {
    // Or the producer's database was restored to a state before this run: then numbers below the
    // mark are assigned again. No mark is valid until the run has sent another event.
    if (!is_known(s.past, from->run)) {
      s.settled = s.mark = 0;
      s.marked_at = now;
    }
    return std::nullopt;
  }
  std::optional<outbox_gap> gap;
  if (!s.run && s.highest == 0) gap = outbox_gap{outbox, from->last_seq + 1};
  if (s.highest > from->last_seq) {
    gap = outbox_gap{outbox, from->last_seq + 1, s.highest,
                     s.run && s.run->database && s.run->database != from->database};
  }
  if (s.run) s.past.push_back(s.run->run);
  if (s.past.size() > past_max) s.past.pop_front();
  s.run = *from;
  // Planted: marks of another history stay valid.
  s.settled = gap && gap->last > 0 && fault("believe_old_mark") ? s.highest : 0;
  s.highest = std::max(from->last_seq, seq);
  s.mark = low_water;
  s.marked_at = now;
  return gap;
}

std::int64_t outbox_marks::settled(const std::string& outbox) const {
  const auto found = all_.find(outbox);
  return found == all_.end() ? 0 : found->second.settled;
}

}  // namespace stoa::kernel
