#include "net/nats/puller.hpp"

#include "net/nats/cloud_event.hpp"
#include "net/nats/names.hpp"
#include "storage/base/service_clock.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stoa::nats {

namespace {

/// Expiry of a pull request at the broker; it is renewed then.
constexpr microseconds request_expiry = seconds{10};
/// Heartbeats that the broker sends for an open request within consumer_silence_max. After half of
/// that time the request is repeated.
constexpr std::int64_t heartbeats_per_silence = 6;
/// A longer time between two ticks means that this process was suspended.
constexpr microseconds suspended_min = seconds{1};
/// A recreated consumer that still does not respond gets twice the time as before, up to this.
constexpr microseconds patience_max = std::chrono::minutes{5};
/// Pause before retrying a request that the broker rejected.
constexpr microseconds rejection_pause = milliseconds{250};
/// Redelivery delay of an event that could not be applied, doubled each time up to the maximum.
constexpr microseconds redelivery_min = milliseconds{100};
constexpr microseconds redelivery_max = seconds{10};

constexpr const char* ack_positive = "+ACK";
constexpr const char* ack_term = "+TERM";

std::string ack_delayed(microseconds pause) {
  return "-NAK {\"delay\": " + std::to_string(pause.count() * 1000) + "}";
}

microseconds pause_after(std::int64_t delivered) {
  const auto doublings = std::clamp<std::int64_t>(delivered - 1, 0, 10);
  return std::min(redelivery_max, redelivery_min * (std::int64_t{1} << doublings));
}

std::vector<std::string_view> tokens_of(std::string_view subject) {
  std::vector<std::string_view> tokens;
  for (;;) {
    const auto dot = subject.find('.');
    tokens.push_back(subject.substr(0, dot));
    if (dot == std::string_view::npos) return tokens;
    subject.remove_prefix(dot + 1);
  }
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t n = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

/// An event handed to a subscriber. Settled once; the broker redelivers an unsettled event after
/// its ack timeout.
class open_delivery {
 public:
  open_delivery(core_ptr core, std::weak_ptr<puller> from, std::size_t feed,
                unsettled_count unsettled, std::string reply, std::int64_t delivered)
      : core_(std::move(core)),
        from_(std::move(from)),
        feed_(feed),
        unsettled_(std::move(unsettled)),
        reply_(std::move(reply)),
        delivered_(delivered) {
    unsettled_->fetch_add(1);
  }
  ~open_delivery() {
    if (!done_.exchange(true)) release();
  }
  open_delivery(const open_delivery&) = delete;
  open_delivery& operator=(const open_delivery&) = delete;

  void settle(bool applied) {
    if (done_.exchange(true)) return;
    core_->queue.add(
        plain_message{reply_, "", applied ? ack_positive : ack_delayed(pause_after(delivered_))});
    release();
  }

 private:
  void release() {
    unsettled_->fetch_sub(1);
    if (auto p = from_.lock()) p->settled(feed_);
  }

  const core_ptr core_;
  const std::weak_ptr<puller> from_;
  const std::size_t feed_;
  const unsettled_count unsettled_;
  const std::string reply_;
  const std::int64_t delivered_;
  std::atomic<bool> done_ = false;
};

}  // namespace

std::optional<delivery_info> read_delivery(std::string_view ack_subject) {
  // $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<nanoseconds>.<pending>, or
  // with domain and account after ACK and possibly more tokens at the end.
  const auto tokens = tokens_of(ack_subject);
  if (tokens.size() < 9 || tokens[0] != "$JS" || tokens[1] != "ACK") return std::nullopt;
  const std::size_t first = tokens.size() == 9 ? 4 : 6;
  if (tokens.size() < first + 5) return std::nullopt;
  const auto delivered = number(tokens[first]);
  const auto nanoseconds = number(tokens[first + 3]);
  if (!delivered || !nanoseconds) return std::nullopt;
  return delivery_info{*delivered, timestamp{*nanoseconds / 1000}};
}

puller::puller(core_ptr core, std::string service, std::string inbox)
    : core_(std::move(core)), service_(std::move(service)), inbox_(std::move(inbox)) {
  const auto& types = core_->wanted.at(service_);
  feeds_.reserve(types.size());
  for (const auto& type : types) {
    const auto consumer = consumer_name(service_, type);
    feed f;
    f.subject = subject_of(core_->options.stream, core_->options.producers.at(type), type);
    f.next_subject = "$JS.API.CONSUMER.MSG.NEXT." + core_->options.stream + "." + consumer;
    f.unsettled = core_->unsettled.at(consumer);
    f.consumer = consumer;
    f.patience = core_->options.consumer_silence_max;
    feeds_.push_back(std::move(f));
  }
}

void puller::tick(timestamp now) {
  std::lock_guard lock(mutex_);
  // Heartbeats sent during a suspension may have been missed.
  const bool was_suspended = now - std::exchange(ticked_at_, now) > suspended_min;
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    auto& f = feeds_[i];
    if (was_suspended && f.silent_since != timestamp{}) f.silent_since = now;
    if (is_unresponsive(f, now)) {
      f.patience = std::min(2 * f.patience, patience_max);
      f.silent_since = {};
      core_->suspect(f.consumer);
    }
    if (now < f.next_request) continue;
    f.requested = 0;
    request(f, i, now);
  }
}

