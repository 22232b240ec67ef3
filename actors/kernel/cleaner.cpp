#include "actors/kernel/cleaner.hpp"

#include "actors/kernel/outbox_marks.hpp"
#include "storage/base/fault.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/db/columns.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace stoa::kernel {

namespace {

/// Minimum retention of inbox rows, as copies of the event may still be in transit.
constexpr microseconds inbox_kept = outbox_marks::settle_time;
/// Target duration of a slice without its commit: messages that arrive during a slice wait for it.
constexpr microseconds slice_time = milliseconds{5};
constexpr std::size_t rows_least = 50;
constexpr std::size_t rows_most = 2000;
/// A message creates at most two expiring rows.
constexpr std::size_t rows_per_message = 3;
/// How often a busy writer checks whether it may delete rows.
constexpr microseconds look_interval = milliseconds{20};
/// How often a pass starts at the first position again, to find rows inserted before the position
/// already reached (after a clock was set back).
constexpr microseconds read_all_interval = std::chrono::hours{1};
/// A pass that takes longer than this gets more of the writer's time.
constexpr microseconds pass_time_normal = seconds{60};

microseconds since(timestamp start) {
  return process_time().now() - start;
}

}  // namespace

void cleaner::begin(timestamp now, const std::vector<inbox_mark>& marks) {
  if (under_way()) return;
  if (read_all_at_ + read_all_interval <= now || now < read_all_at_) {
    reached_.clear();
    read_all_at_ = now;
  }
  began_ = now;
  at_ = 0;
  rows_earned_ = 0;
  behind_ = {};
  work_.clear();
  work_.push_back({&expired_answers, {}, (now - answer_ttl_).us, {}});
  for (const auto& m : marks) {
    work_.push_back({&expired_inbox, m.source, m.low_water, now - inbox_kept});
  }
  for (const auto* table : tables_) work_.push_back({table, {}, now.us + 1, {}});
}

void cleaner::handled(std::size_t messages) {
  rows_earned_ = std::min(rows_earned_ + messages * rows_per_message, rows_most);
}

std::size_t cleaner::rows_allowed(db::connection& c, bool busy) const {
  if (fault("unbounded_cleanup")) return std::numeric_limits<std::int64_t>::max();
  if (!busy || c.dialect() == "postgres") return rows_max_;
  return rows_earned_ < rows_least ? 0 : std::min(rows_max_, rows_earned_);
}

std::vector<db::value> cleaner::params_of(const work& w, std::int64_t from,
                                          std::size_t rows) const {
  auto values = db::params(from, w.below, static_cast<std::int64_t>(rows));
  if (!w.source.empty()) {
    db::write_column(w.source, values);
    db::write_column(w.applied_before, values);
  }
  return values;
}

cleanup_slice cleaner::slice(db::connection& c, timestamp now, bool busy) {
  const auto& w = work_[at_];
  const auto allowed = rows_allowed(c, busy);
  if (allowed == 0) return {w.what->table, 0, {}, behind_, look_interval};
  auto& reached = reached_[{w.what->table, w.source}];
  // After a restore of the producer's database its event numbers restart at a smaller one.
  if (reached > w.below) reached = 0;
  cleanup_slice done;
  done.table = w.what->table;
  auto last = reached;
  const auto started = process_time().now();
  c.begin();
  c.query({&w.what->in(c.dialect()), params_of(w, reached, allowed)}, [&](db::row r) {
    ++done.rows;
    last = std::max(last, std::get<std::int64_t>(r[0]));
  });
  const auto deleting = since(started);
  if (done.rows > 0) {
    c.commit();
  } else {
    c.rollback();
  }
  done.time = since(started);
  reached = last;
  rows_earned_ -= std::min(rows_earned_, done.rows);
  const bool more = done.rows >= allowed;
  behind_ = {};
  if (more) {
    behind_ = w.source.empty() ? microseconds{w.below - last} : now - began_;
    adapt(done.rows, deleting);
  } else {
    ++at_;
  }
  done.behind = behind_;
  done.pause = pause_after(done.time, now, busy);
  return done;
}

void cleaner::adapt(std::size_t rows, microseconds deleting) {
  const auto took = std::max<std::int64_t>(deleting.count(), 1);
  const auto fitting =
      static_cast<std::size_t>(static_cast<std::int64_t>(rows) * slice_time.count() / took);
  // A single slice changes the number by at most half.
  rows_max_ =
      std::clamp(std::clamp(fitting, rows_max_ / 2, rows_max_ * 3 / 2), rows_least, rows_most);
}

microseconds cleaner::pause_after(microseconds slice, timestamp now, bool busy) const {
  if (!busy) return slice;
  return now - began_ > pass_time_normal ? slice * 4 : slice * 9;
}

}  // namespace stoa::kernel
