#include "net/messaging/http_sms.hpp"

#include "actors/payment/gateway.hpp"
#include "net/gateway/webhook_signature.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <array>

namespace stoa::messaging {

namespace {

using notification::delivery_state;

constexpr std::size_t id_bytes_max = 200;

bool is_final_status(int status) {
  constexpr std::array<int, 5> final{400, 409, 410, 413, 422};
  return std::ranges::find(final, status) != final.end();
}

notification::send_failure sms_failure(const outbound::completion& c) {
  if (c.how != outbound::outcome::completed) return no_answer("The SMS provider", c);
  notification::send_failure f;
  f.reason = "The SMS provider replied " + std::to_string(c.answer.status) + ".";
  f.permanent = is_final_status(c.answer.status);
  f.retry_after = retry_after_of(c.answer);
  return f;
}

std::optional<delivery_state> reported_state(std::string_view status) {
  constexpr std::array<std::pair<std::string_view, delivery_state>, 4> all{
      {{"sent", delivery_state::Sent},
       {"delivered", delivery_state::Delivered},
       {"undelivered", delivery_state::Undelivered},
       {"failed", delivery_state::Failed}}};
  const auto found = std::ranges::find(all, status, [](const auto& s) { return s.first; });
  if (found == all.end()) return std::nullopt;
  return found->second;
}

bool is_printable(std::string_view text) {
  return !text.empty() && text.size() <= id_bytes_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

http_sms::http_sms(http_sms_options options)
    : options_(std::move(options)),
      client_(client_config_of("sms", options_.allowed_networks, options_.metrics)) {}

void http_sms::send(notification::outgoing message, callback done) {
  http_sms_message body{message.key, std::move(message.to), std::move(message.text), {}, {}};
  if (!options_.from.empty()) body.from = options_.from;
  if (!options_.public_url.empty()) body.report_url = options_.public_url + "/hooks/sms/http";
  outbound::request r;
  r.url = options_.url;
  r.headers = {{"Authorization", "Bearer " + options_.token},
               {"Accept", "application/json"},
               {"Content-Type", "application/json"},
               {"Idempotency-Key", message.key}};
  r.body = json::write(body);
  r.timeout = options_.timeout;
  client_.post(std::move(r),
               [key = message.key, done = std::move(done)](const outbound::completion& c) {
                 const bool answered = c.how == outbound::outcome::completed;
                 if (answered && c.answer.status >= 200 && c.answer.status < 300)
                   return done(std::nullopt);
                 log_failure("text message not sent", key, c, "");
                 done(sms_failure(c));
               });
}

result<std::optional<notification::receive_delivery_report>> http_sms_reports::verify(
    const notification::signed_report& r) const {
  const auto checked = gateways::verify_webhook(secrets_, r.body, r.signature, r.now);
  if (!checked) return checked.error();
  const auto report = json::read_lenient<http_sms_report>(r.body);
  const auto id = report ? stoa::notification_id::parse(report->id) : std::nullopt;
  if (!id || !is_printable(report->message_id)) {
    return payment::webhook_rejected("webhook_invalid", "The body is not a valid report.");
  }
  const auto state = reported_state(report->status);
  if (!state) return std::nullopt;
  notification::receive_delivery_report command{*id, "http", report->message_id, *state, {}};
  if (report->error && is_printable(*report->error)) command.error_code = report->error;
  return command;
}

}  // namespace stoa::messaging
