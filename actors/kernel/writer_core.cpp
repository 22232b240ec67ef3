#include "actors/kernel/writer_core.hpp"

#include "config/log.hpp"
#include "storage/base/fault.hpp"
#include "storage/kernel/kernel_store.hpp"

#include <chrono>
#include <thread>

namespace stoa::kernel {

namespace {

/// Inbox rows are kept this long after the producer has deleted the event, against a copy of it
/// that is still on its way.
constexpr microseconds inbox_kept = std::chrono::minutes{2};
/// A service whose needs depend on loaded records gets this many rounds of loading.
constexpr int load_rounds_max = 4;

const db::sql read_last_seq{
    "read last outbox seq",
    "SELECT max((SELECT coalesce(max(seq),0) FROM outbox),"
    "(SELECT coalesce(max(seq),0) FROM sqlite_sequence WHERE name='outbox'))"};
const db::sql delete_outbox{"delete outbox", "DELETE FROM outbox WHERE seq=$1"};
const db::sql forget_inbox{"forget inbox",
                           "DELETE FROM inbox WHERE source=$1 AND seq<$2 AND applied_at<$3"};
const db::sql forget_idempotency{"forget idempotency",
                                 "DELETE FROM idempotency WHERE created_at<$1"};

std::int64_t elapsed_us(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - since).count();
}

answer refusal(problem p) {
  return {nullptr, std::move(p), false};
}

/// True when the fault lies in what was to be saved, not in the database.
bool guilty(const db::error& e) {
  return e.kind() == db::error_kind::unique || e.kind() == db::error_kind::stale ||
         e.kind() == db::error_kind::constraint || e.kind() == db::error_kind::programming;
}

/// Planted: answers that leave before what they speak of is on disk. With the long pause a process
/// that is killed from outside is likely to die in between.
bool answers_too_early() {
  return fault("answer_before_commit") || fault("answer_long_before_commit");
}

/// Whether a repeat of the command gets its first answer.
bool keeps_answer(const job& j) {
  return !j.context.idempotency_scope.empty() && !fault("skip_idempotency");
}

/// Told to those whose batch could not be saved: nothing was promised, a repeat is welcome.
problem not_saved() {
  return unavailable("The change could not be saved; try again.");
}

}  // namespace

struct writer_core::batch {
  timestamp now;
  std::vector<answer> answers;
  std::vector<emitted> events;
  std::vector<std::string> event_traces;
  std::vector<any_message> effects;
  std::vector<db::statement> statements;
  std::vector<event_ptr> durable;
  bool committed = false;
  std::int64_t commit_us = 0;
};

writer_core::writer_core(std::string name, db::connection& database, writer_environment environment)
    : environment_(std::move(environment)), name_(std::move(name)), database_(database) {
  database_.query({&read_last_seq, {}},
                  [this](db::row r) { last_seq_ = std::get<std::int64_t>(r[0]); });
}

void writer_core::acknowledge(std::span<const std::int64_t> seqs) {
  acknowledged_.insert(acknowledged_.end(), seqs.begin(), seqs.end());
}

