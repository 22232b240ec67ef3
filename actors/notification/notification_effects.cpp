#include "actors/notification/notification_effects.hpp"

#include "actors/notification/notification_messages.hpp"
#include "config/settings.hpp"
#include "storage/base/fault.hpp"

#include <chrono>
#include <deque>
#include <unordered_map>

namespace stoa::notification {

namespace {

using kernel::any_message;
using kernel::effect_pool;

constexpr std::string_view timeout_error = "The channel did not answer in time.";
/// A channel with its own timeout reports the cause before the runner's timeout.
constexpr microseconds answer_margin = seconds{3};

std::string_view outcome_of(const std::optional<send_failure>& failure) {
  if (!failure) return "delivered";
  if (failure->unauthorized) return "unauthorized";
  return failure->permanent ? "rejected" : "failed";
}

delivery_result result_of(stoa::notification_id id, std::optional<send_failure> failure) {
  delivery_result result{id, std::nullopt};
  if (!failure) return result;
  result.error = std::move(failure->reason);
  result.permanent = failure->permanent;
  result.gone = failure->gone;
  result.retry_after_s = std::chrono::ceil<seconds>(failure->retry_after).count();
  return result;
}

/// Inserts the tokens, which are never stored.
outgoing completed(const send_notification& e, const token_makers& tokens) {
  auto message = e.message;
  if (e.holds_token) {
    message.text = with_tokens(message.text, tokens.verification);
    message.html = with_tokens(message.html, tokens.verification);
  }
  if (e.can_unsubscribe) {
    const auto token = tokens.unsubscribe(e.notification_id);
    for (auto* part : {&message.text, &message.html, &message.unsubscribe_url}) {
      *part = with_unsubscribe_token(std::move(*part), e.notification_id, token);
    }
  }
  return message;
}

void send(const registered_channel& channel, const token_makers& tokens, const send_notification& e,
          const effect_pool::answered& then) {
  auto message = completed(e, tokens);
  if (fault("mail_twice")) {
    auto copy = message;
    copy.key += "-again";
    channel.to->send(std::move(copy), [](const std::optional<send_failure>&) {});
  }
  channel.to->send(std::move(message),
                   [then, observe = channel.observe, began = std::chrono::steady_clock::now(),
                    id = e.notification_id](std::optional<send_failure> failure) {
                     if (observe) {
                       const auto took = std::chrono::steady_clock::now() - began;
                       observe(outcome_of(failure), std::chrono::duration_cast<microseconds>(took));
                     }
                     const bool certain = !failure || failure->permanent;
                     then(any_message::of(result_of(id, std::move(failure))), certain);
                   });
}

/// A command sink that also observes timeouts, which it recognises by their report.
kernel::command_sink observing_timeouts(kernel::command_sink report, attempt_observer observe,
                                        microseconds timeout) {
  if (!observe) return report;
  return [report = std::move(report), observe = std::move(observe), timeout](any_message m) {
    if (m.kind() == &kernel::kind_of<delivery_result>() &&
        m.as<delivery_result>().error == timeout_error) {
      observe("timeout", timeout);
    }
    report(std::move(m));
  };
}

/// The calls of one channel: those above its rate wait in order of arrival. One thread.
class paced_calls {
 public:
  paced_calls(registered_channel channel, const kernel::command_sink& report)
      : channel_(std::move(channel)),
        pool_(std::make_shared<effect_pool>(
            channel_.limits,
            observing_timeouts(report, channel_.observe, channel_.limits.timeout))) {}
  ~paced_calls() { pool_->close(); }
  paced_calls(const paced_calls&) = delete;
  paced_calls& operator=(const paced_calls&) = delete;

  const registered_channel& channel() const { return channel_; }

  void add(effect_pool::call c, timestamp now) {
    if (!channel_.rate) return pool_->add(std::move(c), now);
    const auto key = c.key;
    if (const auto known = waiting_.find(key); known != waiting_.end()) {
      known->second = std::move(c);
    } else if (waiting_.size() < channel_.limits.waiting_max) {
      turns_.push_back(key);
      waiting_.emplace(key, std::move(c));
    }
    release(now);
  }
  void tick(timestamp now) {
    release(now);
    pool_->tick(now);
  }
  std::size_t under_way() const { return pool_->under_way(); }

 private:
  void release(timestamp now) {
    while (!turns_.empty() && channel_.rate->take(now)) {
      pool_->add(std::move(waiting_.extract(turns_.front()).mapped()), now);
      turns_.pop_front();
    }
  }

  const registered_channel channel_;
  std::shared_ptr<effect_pool> pool_;
  std::unordered_map<uuid, effect_pool::call> waiting_;
  std::deque<uuid> turns_;  ///< keys of waiting_
};

class runner final : public kernel::effect_runner {
 public:
  runner(const channel_registry& channels, token_makers tokens, kernel::command_sink report)
      : tokens_(std::move(tokens)), report_(std::move(report)) {
    for (const auto& [type, channel] : channels) {
      calls_.emplace(type, std::make_unique<paced_calls>(channel, report_));
    }
  }

  void start(const any_message& effect, timestamp now) override {
    if (effect.kind() != &kernel::kind_of<send_notification>()) return;
    const auto& e = effect.as<send_notification>();
    const auto id = e.notification_id;
    const auto found = calls_.find(e.type);
    if (found == calls_.end()) {
      return report_(any_message::of(delivery_result{id, "No channel for this type.", true}));
    }
    auto& calls = *found->second;
    calls.add(
        {id.value,
         [channel = calls.channel(), tokens = tokens_, effect](const effect_pool::answered& then) {
           send(channel, tokens, effect.as<send_notification>(), then);
         },
         any_message::of(delivery_result{id, std::string(timeout_error)})},
        now);
  }
  void tick(timestamp now) override {
    for (auto& [type, calls] : calls_) calls->tick(now);
  }
  std::size_t under_way() const override {
    std::size_t total = 0;
    for (const auto& [type, calls] : calls_) total += calls->under_way();
    return total;
  }

 private:
  const token_makers tokens_;
  const kernel::command_sink report_;
  std::map<notification_type, std::unique_ptr<paced_calls>> calls_;
};

}  // namespace

kernel::effect_limits mail_limits_of(const notification_settings& s) {
  if (s.email != "smtp") return mail_limits;
  auto limits = mail_limits;
  limits.under_way_max = static_cast<std::size_t>(s.smtp_connections);
  limits.timeout = milliseconds{s.smtp_timeout_ms} + answer_margin;
  return limits;
}

kernel::effect_limits short_limits(std::int64_t timeout_ms) {
  return {.under_way_max = 64,
          .waiting_max = 4096,
          .timeout = milliseconds{timeout_ms} + answer_margin};
}

std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> notification_effects(
    channel_registry channels, token_makers tokens) {
  return [channels = std::move(channels), tokens = std::move(tokens)](
             kernel::command_sink report) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<runner>(channels, tokens, std::move(report));
  };
}

}  // namespace stoa::notification
