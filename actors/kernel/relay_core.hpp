#pragma once
// The relay without its actor: delivers each event of a partition's outbox to every subscriber, in
// order per aggregate, with retries and backoff until it is acknowledged, and as a dead letter
// after too many failed attempts. The events held in memory are bounded; the rest wait in the
// outbox.

#include "actors/kernel/message.hpp"
#include "actors/kernel/outbox_run.hpp"
#include "storage/db/connection.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace stoa::kernel {

/// Event type -> subscribing services.
using subscription_map = std::map<std::string, std::vector<std::string>, std::less<>>;

struct relay_limits {
  std::size_t events_max = 4096;     ///< events held in memory
  std::size_t in_flight_max = 1024;  ///< unanswered deliveries to one subscriber
  int attempts_max = 10;             ///< rejections before an event becomes a dead letter
  microseconds retry_min = milliseconds{100};
  microseconds retry_max = seconds{30};
  microseconds answer_timeout = seconds{10};  ///< an unanswered delivery is sent again
  /// Minimum time before an event is sent again: a broker would drop an earlier copy as a
  /// duplicate.
  microseconds repeat_pause{0};
  /// How long a watch waits until services have applied the event (node.hpp: applied_by).
  microseconds applied_wait = seconds{2};
};

/// One event for one subscriber.
struct delivery {
  std::string subscriber;
  event_ptr what;
  std::int64_t low_water = 0;
  int attempt = 0;    ///< starts at 1
  bool dead = false;  ///< to be recorded as a dead letter with `error`
  std::string error;
  run_ptr from = nullptr;
};

class relay_core {
 public:
  relay_core(std::string source, const subscription_map& subscriptions, relay_limits limits,
             run_ptr run);

  const std::string& source() const { return source_; }
  const run_ptr& run() const { return run_; }
  /// False when a verdict on that number is for another event, from a lost history of the database.
  /// True without an id: nodes of earlier versions send none.
  bool may_settle(std::int64_t seq, const std::optional<stoa::event_id>& id) const;

  /// Adds committed events, in outbox order. Ignored while the relay is behind: it reads them from
  /// the outbox.
  void committed(const std::vector<event_ptr>& events, timestamp now);
  /// True when the relay is behind and has room: read the outbox after read_from().
  bool wants_to_read() const;
  std::int64_t read_from() const { return last_seq_; }
  std::size_t read_max() const { return limits_.events_max - held_.size(); }
  /// Reads the outbox again, for committed events that were never passed to committed() because the
  /// writer failed.
  void look_again() { behind_ = true; }
  /// Adds events read from the outbox. Fewer than asked for: the relay has caught up.
  void read(const std::vector<event_ptr>& events, std::size_t asked, timestamp now);

  /// The deliveries to send now.
  std::vector<delivery> due(timestamp now);
  /// Unanswered deliveries.
  std::size_t in_flight() const;

  /// The subscriber has applied the event. Returns the event's aggregate if it was pending.
  std::optional<uuid> acknowledged(std::string_view subscriber, std::int64_t seq);
  /// The subscriber has rejected the event, or is unavailable (`counts` false: the attempt does not
  /// count towards attempts_max).
  void refused(std::string_view subscriber, std::int64_t seq, const std::string& error, bool counts,
               timestamp now);
  /// Makes unacknowledged events due again with a reset backoff: deliveries or answers may be lost,
  /// or subscribers are available again.
  void send_again(timestamp now);
  /// Events that every subscriber has applied, to be deleted from the outbox. Returned once, and
  /// again after answer_timeout until deleted() confirms them.
  std::vector<std::int64_t> take_finished(timestamp now);
  /// These rows have been deleted from the outbox.
  void deleted(const std::vector<std::int64_t>& seqs);

  std::size_t held() const { return held_.size(); }
  /// All events up to this one are or have been held.
  bool knows(std::int64_t seq) const { return seq <= last_seq_; }
  /// The outbox may contain events that are not held yet.
  bool is_behind() const { return behind_; }
  /// The events of the aggregate that the subscriber has not applied, oldest first; null: none.
  const std::deque<std::int64_t>* waiting(std::string_view subscriber, const uuid& aggregate) const;
  /// Age of the oldest unacknowledged event.
  microseconds lag(timestamp now) const;

 private:
  enum class state { ready, in_flight, waiting };
  struct task {
    event_ptr what;
    state at = state::ready;
    int attempts = 0;
    int backoff_step = 0;  ///< attempts since the backoff was reset
    int refusals = 0;
    bool rejected = false;  ///< the last refusal counts: it was not a transient failure
    timestamp sent_at;
    timestamp when;  ///< of the retry, or of the answer timeout
    std::string error;
    bool dead = false;
  };
  /// The events that one subscriber has not applied; per aggregate only the first may be in flight.
  struct subscriber_queue {
    std::unordered_map<uuid, std::deque<std::int64_t>> by_aggregate;
    std::map<std::int64_t, task> tasks;
    std::set<std::int64_t> ready;
    std::set<std::pair<timestamp, std::int64_t>> timers;
    std::size_t in_flight = 0;
  };

  void hold(const event_ptr& e);
  void finish(std::int64_t seq);
  static void disarm(subscriber_queue& l, std::int64_t seq, const task& t);
  std::int64_t low_water() const;

  std::string source_;
  const subscription_map& subscriptions_;
  relay_limits limits_;
  const run_ptr run_;
  std::map<std::string, subscriber_queue, std::less<>> queues_;
  /// Held events, with the number of subscribers that have not acknowledged them.
  std::map<std::int64_t, std::pair<event_ptr, std::size_t>> held_;
  std::vector<std::int64_t> finished_;  ///< not returned by take_finished() yet
  /// Finished, but possibly still in the outbox, from which a restarted relay would send them
  /// again: the low-water mark stays below them, so that subscribers keep them in their inboxes.
  std::set<std::int64_t> undeleted_;
  timestamp repeated_at_;
  std::int64_t last_seq_ = 0;
  bool behind_ = true;
};

/// Reads at most `limit` events of the partition's outbox after `seq`.
std::vector<event_ptr> read_outbox(db::connection& c, std::string_view source,
                                   std::int64_t partition, std::int64_t seq, std::size_t limit);

/// Starts a run from the current state of the database.
run_ptr begin_run(db::connection& c, std::int64_t partition, const uuid& id);

}  // namespace stoa::kernel
