// How a batch decides each of its jobs.

#include "actors/kernel/kernel_commands.hpp"
#include "actors/kernel/value_type.hpp"
#include "actors/kernel/writer_batch.hpp"
#include "config/log.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/uuid_time.hpp"
#include "storage/kernel/kernel_store.hpp"
#include "storage/kernel/operator_action.hpp"

namespace stoa::kernel {

namespace {

/// The outbox that the event's number belongs to: "order/0".
std::string outbox_of(const event& e) {
  return e.source + "/" + std::to_string(e.partition);
}

/// The event of an operator's apply_event command.
event event_of(const job& j, stoa::event_id id, timestamp now) {
  const auto& m = j.message.as<apply_event>();
  event e;
  e.event_id = id;
  e.source = m.source;
  e.type = m.type;
  e.aggregate_id = m.order_id.value;
  e.payload = m.payload;
  e.traceparent = j.context.traceparent;
  e.created_at = now;
  return e;
}

/// A batch may be in progress when a run starts: its events have ids older than the run and numbers
/// that the run has not read.
constexpr milliseconds commit_time_max{2000};

/// The last number of the producer's events that were applied here before the run started and that
/// the run does not have: the producer's database has lost them. 0: none.
std::int64_t lost_before_start(db::connection& c, const std::string& outbox, const event& e,
                               const outbox_run& from) {
  if (!is_v7(from.run)) return 0;  // From a version whose runs have random ids.
  const auto began = (time_of(from.run) - commit_time_max).us / 1000;
  const stoa::event_id bound{make_uuid_v7(static_cast<std::uint64_t>(began), 0, 0)};
  // The clock has been set back since the run started: ids are not comparable.
  if (e.seq > from.last_seq && e.event_id < bound) return 0;
  return applied_beyond(c, outbox, from.last_seq, bound);
}

db::statement note_applied(const job& j, const event& e, timestamp now) {
  const auto& reason = j.message.as<apply_event>().reason;
  const dead_letter_row row{e.event_id, e.source,      e.seq, e.type, e.aggregate_id,
                            e.payload,  e.traceparent, "",    0,      e.created_at,
                            now};
  return note_action({e.event_id.value, now, j.context.who.str(), "applied", reason, row});
}

/// Moves the dead letter to the table of operator actions.
answer discard(const job& j, kernel_records& kernel, uuid action, timestamp now,
               std::vector<db::statement>& out) {
  const auto& m = j.message.as<discard_dead_letter>();
  const auto* row = kernel.of<dead_letter_row>().find(m.event_id);
  if (!row) return refusal(not_found("dead letter"));
  out.push_back(note_action({action, now, j.context.who.str(), "discarded", m.reason, *row}));
  log::warn("dead letter discarded", {{"source", row->source},
                                      {"event_id", m.event_id.str()},
                                      {"type", row->type},
                                      {"actor", j.context.who.str()},
                                      {"reason", m.reason}});
  kernel.of<dead_letter_row>().erase(m.event_id);
  return {std::make_shared<nothing>(), std::nullopt, false};
}

answer note(const job& j, uuid action, timestamp now, std::vector<db::statement>& out) {
  const auto& m = j.message.as<note_operation>();
  dead_letter_row row;
  row.event_id = stoa::event_id{action};
  row.aggregate_id = m.order_id.value;
  row.payload = m.details;
  row.created_at = row.failed_at = now;
  out.push_back(note_action({action, now, j.context.who.str(), m.action, m.reason, row}));
  return {std::make_shared<nothing>(), std::nullopt, false};
}

std::shared_ptr<void> stored_reply(const value_type& type, std::string_view text) {
  auto value = type.make();
  if (auto refused = json::detail::read_stored(text, json::stored_limits, type.read, value.get())) {
    throw std::runtime_error("malformed stored reply: " + refused->detail);
  }
  return value;
}

}  // namespace

/// Whether a retry of the command gets the stored first answer.
bool writer_core::keeps_answer(const job& j) const {
  if (j.kind != job_kind::command || j.context.idempotency_scope.empty()) return false;
  const auto* reply = reply_of(j.message);
  return reply != nullptr && reply->stored && !fault("skip_idempotency");
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
    }
  } catch (const std::exception& e) {
    // A bug in a decision must not fail the batch's other messages.
    kernel_->undo();
    undo();
    log::error("decision failed", {{"service", name_},
                                   {"message", std::string(j.message.name())},
                                   {"request_id", j.context.request_id},
                                   {"error", std::string(e.what())}});
    return refusal({problem_kind::internal, "internal_error", e.what(), {}});
  }
  return {};
}

answer writer_core::run_command(const job& j, batch& b) {
  if (fault("ignore", j.message.name())) return {std::make_shared<nothing>(), std::nullopt, false};
  const auto& deadlines = environment_.deadlines ? *environment_.deadlines : *environment_.time;
  if (j.context.deadline.us != 0 && deadlines.now() > j.context.deadline) {
    return refusal(unavailable("The request exceeded its deadline while waiting."));
  }
  if (auto first = repeated(j)) return std::move(*first);
  decision_base* made = nullptr;
  if (j.message.kind() == &kind_of<discard_dead_letter>()) {
    return discard(j, *kernel_, environment_.ids->next_v7(), b.now, b.statements);
  }
  if (j.message.kind() == &kind_of<note_operation>()) {
    return note(j, environment_.ids->next_v7(), b.now, b.statements);
  }
  std::optional<event> by_hand;
  if (j.message.kind() == &kind_of<apply_event>()) {
    by_hand = event_of(j, stoa::event_id{environment_.ids->next_v7()}, b.now);
  }
  outcome o = by_hand ? apply(*by_hand, b.now, made) : decide(j, b.now, made);
  if (o.error) undo();
  if (by_hand && !o.error) {
    const bool changed = has_changes() || (made && !made->is_empty());
    o.value = std::make_shared<event_applied>(event_applied{changed});
    if (changed) b.statements.push_back(note_applied(j, *by_hand, b.now));
  }
  // limit_reached is temporary: a retry must be decided again.
  const bool temporary = o.error && o.error->kind == problem_kind::limit_reached;
  if (keeps_answer(j) && !temporary) remember_answer(j, o);
  return finish(std::move(o), made, b, j.context.traceparent);
}