batch_report writer_core::flush(std::size_t batch_max) {
  batch_report report;
  auto started = std::chrono::steady_clock::now();
  std::vector<job> jobs;
  while (!waiting_.empty() && jobs.size() < batch_max) {
    jobs.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  report.jobs = jobs.size();
  batch b;
  bool saved = false;
  try {
    run(jobs, b);
    saved = true;
  } catch (const db::error& e) {
    database_.rollback();
    log::warn("batch not saved", {{"service", name_},
                                  {"jobs", static_cast<std::int64_t>(jobs.size())},
                                  {"error", std::string(e.what())}});
    if (guilty(e) && jobs.size() > 1) {
      retry_one_by_one(jobs, report);
      report.total_time = microseconds{elapsed_us(started)};
      return report;
    }
    b.answers.clear();
    for (const auto& j : jobs) b.answers.push_back(failure(j, e));
    report.failed = true;
  }
  report.committed = saved && b.committed;
  report.commit_time = microseconds{b.commit_us};
  report.total_time = microseconds{elapsed_us(started)};
  if (saved) {
    report.deleted = std::exchange(acknowledged_, {});
    report.events = std::move(b.durable);
    report.effects = std::move(b.effects);
  }
  for (const auto& a : b.answers) report.refused += a.error.has_value() ? 1 : 0;
  if (!answers_too_early()) deliver(jobs, b.answers);
  return report;
}

answer writer_core::failure(const job& j, const db::error& e) {
  // A unique or moved record met by one command alone: the caller may look again and repeat.
  if (j.kind == job_kind::command &&
      (e.kind() == db::error_kind::unique || e.kind() == db::error_kind::stale)) {
    return refusal(conflict("conflict", "Somebody else has changed this at the same moment."));
  }
  // What the database will not take is no better next time: an event that keeps failing like this
  // becomes a dead letter.
  if (guilty(e)) return refusal({500, "internal_error", e.what(), {}});
  return refusal(not_saved());
}

void writer_core::retry_one_by_one(std::span<job> jobs, batch_report& report) {
  for (auto& j : jobs) {
    waiting_.push_front(std::move(j));
    batch_report one = flush(1);
    report.refused += one.refused;
    report.committed |= one.committed;
    report.failed |= one.failed;
    report.commit_time += one.commit_time;
    std::move(one.events.begin(), one.events.end(), std::back_inserter(report.events));
    std::move(one.effects.begin(), one.effects.end(), std::back_inserter(report.effects));
    report.deleted.insert(report.deleted.end(), one.deleted.begin(), one.deleted.end());
  }
}

void writer_core::run(std::span<job> jobs, batch& b) {
  b.now = environment_.time->now();
  database_.begin();
  load_all(jobs);
  for (const auto& j : jobs) b.answers.push_back(run_one(j, b));
  if (answers_too_early()) deliver(jobs, b.answers);
  if (fault("answer_long_before_commit")) std::this_thread::sleep_for(milliseconds{20});
  save(b);
}

void writer_core::load_all(std::span<job> jobs) {
  kernel_.emplace();
  db::need_list<kernel_records> kernel_list(*kernel_);
  for (const auto& j : jobs) kernel_needs(j, kernel_list);
  kernel_list.load(database_);
  start_batch();
  for (int round = 0; round < load_rounds_max; ++round) {
    for (const auto& j : jobs) needs(j);
    if (!load(database_)) return;
  }
  throw db::error(db::error_kind::programming, name_, name_ + ": needs() does not come to an end");
}

void writer_core::kernel_needs(const job& j, db::need_list<kernel_records>& list) {
  if (j.kind == job_kind::command && !j.context.idempotency_scope.empty()) {
    list.add<&idempotency_row::scope>(j.context.idempotency_scope);
  }
  if (j.event) {
    list.add<&inbox_row::event_id>(j.event->event_id);
    if (j.kind == job_kind::dead_letter) list.add<&dead_letter_row::event_id>(j.event->event_id);
  }
  if (j.kind == job_kind::replay) list.add<&dead_letter_row::event_id>(j.event_id);
}

answer writer_core::run_one(const job& j, batch& b) {
  kernel_->mark();
  mark();
  try {
    switch (j.kind) {
      case job_kind::command:
        return run_command(j, b);
      case job_kind::event:
        return run_event(j, b);
      case job_kind::dead_letter:
        return run_dead_letter(j);
      case job_kind::replay:
        return run_replay(j, b);
      case job_kind::housekeeping:
        run_housekeeping(b);
        return {};
    }
  } catch (const std::exception& e) {
    // A bug in a decision must not take the batch's other messages with it.
    kernel_->undo();
    undo();
    log::error("decision failed", {{"service", name_},
                                   {"message", std::string(j.message.name())},
                                   {"request_id", j.context.request_id},
                                   {"error", std::string(e.what())}});
    return refusal({500, "internal_error", e.what(), {}});
  }
  return {};
}

answer writer_core::run_command(const job& j, batch& b) {
  if (j.context.deadline.us != 0 && b.now > j.context.deadline) {
    return refusal(unavailable("The request waited for longer than its deadline."));
  }
  if (auto first = repeated(j)) return std::move(*first);
  decision_base* made = nullptr;
  outcome o = decide(j, b.now, made);
  if (o.error) undo();
  if (keeps_answer(j)) remember_answer(j, o);
  return finish(std::move(o), made, b, j.context.traceparent);
}

std::optional<answer> writer_core::repeated(const job& j) {
  if (!keeps_answer(j)) return std::nullopt;
  const auto* row = kernel_->of<idempotency_row>().find(j.context.idempotency_scope);
  if (!row) return std::nullopt;
  if (row->fingerprint != j.context.fingerprint) {
    return refusal({422,
                    "idempotency_key_reused",
                    "This Idempotency-Key was used before with another request.",
                    {}});
  }
  std::string body = row->body;
  if (row->ok && secret(j.message) && environment_.seal) {
    auto opened = environment_.seal->open(body);
    if (!opened) return refusal(not_saved());
    body = std::move(*opened);
  }
  answer a;
  a.replayed = true;
  if (row->ok) {
    a.value = decode(j.message, body);
  } else {
    a.error = stored_problem(*row);
  }
  return a;
}

void writer_core::remember_answer(const job& j, const outcome& o) {
  std::string body =
      o.error ? json::write(stored_refusal{true, *o.error}) : encode(j.message, o.value.get());
  if (!o.error && secret(j.message) && environment_.seal) body = environment_.seal->seal(body);
  kernel_->of<idempotency_row>().insert({j.context.idempotency_scope, j.context.fingerprint,
                                         !o.error, std::move(body), environment_.time->now()});
}

answer writer_core::run_event(const job& j, batch& b) {
  auto& low_water = low_water_[j.event->source];
  low_water = std::max(low_water, j.low_water);
  if (kernel_->of<inbox_row>().find(j.event->event_id) && !fault("skip_inbox")) return {};
  decision_base* made = nullptr;
  outcome o = apply(*j.event, b.now, made);
  if (o.error) {
    undo();
  } else if (!fault("skip_inbox")) {
    kernel_->of<inbox_row>().insert({j.event->event_id, j.event->source, j.event->seq, b.now});
  }
  return finish(std::move(o), made, b, j.event->traceparent);
}

answer writer_core::run_dead_letter(const job& j) {
  const event& e = *j.event;
  if (!kernel_->of<inbox_row>().find(e.event_id)) {
    kernel_->of<inbox_row>().insert({e.event_id, e.source, e.seq, environment_.time->now()});
    kernel_->of<dead_letter_row>().insert({e.event_id, e.source, e.seq, e.type, e.aggregate_id,
                                           e.payload, e.traceparent, j.error, j.attempts,
                                           e.created_at, environment_.time->now()});
    log::error(
        "event is a dead letter",
        {{"service", name_}, {"event_id", e.event_id.str()}, {"type", e.type}, {"error", j.error}});
  }
  return {};
}

answer writer_core::run_replay(const job& j, batch& b) {
  const auto* row = kernel_->of<dead_letter_row>().find(j.event_id);
  if (!row) return refusal(not_found("dead letter"));
  event e{row->seq,          row->event_id, row->source,      row->type,
          row->aggregate_id, row->payload,  row->traceparent, row->created_at};
  decision_base* made = nullptr;
  outcome o = apply(e, b.now, made);
  if (o.error) {
    undo();
    auto& kept = kernel_->of<dead_letter_row>().edit(j.event_id);
    kept.error = o.error->detail;
    kept.attempts += 1;
    kept.failed_at = b.now;
  } else {
    kernel_->of<dead_letter_row>().erase(j.event_id);
  }
  return finish(std::move(o), made, b, e.traceparent);
}

void writer_core::run_housekeeping(batch& b) {
  for (const auto& [source, low] : low_water_) {
    b.statements.push_back({&forget_inbox, db::params(source, low, b.now - inbox_kept)});
  }
  b.statements.push_back({&forget_idempotency, db::params(b.now - environment_.idempotency_ttl)});
}

answer writer_core::finish(outcome o, decision_base* made, batch& b, std::string_view traceparent) {
  if (!o.error && made) {
    for (auto& e : made->events) {
      b.events.push_back(std::move(e));
      b.event_traces.emplace_back(traceparent);
    }
    std::move(made->effects.begin(), made->effects.end(), std::back_inserter(b.effects));
    std::move(made->statements.begin(), made->statements.end(), std::back_inserter(b.statements));
  }
  return {std::move(o.value), std::move(o.error), false};
}

void writer_core::save(batch& b) {
  std::vector<db::statement> statements;
  collect(statements);
  for (std::size_t i = 0; i < b.events.size(); ++i) {
    auto& e = b.events[i];
    auto made = std::make_shared<event>(
        event{++last_seq_, stoa::event_id{environment_.ids->next_v7()}, name_, std::move(e.type),
              e.aggregate_id, std::move(e.payload), std::move(b.event_traces[i]), b.now});
    b.durable.push_back(made);
    if (fault("drop_outbox")) continue;
    kernel_->of<outbox_row>().insert({made->seq, made->event_id, made->type, made->aggregate_id,
                                      made->payload, made->traceparent, made->created_at});
  }
  kernel_->collect(statements);
  std::move(b.statements.begin(), b.statements.end(), std::back_inserter(statements));
  for (auto seq : acknowledged_) statements.push_back({&delete_outbox, db::params(seq)});
  check(step::before_save);
  if (statements.empty()) {
    database_.rollback();
    return;
  }
  database_.execute(statements);
  check(step::before_commit);
  auto started = std::chrono::steady_clock::now();
  database_.commit();
  b.commit_us = elapsed_us(started);
  b.committed = true;
  check(step::after_commit);
}

void writer_core::deliver(std::span<job> jobs, std::vector<answer>& answers) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].done) jobs[i].done(std::move(answers[i]));
    check(step::between_answers);
  }
}

}  // namespace stoa::kernel