void puller::reset_requests() {
  {
    std::lock_guard lock(mutex_);
    for (auto& f : feeds_) f.next_request = f.silent_since = {};
  }
  tick(process_time().now());
}

void puller::request(feed& f, std::size_t index, timestamp now) {
  if (closed_ || f.requested > 0 || now < f.next_request) return;
  const auto room = static_cast<std::int64_t>(core_->options.window) - f.unsettled->load();
  const auto batch =
      std::min<std::int64_t>(room, static_cast<std::int64_t>(core_->options.fetch_max));
  if (batch <= 0) return;
  f.requested = batch;
  f.next_request = now + core_->options.consumer_silence_max / 2;
  if (f.silent_since == timestamp{}) f.silent_since = now;
  const auto nanoseconds = [](microseconds t) { return std::to_string(t.count() * 1000); };
  core_->queue.add(plain_message{
      f.next_subject, inbox_ + "." + std::to_string(index),
      "{\"batch\":" + std::to_string(batch) + ",\"expires\":" + nanoseconds(request_expiry) +
          ",\"idle_heartbeat\":" +
          nanoseconds(core_->options.consumer_silence_max / heartbeats_per_silence) + "}"});
}

void puller::mark_responsive(feed& f, timestamp now) {
  f.patience = core_->options.consumer_silence_max;
  f.silent_since = f.requested > 0 ? now : timestamp{};
  if (f.requested > 0) f.next_request = now + core_->options.consumer_silence_max / 2;
}

bool puller::is_unresponsive(const feed& f, timestamp now) const {
  return !closed_ && f.silent_since != timestamp{} && now - f.silent_since > f.patience;
}

void puller::settled(std::size_t index) {
  std::lock_guard lock(mutex_);
  auto& f = feeds_[index];
  // A request is only worthwhile for several events.
  const auto refill_below = static_cast<std::int64_t>(core_->options.window / 2);
  if (f.requested == 0 && f.unsettled->load() <= refill_below)
    request(f, index, process_time().now());
}

void puller::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

void puller::take(natsMsg* m) {
  const std::string_view subject = natsMsg_GetSubject(m);
  // Events keep their own subject; status messages use the inbox subject.
  if (subject.starts_with(inbox_)) {
    const auto index = number(tokens_of(subject).back());
    if (index && static_cast<std::size_t>(*index) < feeds_.size()) {
      take_status(m, static_cast<std::size_t>(*index));
    }
    return;
  }
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    if (subject != feeds_[i].subject) continue;
    take_event(m, i);
    return;
  }
  reject(m, "unexpected subject");
}

