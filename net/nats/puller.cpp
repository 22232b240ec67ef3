#include "net/nats/puller.hpp"

#include "net/nats/cloud_event.hpp"
#include "net/nats/names.hpp"
#include "storage/base/service_clock.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stoa::nats {

namespace {

/// How long the broker keeps a request for events open; asked again then.
constexpr microseconds request_kept = seconds{10};
/// While a request is open the broker sends this many heartbeats within the longest silence that
/// a consumer is allowed; after half of it the consumer is asked once more.
constexpr std::int64_t heartbeats_per_silence = 6;
/// Between two looks at the feeds, as a rule much less.
constexpr microseconds sleepless = seconds{1};
/// A consumer that was made anew and still does not answer is given twice as long as before, up to
/// this.
constexpr microseconds patience_max = std::chrono::minutes{5};
/// Pause after the broker refused a request, for it to be asked again.
constexpr microseconds refusal_pause = milliseconds{250};
/// An event that could not be applied comes back after this long, doubled each time up to the most.
constexpr microseconds again_min = milliseconds{100};
constexpr microseconds again_max = seconds{10};

constexpr const char* positive = "+ACK";
constexpr const char* never_again = "+TERM";

std::string not_now(microseconds pause) {
  return "-NAK {\"delay\": " + std::to_string(pause.count() * 1000) + "}";
}

microseconds pause_after(std::int64_t delivered) {
  const auto doublings = std::clamp<std::int64_t>(delivered - 1, 0, 10);
  return std::min(again_max, again_min * (std::int64_t{1} << doublings));
}

std::vector<std::string_view> words_of(std::string_view subject) {
  std::vector<std::string_view> words;
  for (;;) {
    const auto dot = subject.find('.');
    words.push_back(subject.substr(0, dot));
    if (dot == std::string_view::npos) return words;
    subject.remove_prefix(dot + 1);
  }
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t n = 0;
  auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

/// What becomes of one event that has been handed on. Settles once; an event that nobody settles
/// comes again when the broker has waited long enough.
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
    if (!done_.exchange(true)) give_back();
  }
  open_delivery(const open_delivery&) = delete;
  open_delivery& operator=(const open_delivery&) = delete;

  void settle(bool applied) {
    if (done_.exchange(true)) return;
    core_->queue.add(
        plain_message{reply_, "", applied ? positive : not_now(pause_after(delivered_))});
    give_back();
  }

 private:
  void give_back() {
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
  // with domain and account behind ACK, and perhaps more at the end.
  const auto words = words_of(ack_subject);
  if (words.size() < 9 || words[0] != "$JS" || words[1] != "ACK") return std::nullopt;
  const std::size_t first = words.size() == 9 ? 4 : 6;
  if (words.size() < first + 5) return std::nullopt;
  const auto delivered = number(words[first]);
  const auto nanoseconds = number(words[first + 3]);
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
  // Whoever slept has not heard what was said meanwhile.
  const bool slept = now - std::exchange(ticked_at_, now) > sleepless;
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    auto& f = feeds_[i];
    if (slept && f.silent_since != timestamp{}) f.silent_since = now;
    if (too_silent(f, now)) {
      f.patience = std::min(2 * f.patience, patience_max);
      f.silent_since = {};
      core_->suspect(f.consumer);
    }
    if (now < f.ask_again) continue;
    f.asked_for = 0;
    ask(f, i, now);
  }
}

void puller::ask_anew() {
  {
    std::lock_guard lock(mutex_);
    for (auto& f : feeds_) f.ask_again = f.silent_since = {};
  }
  tick(process_time().now());
}

void puller::ask(feed& f, std::size_t index, timestamp now) {
  if (closed_ || f.asked_for > 0 || now < f.ask_again) return;
  const auto room = static_cast<std::int64_t>(core_->options.window) - f.unsettled->load();
  const auto batch =
      std::min<std::int64_t>(room, static_cast<std::int64_t>(core_->options.fetch_max));
  if (batch <= 0) return;
  f.asked_for = batch;
  f.ask_again = now + core_->options.consumer_silence_max / 2;
  if (f.silent_since == timestamp{}) f.silent_since = now;
  const auto nanoseconds = [](microseconds t) { return std::to_string(t.count() * 1000); };
  core_->queue.add(plain_message{
      f.next_subject, inbox_ + "." + std::to_string(index),
      "{\"batch\":" + std::to_string(batch) + ",\"expires\":" + nanoseconds(request_kept) +
          ",\"idle_heartbeat\":" +
          nanoseconds(core_->options.consumer_silence_max / heartbeats_per_silence) + "}"});
}

void puller::heard(feed& f, timestamp now) {
  f.patience = core_->options.consumer_silence_max;
  f.silent_since = f.asked_for > 0 ? now : timestamp{};
  if (f.asked_for > 0) f.ask_again = now + core_->options.consumer_silence_max / 2;
}

