#include "net/http/io_worker.hpp"

#include "net/http/connection.hpp"
#include "net/http/serialize.hpp"

#include <algorithm>
#include <ctime>
#include <exception>
#include <thread>

namespace stoa::http {

namespace {

using std::chrono::milliseconds;

/// Deadlines are checked by one timer per IO worker instead of one per operation. A phase may
/// therefore exceed its limit by a quarter, at most 250 ms.
milliseconds tick_for(const server_timeouts& t) {
  const auto shortest = std::min({t.header, t.body, t.idle, t.write, t.handler});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(250));
}

/// Maximum rejections that an IO worker reports per second.
constexpr int reports_per_second_max = 10;
/// One scan of an IO worker's connections closes a 64th of them, so that new ones do not cost a
/// scan each.
constexpr std::size_t closed_at_once_part = 64;
constexpr std::size_t closed_at_once_max = 256;
constexpr milliseconds recovery_pause{10};
/// A scan that found too few is not repeated sooner, unless it is very cheap.
constexpr milliseconds scan_pause{20};
constexpr std::size_t cheap_scan = 256;

}  // namespace

io_worker::io_worker(std::shared_ptr<server_state> state, std::size_t index)
    : state_(std::move(state)),
      index_(index),
      work_(asio::make_work_guard(io_)),
      tick_(io_),
      tick_every_(tick_for(state_->config.timeouts)) {}

void io_worker::run() {
  for (;;) {
    try {
      if (!ticking_ && work_.owns_work()) start_tick();
      io_.run();
      return;
    } catch (const std::exception&) {
      // The operation's state is lost: its connection is closed at its deadline.
      state_->allocation_failures.fetch_add(1, std::memory_order_relaxed);
      if (!ticking_) std::this_thread::sleep_for(recovery_pause);
    }
  }
}

void io_worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    stopped_ = true;
  }
  asio::post(io_, [this] {
    close_all();
    tick_.cancel();
    work_.reset();
  });
}

void io_worker::drain() {
  call([self = shared_from_this()] {
    for (std::size_t i = self->connections_.size(); i-- > 0;) self->connections_[i]->drain();
  });
}

std::string_view io_worker::date() {
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  if (now != date_second_) {
    date_second_ = now;
    date_ = http_date(now);
  }
  return date_;
}

void io_worker::report(refusal r) {
  if (!config().on_refusal) return;
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  if (now != report_second_) {
    report_second_ = now;
    reported_ = 0;
  }
  if (++reported_ > reports_per_second_max) {
    ++suppressed_;
    return;
  }
  r.suppressed = std::exchange(suppressed_, 0);
  config().on_refusal(r);
}

void io_worker::add(std::shared_ptr<connection> c) {
  c->set_slot(connections_.size());
  connections_.push_back(std::move(c));
}

void io_worker::remove(connection& c) {
  // The last one takes the free slot; loops over all connections therefore run backwards.
  const std::size_t slot = c.slot();
  if (slot + 1 != connections_.size()) {
    connections_[slot] = std::move(connections_.back());
    connections_[slot]->set_slot(slot);
  }
  connections_.pop_back();
  state_->connections_open.fetch_sub(1);
}

bool io_worker::make_room() {
  const auto served = state_->connections_served();
  const auto crowded = state_->crowded_from();
  if (served <= crowded) return true;
  const auto part = connections_.size() / closed_at_once_part;
  close_idle(std::clamp(part, std::min(served - crowded, closed_at_once_max), closed_at_once_max));
  return state_->connections_served() <= state_->connections_limit;
}

void io_worker::close_idle(std::size_t count) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_scan_ && connections_.size() > cheap_scan) return;
  struct candidate {
    bool is_sending;
    std::chrono::steady_clock::time_point since;
    connection* which;
  };
  std::vector<candidate> all;
  for (const auto& c : connections_) {
    if (const auto idle = c->idleness(now)) all.push_back({idle->is_sending, idle->since, c.get()});
  }
  const auto last = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::partial_sort(all.begin(), last, all.end(), [](const candidate& a, const candidate& b) {
    return std::tie(a.is_sending, a.since) < std::tie(b.is_sending, b.since);
  });
  std::size_t closed = 0;
  for (auto c = all.begin(); c != last; ++c) {
    if (c->which->close_idle()) ++closed;
  }
  state_->connections_closed_idle.fetch_add(closed, std::memory_order_relaxed);
  if (closed < count) next_scan_ = now + scan_pause;
}

void io_worker::start_tick() {
  tick_.expires_after(tick_every_);
  tick_.async_wait([this](boost::system::error_code error) {
    ticking_ = false;
    if (error) return;
    // First, so that the IO worker's clock continues even if something below fails.
    if (work_.owns_work()) start_tick();
    tick();
  });
  ticking_ = true;
}

void io_worker::tick() {
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->check_deadline(now);
  make_room();
  if (each_tick_) each_tick_();
}

void io_worker::close_all() {
  for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->close();
}

}  // namespace stoa::http