void puller::take_status(natsMsg* m, std::size_t index) {
  const char* status = nullptr;
  if (natsMsgHeader_Get(m, "Status", &status) != NATS_OK) return;
  const std::string_view code = status;
  const bool over = code == "408" || code == "404";
  const auto now = process_time().now();
  std::lock_guard lock(mutex_);
  auto& f = feeds_[index];
  if (code == "100") return mark_responsive(f, now);  // Idle heartbeat.
  f.requested = 0;
  if (over) {
    mark_responsive(f, now);
  } else {
    // The consumer was deleted or is not a pull consumer, or the broker is shutting down.
    core_->poke();
  }
  f.next_request = over ? now : now + rejection_pause;
  request(f, index, now);
}

void puller::take_event(natsMsg* m, std::size_t index) {
  auto& f = feeds_[index];
  const char* reply = natsMsg_GetReply(m);
  const auto info = read_delivery(reply != nullptr ? reply : "");
  if (!info) return;  // Sent directly to the inbox: there is nothing to acknowledge.
  bool closed = false;
  const auto now = process_time().now();
  {
    std::lock_guard lock(mutex_);
    f.requested = std::max<std::int64_t>(0, f.requested - 1);
    mark_responsive(f, now);
    if (f.requested == 0) f.next_request = {};
    closed = closed_;
  }
  if (closed) {
    core_->queue.add(plain_message{reply, "", "-NAK"});
    return;
  }
  core_->metrics.count(delivery_count::consumed, service_);
  if (info->delivered > 1) core_->metrics.count(delivery_count::redelivered, service_);
  // Nothing of the message, including its headers, is trusted before the verification.
  const auto today = store_time().now();
  auto found = core_->inspect.event(m, today);
  if (found == inspection::good && today - info->stored_at > core_->options.copy_age_max) {
    found = inspection::old;
  }
  if (found == inspection::rejected) {
    core_->queue.add(plain_message{reply, "", ack_term});
  } else if (found == inspection::old) {
    drop_old(m, info->stored_at);
  } else {
    forward_event(m, index, info->delivered);
  }
  settled(index);
}

void puller::forward_event(natsMsg* m, std::size_t index, std::int64_t delivered) {
  auto e = read_event(core_->options.stream, natsMsg_GetSubject(m), headers_in(m), payload_of(m));
  if (!e) return reject(m, e.error().detail);
  auto open = std::make_shared<open_delivery>(
      core_, weak_from_this(), index, feeds_[index].unsettled, natsMsg_GetReply(m), delivered);
  core_->call([&] {
    core_->deliver(service_, std::move(*e), [open](bool applied) { open->settle(applied); });
  });
}

void puller::drop_old(natsMsg* m, timestamp stored_at) {
  core_->metrics.count(delivery_count::expired, service_);
  core_->queue.add(plain_message{natsMsg_GetReply(m), "", ack_positive});
  std::int64_t left_out = 0;
  if (!age_limiter_.now(left_out)) return;
  log::warn("event bus: dropping outdated copies of events; if this continues, check the clocks",
            {{"service", service_},
             {"subject", natsMsg_GetSubject(m)},
             {"stored_at", stored_at.str()},
             {"suppressed", left_out}});
}

void puller::reject(natsMsg* m, const std::string& why) {
  core_->metrics.count(delivery_count::malformed, service_);
  std::int64_t left_out = 0;
  if (limiter_.now(left_out)) {
    log::warn("event bus: rejecting a malformed event", {{"service", service_},
                                                         {"subject", natsMsg_GetSubject(m)},
                                                         {"why", why},
                                                         {"suppressed", left_out}});
  }
  const char* reply = natsMsg_GetReply(m);
  if (reply != nullptr && *reply != '\0') core_->queue.add(plain_message{reply, "", ack_term});
}

}  // namespace stoa::nats
