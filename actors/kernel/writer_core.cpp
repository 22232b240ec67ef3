#include "actors/kernel/writer_core.hpp"

#include "actors/kernel/cleaner.hpp"
#include "actors/kernel/kernel_commands.hpp"
#include "actors/kernel/load_rounds.hpp"
#include "actors/kernel/value_type.hpp"
#include "actors/kernel/writer_batch.hpp"
#include "config/log.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/kernel/kernel_store.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace stoa::kernel {

namespace {

/// Attempts to save a batch that conflicts with other transactions; then one message at a time.
constexpr int tries_max = 4;
/// How long a writer tries to find out the outcome of a commit whose answer was lost.
constexpr seconds resolve_limit{10};
constexpr milliseconds resolve_pause{50};
/// Smaller steps back are corrections of the estimated database clock.
constexpr seconds clock_step_min{1};

const db::sql delete_outbox{"delete outbox",
                            "DELETE FROM outbox WHERE partition=$1 AND seq>=$2 AND seq<=$3"};

/// The data to be saved caused the error.
bool caused_by_data(const db::error& e) {
  return e.kind() == db::error_kind::unique || e.kind() == db::error_kind::stale ||
         e.kind() == db::error_kind::constraint || e.kind() == db::error_kind::programming;
}

/// The database caused the error, whatever the data.
bool caused_by_database(const db::error& e) {
  return e.kind() == db::error_kind::unavailable || e.kind() == db::error_kind::busy ||
         e.kind() == db::error_kind::unknown;
}

/// Deciding the same jobs again on current data may succeed.
bool is_retryable(const db::error& e, std::size_t jobs) {
  // A constraint too: a referenced row may have been deleted meanwhile.
  return e.kind() == db::error_kind::conflict || e.kind() == db::error_kind::stale ||
         (jobs == 1 &&
          (e.kind() == db::error_kind::unique || e.kind() == db::error_kind::constraint));
}

/// Planted: answers sent before the commit. With the long pause a process killed from outside is
/// likely to die in between.
bool answers_too_early() {
  return fault("answer_before_commit") || fault("answer_long_before_commit");
}

/// Counts a commit at its end, whatever the outcome: a failed one may have been applied.
class commit_count {
 public:
  explicit commit_count(std::atomic<std::uint64_t>* of) : of_(of) {}
  ~commit_count() {
    // Planted: what was read before the commit remains valid.
    if (of_ != nullptr && !fault("keep_old_answers")) of_->fetch_add(1, std::memory_order_release);
  }
  commit_count(const commit_count&) = delete;
  commit_count& operator=(const commit_count&) = delete;

 private:
  std::atomic<std::uint64_t>* of_;
};

void merge(batch_report& sum, batch_report one) {
  sum.refused += one.refused;
  sum.committed |= one.committed;
  if (one.committed || one.database_error) sum.database_error = one.database_error;
  sum.failed |= one.failed;
  sum.partition_lost |= one.partition_lost;
  sum.database_regressed |= one.database_regressed;
  sum.retries += one.retries;
  sum.commit_time += one.commit_time;
  std::move(one.events.begin(), one.events.end(), std::back_inserter(sum.events));
  std::move(one.effects.begin(), one.effects.end(), std::back_inserter(sum.effects));
  sum.deleted.insert(sum.deleted.end(), one.deleted.begin(), one.deleted.end());
}

}  // namespace

writer_core::writer_core(std::string name, db::connection& database, writer_environment environment)
    : environment_(std::move(environment)), name_(std::move(name)), database_(database) {
  partition_ = environment_.grant ? *environment_.grant
                                  : force_take_partition(database_, 0, environment_.owner);
  applied_before_ = newest_applied(database_);
}

writer_core::~writer_core() = default;

void writer_core::acknowledge(std::span<const std::int64_t> seqs) {
  acknowledged_.insert(acknowledged_.end(), seqs.begin(), seqs.end());
}

batch_report writer_core::beat(std::size_t batch_max) {
  beat_ = true;
  return flush(batch_max);
}

void writer_core::start_cleanup() {
  if (!cleaner_) cleaner_ = std::make_unique<cleaner>(expiring(), environment_.idempotency_ttl);
  std::vector<inbox_mark> marks;
  marks_.each_settled([&](const std::string& outbox, std::int64_t seq) {
    marks.push_back({outbox, seq});
  });
  cleaner_->begin(environment_.time->now(), marks);
}

