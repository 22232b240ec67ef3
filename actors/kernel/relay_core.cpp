#include "actors/kernel/relay_core.hpp"

#include "storage/base/backoff.hpp"
#include "storage/db/columns.hpp"
#include "storage/kernel/member_store.hpp"
#include "storage/kernel/partition_store.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

/// An unanswered delivery is repeated after at most this many answer timeouts.
constexpr int slower_max = 3;

}  // namespace

relay_core::relay_core(std::string source, const subscription_map& subscriptions,
                       relay_limits limits, run_ptr run)
    : source_(std::move(source)),
      subscriptions_(subscriptions),
      limits_(limits),
      run_(std::move(run)) {}

void relay_core::committed(const std::vector<event_ptr>& events, timestamp) {
  if (behind_) return;
  for (const auto& e : events) {
    if (e->seq <= last_seq_) continue;
    // A gap: a failed batch, or events whose notification was lost. Read the outbox.
    if (e->seq != last_seq_ + 1) behind_ = true;
    if (behind_) return;
    if (held_.size() >= limits_.events_max) {
      // No room: what follows is read from the outbox later, so that order is kept.
      behind_ = true;
      return;
    }
    hold(e);
  }
}

bool relay_core::wants_to_read() const {
  return behind_ && held_.size() <= limits_.events_max / 2;
}

void relay_core::read(const std::vector<event_ptr>& events, std::size_t asked, timestamp) {
  for (const auto& e : events) {
    if (e->seq > last_seq_) hold(e);
  }
  behind_ = events.size() >= asked;
}

void relay_core::hold(const event_ptr& e) {
  last_seq_ = e->seq;
  auto found = subscriptions_.find(e->type);
  if (found == subscriptions_.end() || found->second.empty()) {
    finish(e->seq);  // No subscribers.
    return;
  }
  held_.emplace(e->seq, std::pair(e, found->second.size()));
  for (const auto& name : found->second) {
    subscriber_queue& l = queues_[name];
    auto& queue = l.by_aggregate[e->aggregate_id];
    queue.push_back(e->seq);
    task t;
    t.what = e;
    l.tasks.emplace(e->seq, std::move(t));
    if (queue.size() == 1) l.ready.insert(e->seq);
  }
}

void relay_core::finish(std::int64_t seq) {
  finished_.push_back(seq);
  undeleted_.insert(seq);
}

std::int64_t relay_core::low_water() const {
  auto low = last_seq_ + 1;
  if (!held_.empty()) low = std::min(low, held_.begin()->first);
  if (!undeleted_.empty()) low = std::min(low, *undeleted_.begin());
  return low;
}

std::vector<delivery> relay_core::due(timestamp now) {
  std::vector<delivery> out;
  for (auto& [name, l] : queues_) {
    while (!l.timers.empty() && l.timers.begin()->first <= now) {
      std::int64_t seq = l.timers.begin()->second;
      l.timers.erase(l.timers.begin());
      task& t = l.tasks.at(seq);
      if (t.at == state::in_flight) --l.in_flight;  // No answer came: send it again.
      t.at = state::ready;
      l.ready.insert(seq);
    }
    while (!l.ready.empty() && l.in_flight < limits_.in_flight_max) {
      std::int64_t seq = *l.ready.begin();
      l.ready.erase(l.ready.begin());
      task& t = l.tasks.at(seq);
      t.at = state::in_flight;
      ++t.attempts;
      ++t.backoff_step;
      ++l.in_flight;
      t.sent_at = now;
      // An absent subscriber gets fewer repeats, as a broker stores every one.
      t.when = now + std::min(t.backoff_step, slower_max) * limits_.answer_timeout;
      // The previous relay may have just published it: then the broker drops this copy as a
      // duplicate, and the answer to the first one went to the previous owner.
      const bool inherited = run_ && seq <= run_->last_seq;
      if (inherited && t.attempts == 1 && limits_.repeat_pause.count() > 0) {
        t.when = now + limits_.repeat_pause;
      }
      l.timers.emplace(t.when, seq);
      out.push_back({name, t.what, low_water(), t.attempts, t.dead, t.error, run_});
    }
  }
  return out;
}

std::size_t relay_core::in_flight() const {
  std::size_t all = 0;
  for (const auto& [name, l] : queues_) all += l.in_flight;
  return all;
}

void relay_core::disarm(subscriber_queue& l, std::int64_t seq, const task& t) {
  if (t.at == state::in_flight) --l.in_flight;
  if (t.at == state::ready) {
    l.ready.erase(seq);
  } else {
    l.timers.erase({t.when, seq});
  }
}

