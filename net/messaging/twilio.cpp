#include "net/messaging/twilio.hpp"

#include "actors/payment/gateway.hpp"
#include "net/http/percent.hpp"
#include "net/http/query.hpp"
#include "net/mail/coding.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace stoa::messaging {

namespace {

using notification::delivery_state;
using notification::send_failure;

constexpr std::size_t sid_bytes_max = 64;

struct twilio_error {
  std::optional<std::int64_t> code;
};
BOOST_DESCRIBE_STRUCT(twilio_error, (), (code))

/// Errors of a request that the operator or time resolves: the same message can be sent later
/// (https://www.twilio.com/docs/api/errors).
constexpr std::array<std::int64_t, 11> temporary_codes{
    14107,  // rate of the account
    20003,  // credentials
    20404,  // unknown account
    20429,  // too many requests
    21212,  // invalid sender
    21603,  // no sender
    21606,  // the sender is not the account's
    21611,  // the sender's queue is full
    21701,  // unknown messaging service
    21703,  // the messaging service has no sender
    30022,  // rate of the sender
};

send_failure failure_of(const outbound::completion& c, std::int64_t code) {
  if (c.how != outbound::outcome::completed) return no_answer("Twilio", c);
  const int status = c.answer.status;
  send_failure f;
  f.reason = "Twilio replied " + std::to_string(status);
  if (code != 0) f.reason += ", error " + std::to_string(code);
  f.reason += ".";
  f.retry_after = retry_after_of(c.answer);
  // Other statuses than 400 are about the account, or not from Twilio.
  f.permanent = status == 400 && std::ranges::find(temporary_codes, code) == temporary_codes.end();
  return f;
}

std::string encode(const form_fields& fields) {
  std::string all;
  for (const auto& [name, value] : fields) {
    if (!all.empty()) all += '&';
    all.append(http::percent_encode(name)).append("=").append(http::percent_encode(value));
  }
  return all;
}

std::optional<delivery_state> state_of(std::string_view status) {
  if (status == "sent") return delivery_state::Sent;
  if (status == "delivered" || status == "read") return delivery_state::Delivered;
  if (status == "undelivered") return delivery_state::Undelivered;
  if (status == "failed" || status == "canceled") return delivery_state::Failed;
  return std::nullopt;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= sid_bytes_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

twilio::twilio(twilio_options options)
    : options_(std::move(options)),
      client_(client_config_of("twilio", options_.allowed_networks, options_.metrics)) {}

void twilio::send(notification::outgoing message, callback done) {
  form_fields fields{{"To", message.to}, {"Body", message.text}};
  if (options_.messaging_service_sid.empty()) {
    fields.emplace_back("From", options_.from);
  } else {
    fields.emplace_back("MessagingServiceSid", options_.messaging_service_sid);
  }
  if (!options_.public_url.empty()) {
    fields.emplace_back("StatusCallback", twilio_callback_url(options_.public_url, message.key));
  }
  outbound::request r;
  r.url = options_.base_url + "/2010-04-01/Accounts/" + options_.account_sid + "/Messages.json";
  r.headers = {
      {"Authorization", "Basic " + mail::base64(options_.account_sid + ":" + options_.auth_token)},
      {"Accept", "application/json"},
      {"Content-Type", "application/x-www-form-urlencoded"}};
  r.body = encode(fields);
  r.timeout = options_.timeout;
  client_.post(
      std::move(r), [key = message.key, done = std::move(done)](const outbound::completion& c) {
        const bool answered = c.how == outbound::outcome::completed;
        if (answered && c.answer.status >= 200 && c.answer.status < 300) return done(std::nullopt);
        std::int64_t code = 0;
        if (answered) {
          const auto error = json::read_lenient<twilio_error>(c.answer.body);
          if (error) code = error->code.value_or(0);
        }
        log_failure("text message not sent", key, c, code == 0 ? "" : std::to_string(code));
        done(failure_of(c, code));
      });
}

std::string twilio_callback_url(const std::string& public_url, std::string_view notification_id) {
  return public_url + "/hooks/sms/twilio?notification_id=" + std::string(notification_id);
}

std::string twilio_signature(const std::string& auth_token, const std::string& url,
                             form_fields fields) {
  std::ranges::sort(fields);
  std::string text = url;
  for (const auto& [name, value] : fields) text.append(name).append(value);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  ::HMAC(EVP_sha1(), auth_token.data(), static_cast<int>(auth_token.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data(), &size);
  return mail::base64({reinterpret_cast<const char*>(hash.data()), size});
}

result<std::optional<notification::receive_delivery_report>> twilio_reports::verify(
    const notification::signed_report& r) const {
  const auto fields = http::parse_query(r.body);
  if (!fields) {
    return payment::webhook_rejected("webhook_invalid", "The body is not a valid report.");
  }
  const auto url = twilio_callback_url(public_url_, r.notification_id);
  bool is_signed = false;
  for (const auto& token : auth_tokens_) {
    const bool equal =
        text::equal_secret(twilio_signature(token, url, fields->pairs()), r.signature);
    is_signed = is_signed || equal;
  }
  if (!is_signed) {
    return payment::webhook_rejected("webhook_signature_invalid",
                                     "The signature does not match the request.");
  }
  const auto id = stoa::notification_id::parse(r.notification_id);
  const auto sid = fields->find("MessageSid").value_or("");
  if (!id || !is_word(sid)) {
    return payment::webhook_rejected("webhook_invalid", "The body is not a valid report.");
  }
  const auto state = state_of(fields->find("MessageStatus").value_or(""));
  if (!state) return std::nullopt;
  notification::receive_delivery_report report{*id, "twilio", std::string(sid), *state, {}};
  if (const auto code = fields->find("ErrorCode"); code && is_word(*code)) {
    report.error_code = std::string(*code);
  }
  return report;
}

}  // namespace stoa::messaging
