#include "net/front/revocation_follower.hpp"

#include "config/log.hpp"
#include "storage/base/service_clock.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

constexpr milliseconds poll_interval{250};
/// The next poll does not wait for a slow one, so that slow responses do not make the table older
/// than necessary.
constexpr std::size_t polls_in_flight_max = 4;
constexpr milliseconds answer_limit{1000};
constexpr seconds forget_interval{10};
/// Pause after the table was full: entries expire only after minutes.
constexpr seconds full_pause{10};

}  // namespace

void revocation_follower::start() {
  port_->post([me = shared_from_this()] { me->tick(); });
}

void revocation_follower::catch_up(std::function<void(bool)> done) {
  port_->post([me = shared_from_this(), done = std::move(done)]() mutable {
    // Each request asks the user service during a pause.
    if (clock::now() < me->paused_until_) return done(true);
    me->waiting_.push_back({clock::now(), std::move(done)});
    if (me->polls_in_flight_ < polls_in_flight_max) me->poll();
  });
}

/// Ends the waits that are satisfied by a poll from that time, and those that are overdue.
void revocation_follower::end_waits(clock::time_point asked) {
  std::vector<waiter> ended;
  const auto overdue = clock::now() - answer_limit;
  std::erase_if(waiting_, [&](waiter& w) {
    if (w.since > asked && w.since > overdue) return false;
    ended.push_back(std::move(w));
    return true;
  });
  for (const auto& w : ended) w.done(w.since <= asked);
}

void revocation_follower::tick() {
  const auto now = clock::now();
  if (now >= forgets_at_) {
    known_->forget(store_time().now());
    forgets_at_ = now + forget_interval;
  }
  if (polls_in_flight_ < polls_in_flight_max && now >= paused_until_) poll();
  report();
  end_waits({});
  port_->after(poll_interval, [me = shared_from_this()] { me->tick(); });
}

void revocation_follower::poll() {
  kernel::call_context context;
  context.who.kind = kernel::caller_kind::system;
  context.deadline = process_time().now() + answer_limit;
  ++polls_in_flight_;
  port_->query("user", kernel::any_message::of(user::revocations_query{seen_}), std::move(context),
               [me = shared_from_this(), asked = clock::now(),
                round = round_](const kernel::answer& a) { me->on_answer(asked, round, a); });
}

void revocation_follower::on_answer(clock::time_point asked, std::uint64_t round,
                                    const kernel::answer& a) {
  --polls_in_flight_;
  if (a.error || round != round_) return;
  take(asked, *static_cast<const user::revocations_query::answer*>(a.value.get()));
}

void revocation_follower::take(clock::time_point asked,
                               const user::revocations_query::answer& news) {
  const auto now = store_time().now();
  for (const auto& r : news.revoked) {
    if (r.forget_at <= now || known_->add(r.family, r.epoch, r.forget_at)) continue;
    log::error("table of revoked sessions is full: each request asks the user service",
               {{"setting", "auth.revocations_max"}});
    seen_.clear();
    ++round_;
    paused_until_ = clock::now() + full_pause;
    end_waits(clock::now());
    return;
  }
  seen_ = news.seen;
  if (news.more) return poll();
  known_->known_as_of(asked);
  end_waits(asked);
}

void revocation_follower::report() {
  const auto age = known_->age(clock::now());
  metrics_->revocations(known_->size(), age);
  const bool is_current = age <= revocations::age_max;
  if (is_current == is_current_) return;
  is_current_ = is_current;
  if (is_current) {
    log::info("revoked sessions are up to date", {{"revoked", known_->size()}});
  } else {
    log::warn("revoked sessions are out of date: each request with a token asks the user service",
              {{"age_ms", std::chrono::duration_cast<milliseconds>(age).count()}});
  }
}

}  // namespace stoa::front
