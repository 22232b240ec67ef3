#include "net/http/lane.hpp"

#include "net/http/connection.hpp"
#include "net/http/serialize.hpp"

#include <algorithm>
#include <ctime>

namespace stoa::http {

namespace {

/// Deadlines are checked by one timer a lane instead of one timer an operation. A phase may thus
/// last a quarter longer than its limit, at most 250 ms.
std::chrono::milliseconds tick_for(const server_timeouts& t) {
  const auto shortest = std::min({t.header, t.body, t.idle, t.write, t.handler});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

/// Failed handshakes that a lane tells of within one second.
constexpr int handshakes_told_max = 3;

}  // namespace

lane::lane(std::shared_ptr<server_state> state, std::size_t index)
    : state_(std::move(state)),
      index_(index),
      work_(asio::make_work_guard(io_)),
      tick_(io_),
      tick_every_(tick_for(state_->config.timeouts)) {}

void lane::run() {
  start_tick();
  io_.run();
}

void lane::stop() {
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

void lane::drain() {
  call([self = shared_from_this()] {
    for (std::size_t i = self->connections_.size(); i-- > 0;) self->connections_[i]->drain();
  });
}

std::string_view lane::date() {
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  if (now != date_second_) {
    date_second_ = now;
    date_ = http_date(now);
  }
  return date_;
}

void lane::tell_of_handshake(refusal failed) {
  if (!config().on_refusal) return;
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  if (now != told_second_) {
    told_second_ = now;
    told_ = 0;
  }
  if (++told_ > handshakes_told_max) {
    ++not_told_;
    return;
  }
  if (not_told_ > 0) {
    failed.reason.detail += " " + std::to_string(not_told_) + " more before were not logged.";
    not_told_ = 0;
  }
  config().on_refusal(failed);
}

void lane::add(std::shared_ptr<connection> c) {
  c->set_slot(connections_.size());
  connections_.push_back(std::move(c));
}

void lane::remove(connection& c) {
  // The last one takes the place of the one that goes; loops over all therefore run backwards.
  const std::size_t slot = c.slot();
  if (slot + 1 != connections_.size()) {
    connections_[slot] = std::move(connections_.back());
    connections_[slot]->set_slot(slot);
  }
  connections_.pop_back();
  state_->connections_open.fetch_sub(1);
}

void lane::start_tick() {
  tick_.expires_after(tick_every_);
  tick_.async_wait([this](boost::system::error_code error) {
    if (!error) tick();
  });
}

void lane::tick() {
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->check_deadline(now);
  if (work_.owns_work()) start_tick();
}

void lane::close_all() {
  for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->close();
}

}  // namespace stoa::http
