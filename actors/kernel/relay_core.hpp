#pragma once
// The relay without its actor: brings each event of one service's outbox to every subscriber, in
// order per aggregate, again and again with backoff until it is acknowledged, and to the
// subscriber's dead letters after too many refusals. What it holds in memory is bounded; the rest
// waits in the outbox.

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

/// Who gets which event: type -> services.
using subscription_map = std::map<std::string, std::vector<std::string>, std::less<>>;

struct relay_limits {
  std::size_t events_max = 4096;     ///< events held in memory
  std::size_t in_flight_max = 1024;  ///< unanswered deliveries to one subscriber
  int attempts_max = 10;             ///< refusals before an event is a dead letter
  microseconds retry_min = milliseconds{100};
  microseconds retry_max = seconds{30};
  microseconds answer_timeout = seconds{10};  ///< an unanswered delivery is sent again
  /// What was sent less than so long ago is not sent again: a broker would swallow it.
  microseconds repeat_pause{0};
  /// A watch waits for so long until services have applied the event (node.hpp: applied_by).
  microseconds applied_wait = seconds{2};
};

/// One event for one subscriber.
struct delivery {
  std::string subscriber;
  event_ptr what;
  std::int64_t low_water = 0;
  int attempt = 0;    ///< 1 for the first
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
  /// False when a verdict on that number speaks of another event, of a history of the database that
  /// is lost. Without an id it is believed: nodes of an earlier version do not tell.
  bool may_settle(std::int64_t seq, const std::optional<stoa::event_id>& id) const;

  /// Events that have just been committed, in outbox order. Ignored while the relay is behind: it
  /// will read them from the outbox.
  void committed(const std::vector<event_ptr>& events, timestamp now);
  /// True when the relay is behind and has room: read the outbox behind read_from().
  bool wants_to_read() const;
  std::int64_t read_from() const { return last_seq_; }
  std::size_t read_max() const { return limits_.events_max - held_.size(); }
  /// Looks at the outbox again, for events that were committed but never told of: their writer
  /// failed in between.
  void look_again() { behind_ = true; }
  /// What was read. Fewer than asked for means that the relay has caught up.
  void read(const std::vector<event_ptr>& events, std::size_t asked, timestamp now);

  /// What is to be sent now.
  std::vector<delivery> due(timestamp now);
  /// Deliveries that are sent and not answered.
  std::size_t in_flight() const;

  /// The subscriber has applied the event. Gives the event's aggregate, if it was waited for.
  std::optional<uuid> acknowledged(std::string_view subscriber, std::int64_t seq);
  /// The subscriber has refused the event, or is not there (`counts` false: does not make it dead).
  void refused(std::string_view subscriber, std::int64_t seq, const std::string& error, bool counts,
               timestamp now);
  /// Deliveries or answers may be lost, or whoever was not able is now: what is not acknowledged is
  /// due again, as if it had been tried once.
  void send_again(timestamp now);
  /// Events that every subscriber has applied: to be deleted from the outbox. Told once, and again
  /// while deleted() does not confirm it.
  std::vector<std::int64_t> take_finished(timestamp now);
  /// These rows are gone from the outbox for good.
  void deleted(const std::vector<std::int64_t>& seqs);

  std::size_t held() const { return held_.size(); }
  /// All events up to that one are, or have been, held here.
  bool knows(std::int64_t seq) const { return seq <= last_seq_; }
  /// Events may stand in the outbox that are not held here yet.
  bool is_behind() const { return behind_; }
  /// The events of the aggregate that the subscriber has not applied, oldest first; null: none.
  const std::deque<std::int64_t>* waiting(std::string_view subscriber, const uuid& aggregate) const;
  /// Age of the oldest event that is not acknowledged.
  microseconds lag(timestamp now) const;

 private:
  enum class state { ready, in_flight, waiting };
  struct task {
    event_ptr what;
    state at = state::ready;
    int attempts = 0;
    int in_vain = 0;  ///< attempts since it was last due at once
    int refusals = 0;
    bool guilty = false;  ///< refused for what it is, not because the subscriber is not able now
    timestamp sent_at;
    timestamp when;  ///< of the retry, or of the answer timeout
    std::string error;
    bool dead = false;
  };
  /// What one subscriber has still to apply; per aggregate only the front may be on its way.
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
  /// Events held, with how many subscribers have not acknowledged.
  std::map<std::int64_t, std::pair<event_ptr, std::size_t>> held_;
  std::vector<std::int64_t> finished_;  ///< not told of yet
  /// Finished, but perhaps still in the outbox, from where a restart would send them again: the low
  /// water stays below them, so that subscribers remember them.
  std::set<std::int64_t> undeleted_;
  timestamp told_at_;
  std::int64_t last_seq_ = 0;
  bool behind_ = true;
};

/// Reads at most `limit` events of the partition's outbox behind `seq`.
std::vector<event_ptr> read_outbox(db::connection& c, std::string_view source,
                                   std::int64_t partition, std::int64_t seq, std::size_t limit);

/// A run that begins with the database as it is now.
run_ptr begin_run(db::connection& c, std::int64_t partition, const uuid& id);

}  // namespace stoa::kernel
