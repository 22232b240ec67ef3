#include "net/cli/message_channels.hpp"

#include "net/cli/databases.hpp"
#include "net/cli/have.hpp"
#include "net/messaging/http_sms.hpp"
#include "net/messaging/twilio.hpp"
#include "net/messaging/web_push.hpp"
#include "net/token/secret_lines.hpp"

namespace stoa::cli {

namespace {

notification::attempt_observer observer_of(kernel::call_times& times) {
  return [&times](std::string_view outcome, microseconds took) {
    times.observe("", std::string(outcome), took);
  };
}

}  // namespace

message_channels::message_channels(const settings& s, prometheus::Registry& registry, bool sends)
    : settings_(s.notification), public_url_(s.store.public_url) {
  const auto& n = settings_;
  if (n.sms != "none") {
    sms_times_.emplace(&registry, "stoa_sms_send_duration_seconds",
                       "Duration of attempts to send a text message, by outcome",
                       notification::short_limits(n.sms_timeout_ms).timeout);
    open_sms(&registry, sends);
  }
  if (n.push != "webpush") return;
  push_times_.emplace(&registry, "stoa_push_send_duration_seconds",
                      "Duration of attempts to send a push message, by outcome",
                      notification::short_limits(n.push_timeout_ms).timeout);
  push_key_ = have(messaging::vapid_key::load_or_create(keys_dir_of(s)), "the push key");
  if (!sends) return;
  push_ = std::make_unique<messaging::web_push>(
      messaging::web_push_options{n.push_contact, seconds{n.push_ttl_s}, n.push_allowed_networks,
                                  std::chrono::milliseconds{n.push_timeout_ms}, &registry},
      *push_key_);
}

message_channels::~message_channels() = default;

void message_channels::open_sms(prometheus::Registry* registry, bool sends) {
  const auto& n = settings_;
  const std::chrono::milliseconds timeout{n.sms_timeout_ms};
  if (n.sms == "twilio") {
    auto tokens =
        have(token::read_secret_lines(n.twilio_token_file), "notification.twilio_token_file");
    if (sends) {
      sms_ = std::make_unique<messaging::twilio>(messaging::twilio_options{
          n.twilio_base_url, n.twilio_account_sid, tokens.front(), n.sms_from,
          n.twilio_messaging_service_sid, public_url_, n.sms_allowed_networks, timeout, registry});
    }
    if (!public_url_.empty()) {
      reports_ = std::make_unique<messaging::twilio_reports>(public_url_, std::move(tokens));
    }
    return;
  }
  if (sends) {
    const auto tokens =
        have(token::read_secret_lines(n.sms_token_file), "notification.sms_token_file");
    const auto url = n.sms_callback_secrets_file.empty() ? std::string() : public_url_;
    sms_ = std::make_unique<messaging::http_sms>(messaging::http_sms_options{
        n.sms_url, tokens.front(), n.sms_from, url, n.sms_allowed_networks, timeout, registry});
  }
  if (!n.sms_callback_secrets_file.empty()) {
    reports_ = std::make_unique<messaging::http_sms_reports>(
        have(token::read_secret_lines(n.sms_callback_secrets_file),
             "notification.sms_callback_secrets_file"));
  }
}

void message_channels::add_to(notification::channel_registry& all) {
  using notification::notification_type;
  const auto& n = settings_;
  if (sms_) {
    all[notification_type::SMS] = {sms_.get(), notification::short_limits(n.sms_timeout_ms),
                                   observer_of(*sms_times_), notification::bucket_of(n.sms_per_s)};
  }
  if (push_) {
    all[notification_type::Push] = {push_.get(), notification::short_limits(n.push_timeout_ms),
                                    observer_of(*push_times_),
                                    notification::bucket_of(n.push_per_s)};
  }
}

notification::report_registry message_channels::reports() const {
  if (!reports_) return {};
  return {{settings_.sms, reports_.get()}};
}

void message_channels::stop() {
  if (sms_) sms_->stop();
  if (push_) push_->stop();
}

}  // namespace stoa::cli
