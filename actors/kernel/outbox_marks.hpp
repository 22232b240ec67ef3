#pragma once
// A subscriber's state of the producers' outboxes: which inbox rows can be deleted, and whether a
// producer's database has lost events. Only the inbox decides whether an event has been applied.
// Uses no database, so that it can be tested.

#include "actors/kernel/outbox_run.hpp"
#include "storage/base/time.hpp"

#include <deque>
#include <map>
#include <string>

namespace stoa::kernel {

/// Delivered events that the producer's database has lost.
struct outbox_gap {
  std::string outbox;  ///< "order/0"
  std::int64_t first = 0;
  std::int64_t last = 0;  ///< 0: first run since the start; the inbox shows whether there is a gap
  bool replaced = false;  ///< the producer has another database
};

class outbox_marks {
 public:
  /// A mark takes effect with a delivery of the same run after this time: until then copies of
  /// deleted events may be in flight.
  static constexpr microseconds settle_time = std::chrono::minutes{2};

  /// Records a delivery. `low_water`: the producer has deleted all events below it.
  std::optional<outbox_gap> delivered(const std::string& outbox, const outbox_run* from,
                                      std::int64_t seq, std::int64_t low_water, timestamp now);
  /// Calls f(outbox, seq) for each outbox of which no event below seq will arrive again.
  template <class F>
  void each_settled(F&& f) const {
    for (const auto& [outbox, s] : all_) {
      if (s.settled > 0) f(outbox, s.settled);
    }
  }
  /// No event of the outbox below this number will arrive again; 0: unknown.
  std::int64_t settled(const std::string& outbox) const;

 private:
  struct state {
    std::optional<outbox_run> run;
    std::deque<uuid> past;     ///< earlier runs, of which late copies may arrive
    std::int64_t highest = 0;  ///< number delivered in the run
    std::int64_t mark = 0;
    timestamp marked_at;
    std::int64_t settled = 0;
  };
  static bool is_past(const state& s, const outbox_run& from, std::int64_t seq);

  std::map<std::string, state> all_;
};

}  // namespace stoa::kernel
