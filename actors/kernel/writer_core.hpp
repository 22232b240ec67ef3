#pragma once
// The service writer without its actor: takes a batch of queued messages, loads every record the
// batch needs, decides each message in order, saves all changes in one transaction, commits once,
// and then answers. Runs under CAF (writer_actor) and under the simulator.

#include "actors/kernel/cleanup_slice.hpp"
#include "actors/kernel/decision.hpp"
#include "actors/kernel/outbox_marks.hpp"
#include "storage/kernel/partition_store.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <span>

namespace stoa::kernel {

enum class job_kind {
  command,      ///< message, answered with its reply
  event,        ///< event, applied once per id
  dead_letter,  ///< event that failed permanently, with `error`: recorded, counts as applied
  replay        ///< the dead letter `event_id`, applied again
};

/// One message for a writer.
struct job {
  job_kind kind = job_kind::command;
  call_context context;
  any_message message;
  event_ptr event;
  std::int64_t low_water = 0;  ///< the producer has deleted all its events below this number
  run_ptr from;                ///< the relay that sent the event
  stoa::event_id event_id;
  std::string error;
  std::int64_t attempts = 0;
  std::function<void(answer)> done;  ///< called once, after the commit; may be empty
};

/// Result of one batch.
struct batch_report {
  std::size_t jobs = 0;
  std::size_t refused = 0;
  bool committed = false;  ///< something was written
  bool failed = false;     ///< the database could not save it; all callers have been answered
  /// The database failed (disk full, I/O error, no connection), not the data to be saved. Reset
  /// when a later part of the batch was committed.
  std::optional<db::error> database_error;
  bool partition_lost = false;  ///< another writer owns the partition: this one must stop
  /// The partition is lost because the database has lost commits: a fail-over to a replica that
  /// lagged, or a restored backup.
  bool database_regressed = false;
  std::vector<outbox_gap> gaps;  ///< events that producers' databases have lost
  std::size_t retries = 0;       ///< retries after a conflict with another transaction
  microseconds commit_time{};
  microseconds total_time{};
  std::vector<event_ptr> events;     ///< now durable: for the relay
  std::vector<any_message> effects;  ///< now durable: for the effect worker
  std::vector<std::int64_t>
      deleted;  ///< acknowledged events deleted from the outbox: for the relay
};

/// Encrypts replies that contain secrets before they are stored for idempotent retries.
class sealer {
 public:
  virtual ~sealer() = default;
  virtual std::string seal(std::string_view plain) const = 0;
  virtual std::optional<std::string> open(std::string_view sealed) const = 0;
  /// The same for the same text, so that it can be found without being stored. Not reversible.
  virtual std::string fingerprint(std::string_view plain) const = 0;
};

/// Points within a batch at which the simulator crashes the process.
enum class step { before_save, before_commit, after_commit, between_answers };

/// A writer's dependencies and settings.
struct writer_environment {
  const clock* time = &system_time();
  const clock* deadlines = nullptr;  ///< the clock of callers' deadlines; null: time
  id_source* ids = &system_ids();
  const sealer* seal = nullptr;
  microseconds idempotency_ttl = seconds{86400};
  std::string owner = "local";  ///< node name recorded as the partition's owner
  /// The partition taken for this writer; empty: partition 0, taken in the constructor.
  std::optional<partition_grant> grant;
  std::atomic<std::uint64_t>* commits = nullptr;  ///< incremented by each commit before its answers
  std::function<void(step)> probe;                ///< for the simulator; empty otherwise
};

class cleaner;
struct expiry;
struct value_type;

/// The reply to a command, and how it is stored for idempotent retries.
struct reply_traits {
  const value_type* type = nullptr;
  bool secret = false;  ///< it is encrypted
  bool stored = true;   ///< false: a retry is decided again
};

class writer_core {
 public:
  writer_core(std::string name, db::connection& database, writer_environment environment);
  virtual ~writer_core();
  writer_core(const writer_core&) = delete;
  writer_core& operator=(const writer_core&) = delete;

  const std::string& name() const { return name_; }
  void add(job j) { waiting_.push_back(std::move(j)); }
  std::size_t waiting() const { return waiting_.size(); }
  /// All subscribers have applied these events: the next batch deletes their rows.
  void acknowledge(std::span<const std::int64_t> seqs);
  std::size_t acknowledged() const { return acknowledged_.size(); }
  /// Answers all waiting commands with partition_moved. Waiting events are dropped: their relays
  /// send them again.
  void turn_away();
  const partition_grant& partition() const { return partition_; }