const std::deque<std::int64_t>* relay_core::waiting(std::string_view subscriber,
                                                    const uuid& aggregate) const {
  const auto found = queues_.find(subscriber);
  if (found == queues_.end()) return nullptr;
  const auto queue = found->second.by_aggregate.find(aggregate);
  return queue == found->second.by_aggregate.end() ? nullptr : &queue->second;
}

bool relay_core::may_settle(std::int64_t seq, const std::optional<stoa::event_id>& id) const {
  const auto held = held_.find(seq);
  return !id || held == held_.end() || held->second.first->event_id == *id;
}

std::optional<uuid> relay_core::acknowledged(std::string_view subscriber, std::int64_t seq) {
  auto found = queues_.find(subscriber);
  if (found == queues_.end()) return std::nullopt;
  subscriber_queue& l = found->second;
  auto it = l.tasks.find(seq);
  if (it == l.tasks.end()) return std::nullopt;  // Acknowledged again: the delivery was repeated.
  const auto aggregate = it->second.what->aggregate_id;
  auto queue = l.by_aggregate.find(aggregate);
  // Meant for the previous relay, which was further ahead: this event will be sent again in order.
  if (queue->second.front() != seq) return std::nullopt;
  disarm(l, seq, it->second);
  queue->second.pop_front();
  if (queue->second.empty()) {
    l.by_aggregate.erase(queue);
  } else {
    l.ready.insert(queue->second.front());
  }
  l.tasks.erase(it);
  auto held = held_.find(seq);
  if (--held->second.second == 0) {
    held_.erase(held);
    finish(seq);
  }
  return aggregate;
}

void relay_core::refused(std::string_view subscriber, std::int64_t seq, const std::string& error,
                         bool counts, timestamp now) {
  auto found = queues_.find(subscriber);
  if (found == queues_.end()) return;
  subscriber_queue& l = found->second;
  auto it = l.tasks.find(seq);
  if (it == l.tasks.end() || it->second.at != state::in_flight) return;
  task& t = it->second;
  disarm(l, seq, t);
  t.at = state::waiting;
  t.error = error;
  t.rejected = counts;
  if (counts && ++t.refusals >= limits_.attempts_max) t.dead = true;
  t.when = now + backoff(t.backoff_step, limits_.retry_min, limits_.retry_max);
  l.timers.emplace(t.when, seq);
}

void relay_core::send_again(timestamp now) {
  for (auto& [name, l] : queues_) {
    for (auto& [seq, t] : l.tasks) {
      if (t.at == state::ready || (t.at == state::waiting && t.rejected)) continue;
      t.backoff_step = 0;
      const auto when = std::max(now, t.sent_at + limits_.repeat_pause);
      if (when >= t.when) continue;
      l.timers.erase({t.when, seq});
      t.when = when;
      l.timers.emplace(t.when, seq);
    }
  }
}

std::vector<std::int64_t> relay_core::take_finished(timestamp now) {
  if (undeleted_.empty()) return {};
  if (now - repeated_at_ < limits_.answer_timeout) return std::exchange(finished_, {});
  repeated_at_ = now;
  finished_.clear();
  return {undeleted_.begin(), undeleted_.end()};
}

void relay_core::deleted(const std::vector<std::int64_t>& seqs) {
  for (auto seq : seqs) undeleted_.erase(seq);
}

microseconds relay_core::lag(timestamp now) const {
  return held_.empty() ? microseconds{0} : now - held_.begin()->second.first->created_at;
}

std::vector<event_ptr> read_outbox(db::connection& c, std::string_view source,
                                   std::int64_t partition, std::int64_t seq, std::size_t limit) {
  static const db::sql read{"read outbox",
                            "SELECT " + db::column_list<outbox_row>() +
                                " FROM outbox WHERE partition=$1 AND seq>$2 ORDER BY seq LIMIT $3"};
  std::vector<event_ptr> events;
  c.query({&read, db::params(partition, seq, static_cast<std::int64_t>(limit))}, [&](db::row r) {
    auto row = db::read_record<outbox_row>(r);
    events.push_back(std::make_shared<event>(
        event{row.seq, row.event_id, std::string(source), std::move(row.type), row.aggregate_id,
              std::move(row.payload), std::move(row.traceparent), row.created_at, partition}));
  });
  return events;
}

run_ptr begin_run(db::connection& c, std::int64_t partition, const uuid& id) {
  for (const auto& row : read_partitions(c)) {
    if (row.partition != partition) continue;
    return std::make_shared<outbox_run>(outbox_run{id, row.epoch, row.last_seq, find_identity(c)});
  }
  throw db::error(db::error_kind::unavailable, "partition",
                  "no partition " + std::to_string(partition));
}

}  // namespace stoa::kernel