std::optional<answer> writer_core::repeated(const job& j) {
  if (!keeps_answer(j)) return std::nullopt;
  const auto* row = kernel_->of<idempotency_row>().find(j.context.idempotency_scope);
  if (!row) return std::nullopt;
  if (row->fingerprint != j.context.fingerprint) {
    return refusal({problem_kind::validation,
                    "idempotency_key_reused",
                    "This Idempotency-Key was already used with a different request.",
                    {}});
  }
  const auto& reply = *reply_of(j.message);
  std::string body = row->body;
  if (row->ok && reply.secret && environment_.seal) {
    auto opened = environment_.seal->open(body);
    if (!opened) return refusal(not_saved());
    body = std::move(*opened);
  }
  answer a;
  a.replayed = true;
  if (row->ok) {
    a.value = stored_reply(*reply.type, body);
  } else {
    a.error = stored_problem(*row);
  }
  return a;
}

void writer_core::remember_answer(const job& j, const outcome& o) {
  std::string body;
  if (o.error) {
    body = json::write(stored_rejection{true, *o.error});
  } else {
    const auto& reply = *reply_of(j.message);
    body = json_of(*reply.type, o.value.get());
    if (reply.secret && environment_.seal) body = environment_.seal->seal(body);
  }
  kernel_->of<idempotency_row>().insert(
      {j.context.idempotency_scope, j.context.fingerprint, !o.error, std::move(body), last_now_});
}

answer writer_core::run_event(const job& j, batch& b) {
  // An event is deleted only after every subscriber has applied it, so a higher mark is wrong: it
  // would let this writer apply events twice.
  if (j.low_water > j.event->seq) {
    return refusal({problem_kind::malformed,
                    "malformed_event",
                    "The low-water mark is higher than the event's number.",
                    {}});
  }
  const auto outbox = outbox_of(*j.event);
  note_delivery(j, outbox, b);
  if (fault("believe_old_mark") && j.event->seq < marks_.settled(outbox)) return {};
  if (kernel_->of<inbox_row>().find(j.event->event_id) && !fault("skip_inbox")) return {};
  decision_base* made = nullptr;
  outcome o;
  if (!fault("forget", name_, j.event->type)) o = apply(*j.event, b.now, made);
  if (o.error) {
    undo();
    return finish(std::move(o), made, b, j.event->traceparent);
  }
  if (!fault("skip_inbox")) add_to_inbox(*j.event, b.now);
  return finish(std::move(o), made, b, j.event->traceparent);
}

/// False for most events, as ids ascend: then the inbox need not be read.
bool writer_core::may_be_applied(const event& e) const {
  if (!applied_before_) return true;
  const auto found = applied_.find(outbox_of(e));
  const auto& newest = found == applied_.end() ? *applied_before_ : found->second;
  return e.event_id <= newest;
}

void writer_core::add_to_inbox(const event& e, timestamp now) {
  auto outbox = outbox_of(e);
  if (applied_before_) {
    auto& newest = applied_.try_emplace(outbox, *applied_before_).first->second;
    newest = std::max(newest, e.event_id);
  }
  kernel_->of<inbox_row>().insert({e.event_id, std::move(outbox), e.seq, now});
}

void writer_core::note_delivery(const job& j, const std::string& outbox, batch& b) {
  auto gap = marks_.delivered(outbox, j.from.get(), j.event->seq, j.low_water, b.now);
  if (gap && gap->last == 0) gap->last = lost_before_start(database_, outbox, *j.event, *j.from);
  if (!gap || gap->last == 0) return;
  log::error(gap->replaced
                 ? "the producer's database has been replaced, and some of its events are lost"
                 : "the producer's database has lost events that were delivered: fail-over to a "
                   "replica that lagged, or a restored backup",
             {{"service", name_},
              {"producer", gap->outbox},
              {"first_seq", gap->first},
              {"last_seq", gap->last}});
  gaps_.push_back(std::move(*gap));
}

answer writer_core::run_dead_letter(const job& j) {
  const event& e = *j.event;
  if (!kernel_->of<inbox_row>().find(e.event_id)) {
    add_to_inbox(e, environment_.time->now());
    kernel_->of<dead_letter_row>().insert({e.event_id, e.source, e.seq, e.type, e.aggregate_id,
                                           e.payload, e.traceparent, j.error, j.attempts,
                                           e.created_at, environment_.time->now()});
    log::error(
        "event became a dead letter",
        {{"service", name_}, {"event_id", e.event_id.str()}, {"type", e.type}, {"error", j.error}});
  }
  return {};
}

answer writer_core::run_replay(const job& j, batch& b) {
  const auto* row = kernel_->of<dead_letter_row>().find(j.event_id);
  if (!row) return refusal(not_found("dead letter"));
  event e{row->seq,     row->event_id,    row->source,     row->type, row->aggregate_id,
          row->payload, row->traceparent, row->created_at, 0};
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

}  // namespace stoa::kernel