  /// Runs one batch of at most batch_max jobs, and deletes acknowledged events.
  batch_report flush(std::size_t batch_max);
  /// flush() that commits even an empty batch: the partition's heartbeat.
  batch_report beat(std::size_t batch_max);

  /// Starts deleting expired rows, unless a pass is in progress.
  void start_cleanup();
  /// Deletes some of the expired rows in a separate transaction; empty when none are left or the
  /// database has failed. `busy`: messages are waiting.
  std::optional<cleanup_slice> clean_up(bool busy);

 protected:
  struct outcome {
    std::shared_ptr<void> value;
    std::optional<problem> error;
  };

  // Implemented by service_writer<S>.
  virtual void start_batch() = 0;
  db::connection& connection_of_batch() { return database_; }
  virtual void needs(const job& j) = 0;
  /// The statements that needs() has added; feed() takes their rows, fed() ends the round.
  virtual std::vector<db::statement>& open_needs() = 0;
  /// Whether needs() was answered by kept records since the last call: others may follow.
  virtual bool were_needs_answered() = 0;
  virtual void feed(std::size_t i, db::row r) = 0;
  virtual void fed() = 0;
  virtual void mark() = 0;
  virtual void undo() = 0;
  /// Whether the service's records were changed since mark().
  virtual bool has_changes() const = 0;
  virtual void collect(std::vector<db::statement>& out) = 0;
  /// The batch was saved: keeps its records in memory. `only_these`: nothing else was changed.
  virtual void keep_records(bool only_these) = 0;
  /// The database was changed by something other than records.
  virtual void forget_records() = 0;
  /// Whether this batch was decided with records from memory.
  virtual bool uses_kept_records() const = 0;
  virtual outcome decide(const job& j, timestamp now, decision_base*& made) = 0;
  virtual outcome apply(const event& e, timestamp now, decision_base*& made) = 0;
  /// Null: not a command of the service.
  virtual const reply_traits* reply_of(const any_message& command) const = 0;
  /// The service's tables with expiring rows.
  virtual std::vector<const expiry*> expiring() const = 0;

  writer_environment environment_;

 private:
  struct batch;
  enum class fate { saved, retry, refused, partition_lost };

  batch_report settle(std::span<job> jobs);
  fate try_batch(std::span<job> jobs, batch& b, std::optional<db::error>& why);
  fate resolve(batch& b);
  bool database_regressed();
  void run(std::span<job> jobs, batch& b);
  timestamp batch_time();
  void load_all(std::span<job> jobs);
  bool load_round(db::need_list<kernel_records>& kernel_list);
  void kernel_needs(const job& j, db::need_list<kernel_records>& list);
  answer run_one(const job& j, batch& b);
  answer run_command(const job& j, batch& b);
  answer run_event(const job& j, batch& b);
  void note_delivery(const job& j, const std::string& outbox, batch& b);
  bool may_be_applied(const event& e) const;
  void add_to_inbox(const event& e, timestamp now);
  answer run_dead_letter(const job& j);
  answer run_replay(const job& j, batch& b);
  bool keeps_answer(const job& j) const;
  std::optional<answer> repeated(const job& j);
  void remember_answer(const job& j, const outcome& o);
  answer finish(outcome o, decision_base* made, batch& b, std::string_view traceparent);
  void save(batch& b);
  void note_foreign_changes();
  void check_ownership();
  void delete_acknowledged(std::vector<db::statement>& out) const;
  batch_report one_by_one(std::span<job> jobs);
  answer failure(const job& j, const db::error& e) const;
  void deliver(std::span<job> jobs, std::vector<answer>& answers);
  void check(step s) const {
    if (environment_.probe) environment_.probe(s);
  }

  std::string name_;
  db::connection& database_;
  partition_grant partition_;
  std::deque<job> waiting_;
  std::vector<std::int64_t> acknowledged_;
  outbox_marks marks_;
  /// No event of an outbox with a higher id has been applied; `applied_before_` holds for outboxes
  /// that are not in the map. Empty: not known.
  std::map<std::string, stoa::event_id> applied_;
  std::optional<stoa::event_id> applied_before_;
  std::vector<outbox_gap> gaps_;  ///< not reported yet
  std::optional<kernel_records> kernel_;
  timestamp last_now_;                ///< of the last batch
  std::unique_ptr<cleaner> cleaner_;  ///< created at the first clean-up
  bool beat_ = false;                 ///< the next batch commits even when empty
  std::int64_t foreign_changes_ = 0;  ///< of the database at the last batch
};

}  // namespace stoa::kernel