std::optional<cleanup_slice> writer_core::clean_up(bool busy) {
  if (!cleaner_ || !cleaner_->under_way()) return std::nullopt;
  try {
    auto slice = cleaner_->slice(database_, environment_.time->now(), busy);
    // The kernel's own tables are not kept.
    const bool is_kernels =
        slice.table == expired_inbox.table || slice.table == expired_answers.table;
    if (slice.rows > 0 && !is_kernels) forget_records();
    return slice;
  } catch (const db::error& e) {
    database_.rollback();
    // The next pass finds the rows again, whatever the outcome of this slice.
    cleaner_->stop();
    log::warn("clean-up failed", {{"service", name_}, {"error", std::string(e.what())}});
    return std::nullopt;
  }
}

batch_report writer_core::flush(std::size_t batch_max) {
  auto started = std::chrono::steady_clock::now();
  std::vector<job> jobs;
  while (!waiting_.empty() && jobs.size() < batch_max) {
    jobs.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  batch_report report = settle(jobs);
  report.jobs = jobs.size();
  if (cleaner_ && report.jobs > 0) cleaner_->handled(report.jobs);
  report.gaps = std::exchange(gaps_, {});
  report.total_time = microseconds{elapsed_us(started)};
  return report;
}

/// Saves the jobs, in one batch if possible, and answers them.
batch_report writer_core::settle(std::span<job> jobs) {
  batch_report report;
  for (int tries = 1;; ++tries) {
    batch b;
    std::optional<db::error> why;
    fate f = try_batch(jobs, b, why);
    if (f == fate::retry && tries < tries_max) {
      ++report.retries;
      continue;
    }
    if (f == fate::saved) {
      report.committed = b.committed;
      report.commit_time = microseconds{b.commit_us};
      report.deleted = std::exchange(acknowledged_, {});
      report.events = std::move(b.durable);
      report.effects = std::move(b.effects);
    } else {
      // While the database is unreachable every batch fails: the actor logs that once.
      const bool is_away = why->kind() == db::error_kind::unavailable;
      log::write(is_away ? log::level::debug : log::level::warn, "batch not saved",
                 {{"service", name_},
                  {"partition", partition_.partition},
                  {"jobs", static_cast<std::int64_t>(jobs.size())},
                  {"error", std::string(why->what())}});
      if (f != fate::partition_lost && jobs.size() > 1 &&
          (f == fate::retry || caused_by_data(*why))) {
        merge(report, one_by_one(jobs));
        return report;
      }
      b.answers.clear();
      for (const auto& j : jobs) b.answers.push_back(failure(j, *why));
      report.failed = true;
      report.partition_lost = f == fate::partition_lost;
      report.database_regressed = report.partition_lost && database_regressed();
      if (!report.partition_lost && caused_by_database(*why)) report.database_error = *why;
    }
    for (const auto& a : b.answers) report.refused += a.error.has_value() ? 1 : 0;
    deliver(jobs, b.answers);
    return report;
  }
}

writer_core::fate writer_core::try_batch(std::span<job> jobs, batch& b,
                                         std::optional<db::error>& why) {
  try {
    run(jobs, b);
    return fate::saved;
  } catch (const db::error& e) {
    database_.rollback();
    why = e;
    if (e.kind() == db::error_kind::unknown) return resolve(b);
    if (partition_lost(e)) return fate::partition_lost;
    return is_retryable(e, jobs.size()) ? fate::retry : fate::refused;
  }
}

/// Determines the outcome of a commit whose answer was lost: the partition's row counts its
/// commits. Taking the partition again raises its epoch, which fences a commit still in progress.
writer_core::fate writer_core::resolve(batch& b) {
  auto started = std::chrono::steady_clock::now();
  if (fault("guess_commit")) {
    b.committed = true;
    return fate::saved;
  }
  while (std::chrono::steady_clock::now() - started < resolve_limit) {
    try {
      auto taken =
          take_partition(database_, partition_.partition, partition_.epoch, environment_.owner);
      if (!taken) return fate::partition_lost;
      const bool happened = taken->batches == b.after.batches;
      if (!happened && taken->batches != partition_.batches) return fate::partition_lost;
      log::warn("commit of unknown outcome resolved",
                {{"service", name_}, {"partition", partition_.partition}, {"committed", happened}});
      partition_ = *taken;
      b.committed = happened;
      return happened ? fate::saved : fate::retry;
    } catch (const db::error&) {  // Still unreachable.
      std::this_thread::sleep_for(resolve_pause);
    }
  }
  return fate::partition_lost;
}

/// Whether the partition's row is older than this writer's last commit.
bool writer_core::database_regressed() {
  try {
    for (const auto& row : read_partitions(database_)) {
      if (row.partition != partition_.partition || row.batches >= partition_.batches) continue;
      log::error(
          "the database has lost committed changes: fail-over to a replica that lagged, or a "
          "restored backup",
          {{"service", name_},
           {"partition", partition_.partition},
           {"batches_lost", partition_.batches - row.batches},
           {"events_lost", partition_.last_seq - row.last_seq}});
      return true;
    }
  } catch (const db::error&) {  // Unreachable again; the partition's next owner checks, too.
  }
  return false;
}

void writer_core::turn_away() {
  for (auto& j : std::exchange(waiting_, {})) {
    if (!j.event && j.done) j.done(refusal(partition_moved(name_)));
  }
}

answer writer_core::failure(const job& j, const db::error& e) const {
  if (partition_lost(e)) return refusal(partition_moved(name_));
  // A single command met a unique or stale record: the caller may fetch it again and retry.
  if (j.kind == job_kind::command &&
      (e.kind() == db::error_kind::unique || e.kind() == db::error_kind::stale)) {
    return refusal(conflict("conflict", "Modified concurrently. Fetch it again and retry."));
  }
  // The database would reject the same data again: an event that keeps failing becomes a dead
  // letter.
  if (caused_by_data(e) && e.kind() != db::error_kind::stale) {
    return refusal({problem_kind::internal, "internal_error", e.what(), {}});
  }
  return refusal(not_saved());
}

batch_report writer_core::one_by_one(std::span<job> jobs) {
  batch_report sum;
  for (auto& j : jobs) merge(sum, settle(std::span(&j, 1)));
  return sum;
}

/// Monotonic, unless the clock has been set back by more than clock_step_min.
timestamp writer_core::batch_time() {
  const auto now = environment_.time->now();
  if (now >= last_now_ || last_now_ - now > clock_step_min) last_now_ = now;
  return last_now_;
}

void writer_core::run(std::span<job> jobs, batch& b) {
  b.now = batch_time();
  database_.begin();
  note_foreign_changes();
  load_all(jobs);
  for (const auto& j : jobs) b.answers.push_back(run_one(j, b));
  if (answers_too_early()) deliver(jobs, b.answers);
  if (fault("answer_long_before_commit")) std::this_thread::sleep_for(milliseconds{80});
  save(b);
}

/// Another connection has committed: what is in memory may be outdated. A commit of another owner
/// of the partition needs no such notice, as this writer saves nothing after it.
void writer_core::note_foreign_changes() {
  const auto now = database_.foreign_changes();
  if (now && std::exchange(foreign_changes_, *now) != *now) forget_records();
}

/// For answers that nothing is saved for: a commit would have failed if the partition had another
/// owner, whose changes the records in memory lack.
void writer_core::check_ownership() {
  if (!uses_kept_records() || database_.foreign_changes()) return;
  require_partition(database_, partition_);
}

void writer_core::load_all(std::span<job> jobs) {
  kernel_.emplace();
  db::need_list<kernel_records> kernel_list(*kernel_);
  for (const auto& j : jobs) kernel_needs(j, kernel_list);
  start_batch();
  for (int round = 0;;) {
    for (const auto& j : jobs) needs(j);
    if (round == load_rounds_max && !open_needs().empty()) refuse_more_rounds(name_);
    const bool has_loaded = load_round(kernel_list);
    if (!has_loaded && !were_needs_answered()) return;
    round += has_loaded ? 1 : 0;
  }
}

/// The kernel's needs and the service's in one round trip; false when there are none.
bool writer_core::load_round(db::need_list<kernel_records>& kernel_list) {
  auto& own = kernel_list.statements();
  auto& all = open_needs();
  if (all.empty() && own.empty()) return false;
  const std::size_t services = all.size();
  std::move(own.begin(), own.end(), std::back_inserter(all));
  database_.query(all, [&](std::size_t i, db::row r) {
    if (i < services) {
      feed(i, r);
    } else {
      kernel_list.feed(i - services, r);
    }
  });
  fed();
  kernel_list.done();
  return true;
}

void writer_core::kernel_needs(const job& j, db::need_list<kernel_records>& list) {
  if (keeps_answer(j)) {
    list.add<&idempotency_row::scope>(j.context.idempotency_scope);
  }
  if (j.event) {
    if (may_be_applied(*j.event)) list.add<&inbox_row::event_id>(j.event->event_id);
    if (j.kind == job_kind::dead_letter) list.add<&dead_letter_row::event_id>(j.event->event_id);
  }
  if (j.kind == job_kind::replay) list.add<&dead_letter_row::event_id>(j.event_id);
  if (j.kind == job_kind::command && j.message.kind() == &kind_of<discard_dead_letter>()) {
    list.add<&dead_letter_row::event_id>(j.message.as<discard_dead_letter>().event_id);
  }
}

namespace {

/// Planted: omits a service's statement (lose:TABLE), stores one more than decided
/// (raise:TABLE:COLUMN), or an empty list (clear:TABLE:COLUMN).
void plant_faults(std::vector<db::statement>& statements) {
  const auto shape_of = [](const db::statement& s) { return s.what ? s.what->shape : nullptr; };
  std::erase_if(statements, [&](const db::statement& s) {
    return shape_of(s) && fault("lose", shape_of(s)->table);
  });
  for (auto& s : statements) {
    if (!shape_of(s)) continue;
    const auto& columns = shape_of(s)->columns;
    for (std::size_t i = 0; i < std::min(columns.size(), s.params.size()); ++i) {
      auto* number = std::get_if<std::int64_t>(&s.params[i]);
      if (number && fault("raise", shape_of(s)->table, columns[i])) ++*number;
      auto* list = std::get_if<std::string>(&s.params[i]);
      if (list && fault("clear", shape_of(s)->table, columns[i])) *list = "[]";
    }
  }
}

}  // namespace

void writer_core::save(batch& b) {
  // The partition's row comes first: a writer that has lost the partition must fail here, not at a
  // number or a record that the new owner has used meanwhile.
  std::vector<db::statement> statements(1);
  b.after = partition_;
  collect(statements);
  plant_faults(statements);
  for (std::size_t i = 0; i < b.events.size(); ++i) {
    auto& e = b.events[i];
    if (e.body_type != nullptr && fault("wrong_event_value")) e.body = e.body_type->make();
    auto made = std::make_shared<event>(
        event{++b.after.last_seq, stoa::event_id{environment_.ids->next_v7()}, name_,
              std::move(e.type), e.aggregate_id, std::move(e.payload), std::move(b.event_traces[i]),
              b.now, partition_.partition, std::move(e.body), e.body_type});
    b.durable.push_back(made);
    if (fault("drop_outbox")) continue;
    kernel_->of<outbox_row>().insert({made->partition, made->seq, made->event_id, made->type,
                                      made->aggregate_id, made->payload, made->traceparent,
                                      made->created_at});
  }
  kernel_->collect(statements);
  const bool only_records = b.statements.empty();
  std::move(b.statements.begin(), b.statements.end(), std::back_inserter(statements));
  delete_acknowledged(statements);
  check(step::before_save);
  if (statements.size() == 1 && !std::exchange(beat_, false)) {
    check_ownership();
    database_.rollback();
    keep_records(true);
    return;
  }
  ++b.after.batches;
  statements.front() = save_partition(b.after);
  if (fault("no_fencing")) statements.front().must_change_one = false;
  auto started = std::chrono::steady_clock::now();
  const commit_count counted(environment_.commits);
  database_.execute_and_commit(statements, [this] { check(step::before_commit); });
  b.commit_us = elapsed_us(started);
  b.committed = true;
  partition_ = b.after;
  beat_ = false;
  keep_records(only_records);
  check(step::after_commit);
}

/// One statement for each run of consecutive numbers.
void writer_core::delete_acknowledged(std::vector<db::statement>& out) const {
  auto seqs = acknowledged_;
  std::sort(seqs.begin(), seqs.end());
  for (std::size_t i = 0; i < seqs.size();) {
    auto first = seqs[i];
    auto last = first;
    for (; i < seqs.size() && seqs[i] <= last + 1; ++i) last = seqs[i];
    out.push_back({&delete_outbox, db::params(partition_.partition, first, last)});
  }
}

void writer_core::deliver(std::span<job> jobs, std::vector<answer>& answers) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    // Cleared before the call: a job is answered once.
    if (auto done = std::exchange(jobs[i].done, {})) done(std::move(answers[i]));
    check(step::between_answers);
  }
}

}  // namespace stoa::kernel
