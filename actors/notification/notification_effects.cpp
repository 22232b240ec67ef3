#include "actors/notification/notification_effects.hpp"

#include "actors/notification/notification_messages.hpp"
#include "config/settings.hpp"
#include "storage/base/fault.hpp"

#include <chrono>

namespace stoa::notification {

namespace {

using kernel::any_message;
using kernel::effect_pool;

constexpr std::string_view timeout_error = "The channel did not answer in time.";
/// A channel with its own timeout reports the cause before the runner's timeout.
constexpr microseconds answer_margin = seconds{3};

std::string_view outcome_of(const std::optional<send_failure>& failure) {
  if (!failure) return "delivered";
  return failure->permanent ? "rejected" : "failed";
}

void send(channel& mail, const token_maker& tokens, const send_notification& e,
          const effect_pool::answered& then, const mail_observer& observe) {
  if (e.type != notification_type::Email) {
    then(any_message::of(delivery_result{e.notification_id, "No channel for this type.", true}),
         true);
    return;
  }
  auto message = e.message;
  if (e.holds_token) {
    message.text = with_tokens(message.text, tokens);
    message.html = with_tokens(message.html, tokens);
  }
  if (fault("mail_twice")) {
    auto copy = message;
    copy.key += "-again";
    mail.send(std::move(copy), [](const std::optional<send_failure>&) {});
  }
  mail.send(std::move(message), [then, observe, began = std::chrono::steady_clock::now(),
                                 id = e.notification_id](std::optional<send_failure> failure) {
    if (observe) {
      const auto took = std::chrono::steady_clock::now() - began;
      observe(outcome_of(failure), std::chrono::duration_cast<microseconds>(took));
    }
    delivery_result result{id, std::nullopt};
    if (failure) {
      result.error = std::move(failure->reason);
      result.permanent = failure->permanent;
    }
    then(any_message::of(std::move(result)), !failure || failure->permanent);
  });
}

/// A command sink that also observes timeouts, which it recognises by their report.
kernel::command_sink observing_timeouts(kernel::command_sink report, mail_observer observe,
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

class runner final : public kernel::effect_runner {
 public:
  runner(channel& mail, token_maker tokens, kernel::effect_limits limits,
         kernel::command_sink report, const mail_observer& observe)
      : mail_(mail),
        tokens_(std::move(tokens)),
        observe_(observe),
        pool_(std::make_shared<effect_pool>(
            limits, observing_timeouts(std::move(report), observe, limits.timeout))) {}
  ~runner() override { pool_->close(); }
  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;

  void start(const any_message& effect, timestamp now) override {
    if (effect.kind() != &kernel::kind_of<send_notification>()) return;
    const auto id = effect.as<send_notification>().notification_id;
    pool_->add({id.value,
                [&mail = mail_, tokens = tokens_, observe = observe_,
                 effect](const effect_pool::answered& then) {
                  send(mail, tokens, effect.as<send_notification>(), then, observe);
                },
                any_message::of(delivery_result{id, std::string(timeout_error)})},
               now);
  }
  void tick(timestamp now) override { pool_->tick(now); }
  std::size_t under_way() const override { return pool_->under_way(); }

 private:
  channel& mail_;
  token_maker tokens_;
  const mail_observer observe_;
  std::shared_ptr<effect_pool> pool_;
};

}  // namespace

kernel::effect_limits mail_limits_of(const notification_settings& s) {
  if (s.email != "smtp") return mail_limits;
  auto limits = mail_limits;
  limits.under_way_max = static_cast<std::size_t>(s.smtp_connections);
  limits.timeout = milliseconds{s.smtp_timeout_ms} + answer_margin;
  return limits;
}

std::function<std::unique_ptr<kernel::effect_runner>(kernel::command_sink)> notification_effects(
    channel& mail, token_maker tokens, kernel::effect_limits limits, mail_observer observe) {
  return [&mail, tokens = std::move(tokens), limits, observe = std::move(observe)](
             kernel::command_sink report) -> std::unique_ptr<kernel::effect_runner> {
    return std::make_unique<runner>(mail, tokens, limits, std::move(report), observe);
  };
}

}  // namespace stoa::notification
