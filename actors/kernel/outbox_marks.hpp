#pragma once
// What a subscriber remembers of the outboxes that its events come from: which rows of the inbox
// can be forgotten, and whether the producer's database has lost events. Whether an event is
// applied is not decided here, but by the inbox alone. Without a database, so that it can be
// tested.

#include "actors/kernel/outbox_run.hpp"
#include "storage/base/time.hpp"

#include <deque>
#include <map>
#include <string>

namespace stoa::kernel {

/// Events that were delivered and are not in the history of the producer's database any more.
struct outbox_gap {
  std::string outbox;  ///< "order/0"
  std::int64_t first = 0;
  std::int64_t last = 0;  ///< 0: of the first run since the start; the inbox tells whether it is so
  bool replaced = false;  ///< by another database
};

class outbox_marks {
 public:
  /// A mark is believed when a later delivery of the same run has come so long after it: until then
  /// copies of what the producer has deleted may be on their way.
  static constexpr microseconds settle_time = std::chrono::minutes{2};

  /// A delivery has come. `low_water`: the producer has deleted all events below it.
  std::optional<outbox_gap> delivered(const std::string& outbox, const outbox_run* from,
                                      std::int64_t seq, std::int64_t low_water, timestamp now);
  /// Calls f(outbox, seq) where no event below seq will come again.
  template <class F>
  void each_settled(F&& f) const {
    for (const auto& [outbox, s] : all_) {
      if (s.settled > 0) f(outbox, s.settled);
    }
  }
  /// No event of the outbox below that number will come again; 0: not known.
  std::int64_t settled(const std::string& outbox) const;

 private:
  struct state {
    std::optional<outbox_run> run;
    std::deque<uuid> past;     ///< runs before it, of which late copies may come
    std::int64_t highest = 0;  ///< number delivered in the run
    std::int64_t mark = 0;
    timestamp marked_at;
    std::int64_t settled = 0;
  };
  static bool is_past(const state& s, const outbox_run& from, std::int64_t seq);

  std::map<std::string, state> all_;
};

}  // namespace stoa::kernel