bool puller::too_silent(const feed& f, timestamp now) const {
  return !closed_ && f.silent_since != timestamp{} && now - f.silent_since > f.patience;
}

void puller::settled(std::size_t index) {
  std::lock_guard lock(mutex_);
  auto& f = feeds_[index];
  // Not for single events: a request is worth a batch.
  const auto few = static_cast<std::int64_t>(core_->options.window / 2);
  if (f.asked_for == 0 && f.unsettled->load() <= few) ask(f, index, process_time().now());
}

void puller::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

void puller::take(natsMsg* m) {
  const std::string_view subject = natsMsg_GetSubject(m);
  // An event comes with its own subject, the broker's word on a request with that of the inbox.
  if (subject.starts_with(inbox_)) {
    const auto index = number(words_of(subject).back());
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
  refuse(m, "nobody asked for events of this subject");
}

void puller::take_status(natsMsg* m, std::size_t index) {
  const char* status = nullptr;
  if (natsMsgHeader_Get(m, "Status", &status) != NATS_OK) return;
  const std::string_view code = status;
  const bool over = code == "408" || code == "404";
  const auto now = process_time().now();
  std::lock_guard lock(mutex_);
  auto& f = feeds_[index];
  if (code == "100") return heard(f, now);  // It has nothing new.
  f.asked_for = 0;
  if (over) {
    heard(f, now);
  } else {
    core_->poke();  // The consumer is gone, or is none to ask, or the broker is about to go.
  }
  f.ask_again = over ? now : now + refusal_pause;
  ask(f, index, now);
}

void puller::take_event(natsMsg* m, std::size_t index) {
  auto& f = feeds_[index];
  const char* reply = natsMsg_GetReply(m);
  const auto info = read_delivery(reply != nullptr ? reply : "");
  if (!info) return;  // Sent straight into the inbox: nobody waits for an acknowledgement.
  bool closed = false;
  const auto now = process_time().now();
  {
    std::lock_guard lock(mutex_);
    f.asked_for = std::max<std::int64_t>(0, f.asked_for - 1);
    heard(f, now);
    if (f.asked_for == 0) f.ask_again = {};
    closed = closed_;
  }
  if (closed) {
    core_->queue.add(plain_message{reply, "", "-NAK"});
    return;
  }
  core_->metrics.count(delivery_count::consumed, service_);
  if (info->delivered > 1) core_->metrics.count(delivery_count::redelivered, service_);
  // Nothing of it counts, the marks in its headers neither, before it is known to be genuine.
  const auto today = store_time().now();
  auto found = core_->inspect.event(m, today);
  if (found == inspection::good && today - info->stored_at > core_->options.copy_age_max) {
    found = inspection::old;
  }
  if (found == inspection::rejected) {
    core_->queue.add(plain_message{reply, "", never_again});
  } else if (found == inspection::old) {
    drop_old(m, info->stored_at);
  } else {
    hand_on(m, index, info->delivered);
  }
  settled(index);
}

void puller::hand_on(natsMsg* m, std::size_t index, std::int64_t delivered) {
  auto e = read_event(core_->options.stream, natsMsg_GetSubject(m), headers_in(m), payload_of(m));
  if (!e) return refuse(m, e.error().detail);
  auto open = std::make_shared<open_delivery>(
      core_, weak_from_this(), index, feeds_[index].unsettled, natsMsg_GetReply(m), delivered);
  core_->call([&] {
    core_->deliver(service_, std::move(*e), [open](bool applied) { open->settle(applied); });
  });
}

void puller::drop_old(natsMsg* m, timestamp stored_at) {
  core_->metrics.count(delivery_count::expired, service_);
  core_->queue.add(plain_message{natsMsg_GetReply(m), "", positive});
  std::int64_t left_out = 0;
  if (!complains_of_age_.now(left_out)) return;
  log::warn("event bus: old copies of events are dropped; if this goes on, the clocks differ",
            {{"service", service_},
             {"subject", natsMsg_GetSubject(m)},
             {"stored_at", stored_at.str()},
             {"left_out", left_out}});
}

void puller::refuse(natsMsg* m, const std::string& why) {
  core_->metrics.count(delivery_count::malformed, service_);
  std::int64_t left_out = 0;
  if (complains_.now(left_out)) {
    log::warn("event bus: a message that is no event of ours is refused",
              {{"service", service_},
               {"subject", natsMsg_GetSubject(m)},
               {"why", why},
               {"left_out", left_out}});
  }
  const char* reply = natsMsg_GetReply(m);
  if (reply != nullptr && *reply != '\0') core_->queue.add(plain_message{reply, "", never_again});
}

}  // namespace stoa::nats
