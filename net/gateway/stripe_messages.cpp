#include "net/gateway/stripe_messages.hpp"

#include "config/log.hpp"
#include "net/http/percent.hpp"
#include "storage/base/json_read.hpp"

#include <algorithm>
#include <array>

namespace stoa::gateways::stripe_api {

namespace {

constexpr int unauthorized = 401;
constexpr int forbidden = 403;
constexpr int in_conflict = 409;
constexpr int too_many_requests = 429;

constexpr std::array<std::pair<std::string_view, std::string_view>, 17> stable_codes{{
    {"authentication_required", "authentication_failed"},
    {"payment_intent_authentication_failure", "authentication_failed"},
    {"card_declined", "card_declined"},
    {"generic_decline", "card_declined"},
    {"insufficient_funds", "insufficient_funds"},
    {"expired_card", "expired_card"},
    {"invalid_expiry_month", "expired_card"},
    {"invalid_expiry_year", "expired_card"},
    {"incorrect_cvc", "incorrect_cvc"},
    {"invalid_cvc", "incorrect_cvc"},
    {"processing_error", "processing_error"},
    {"fraudulent", "fraudulent"},
    {"amount_too_small", "invalid_amount"},
    {"amount_too_large", "invalid_amount"},
    {"charge_already_refunded", "exceeds_charge"},
    {"token_already_used", "invalid_token"},
    {"payment_method_unactivated", "card_declined"},
}};

std::string_view find_code(std::string_view code) {
  const auto* found =
      std::ranges::find(stable_codes, code, &std::pair<std::string_view, std::string_view>::first);
  return found == stable_codes.end() ? std::string_view() : found->second;
}

/// Whether the request was definitely not executed.
bool is_rejected(const outbound::response& answer, const api_error& error) {
  if (answer.status < 400 || answer.status >= 500) return false;
  switch (answer.status) {
    case unauthorized:
    case forbidden:
    case in_conflict:
    case too_many_requests:
      return false;
    default:
      break;
  }
  // Another request has used the key: its effect is not that of this one.
  if (!error.type || *error.type == "idempotency_error") return false;
  return answer.header("Stripe-Should-Retry") != "true";
}

}  // namespace

std::string encode(std::string_view text) {
  return http::percent_encode(text);
}

std::string encode(const form& fields) {
  std::string all;
  for (const auto& [name, value] : fields) {
    if (!all.empty()) all += '&';
    all.append(encode(name)).append("=").append(encode(value));
  }
  return all;
}

reply reply_of(outbound::completion c) {
  reply r;
  if (c.how != outbound::outcome::completed) return r;
  r.status = c.answer.status;
  r.replayed = c.answer.header("Idempotent-Replayed") == "true";
  if (r.status >= 200 && r.status < 300) {
    r.kind = reply_kind::accepted;
    r.body = std::move(c.answer.body);
    return r;
  }
  if (auto document = json::read_lenient<error_document>(c.answer.body)) {
    r.error = std::move(document->error);
  }
  if (is_rejected(c.answer, r.error)) r.kind = reply_kind::rejected;
  const auto code = r.error.code.value_or(r.error.type.value_or(""));
  if (r.status == unauthorized || r.status == forbidden) {
    log::error("Stripe rejected the API key; check payment.stripe_key_file",
               {{"http.response.status_code", r.status}, {"code", code}});
  } else if (r.kind == reply_kind::uncertain) {
    log::warn("request to Stripe failed; it is retried",
              {{"http.response.status_code", r.status}, {"code", code}});
  }
  return r;
}

std::string stable_code(const api_error& error, std::string_view fallback) {
  const auto code = error.code.value_or("");
  if (code == "resource_missing") {
    const auto param = error.param.value_or("");
    return param.starts_with("payment_method") ? "invalid_token" : std::string(fallback);
  }
  // The decline code is more specific. Reasons that must not be shown to the customer, such as
  // lost_card, are not listed and become card_declined.
  if (const auto found = find_code(error.decline_code.value_or("")); !found.empty()) {
    return std::string(found);
  }
  if (const auto found = find_code(code); !found.empty()) return std::string(found);
  return error.type == "card_error" ? "card_declined" : std::string(fallback);
}

}  // namespace stoa::gateways::stripe_api
