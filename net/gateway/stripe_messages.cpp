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
constexpr int missing = 404;
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

/// Stripe writes currencies in lower case.
bool is_currency(const std::string& theirs, const std::string& ours) {
  return std::ranges::equal(theirs, ours, [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
  });
}

bool is_of_payment(const std::optional<metadata_map>& metadata, const std::string& payment_id) {
  if (!metadata) return true;
  const auto found = metadata->find("payment_id");
  return found == metadata->end() || found->second == payment_id;
}

/// An intent without a payment method has not been paid with another one.
bool is_paid_with(const payment_intent& i, const std::string& token) {
  const auto method = method_of(i);
  return !method || method->id == token;
}

/// The member that differs; empty if the object is the expected one.
std::string_view mismatch(const payment_intent& i, const expected_answer& e) {
  if (!e.id.empty() && i.id != e.id) return "id";
  if (!is_of_payment(i.metadata, e.payment_id)) return "metadata";
  if (i.amount && *i.amount != e.amount.amount) return "amount";
  if (i.currency && !is_currency(*i.currency, e.amount.currency)) return "currency";
  if (!e.customer_id.empty() && i.customer && *i.customer != e.customer_id) return "customer";
  if (!e.token.empty() && !is_paid_with(i, e.token)) return "payment_method";
  if (i.status != "succeeded" || !i.amount_received) return {};
  const bool fits = *i.amount_received > 0 && *i.amount_received <= e.amount.amount;
  return fits ? std::string_view() : "amount_received";
}

std::string_view mismatch(const refund& r, const expected_answer& e) {
  if (!e.id.empty() && r.id != e.id) return "id";
  if (!is_of_payment(r.metadata, e.payment_id)) return "metadata";
  if (r.amount && *r.amount != e.amount.amount) return "amount";
  if (r.currency && !is_currency(*r.currency, e.amount.currency)) return "currency";
  const bool fits =
      e.of_payment_id.empty() || !r.payment_intent || *r.payment_intent == e.of_payment_id;
  return fits ? std::string_view() : "payment_intent";
}

template <class T>
returned<T> compared(T object, const expected_answer& e) {
  const auto member = mismatch(object, e);
  if (member.empty()) return {std::move(object)};
  log::error("Stripe's answer is not that of the request",
             {{"code", gateway_mismatch}, {"payment_id", e.payment_id}, {"member", member}});
  return {std::nullopt, gateway_mismatch,
          "Stripe's answer has another " + std::string(member) + " than the request."};
}

std::string code_of(const reply& r) {
  return r.error.code.value_or(r.error.type.value_or(""));
}

template <class T>
returned<T> nothing_in(const reply& r) {
  const bool is_missing = r.status == missing && code_of(r) == "resource_missing";
  return {std::nullopt, is_missing ? charge_not_found : "", why_nothing_in(r)};
}

template <class T>
returned<T> object_of(const reply& r, const expected_answer& e) {
  auto found = read<T>(r);
  if (!found) return nothing_in<T>(r);
  if (!found->id.empty()) return compared(std::move(*found), e);
  log_unreadable(r);
  return nothing_in<T>(r);
}

}  // namespace

bool has_other_unit(std::string_view currency) {
  return currency == "ISK" || currency == "UGX" || currency == "MGA";
}

std::string why_nothing_in(const reply& r) {
  if (r.kind == reply_kind::accepted) return "Stripe's answer cannot be read.";
  if (r.status == 0) {
    return "Stripe has not answered" + (r.failure.empty() ? "." : ": " + r.failure + ".");
  }
  const auto code = code_of(r);
  return "Stripe has answered with the status " + std::to_string(r.status) +
         (code.empty() ? "." : ", " + code + ".");
}

returned<payment_intent> intent_of(const reply& r, const expected_answer& expected) {
  return object_of<payment_intent>(r, expected);
}

returned<refund> refund_of(const reply& r, const expected_answer& expected) {
  return object_of<refund>(r, expected);
}

returned<refund> checked(refund made, const expected_answer& expected) {
  return compared(std::move(made), expected);
}

std::optional<payment_method> method_of(const payment_intent& i) {
  const auto text = i.payment_method.value_or(json::raw{}).text;
  if (text.starts_with('{')) {
    auto object = json::read_lenient<payment_method>(text);
    if (object && !object->id.empty()) return std::move(*object);
    return std::nullopt;
  }
  constexpr std::size_t quotes = 2;
  if (text.size() <= quotes || text.front() != '"') return std::nullopt;
  return payment_method{text.substr(1, text.size() - quotes), std::nullopt, std::nullopt};
}

payment::vaulted_method vaulted_of(const payment_method& m) {
  payment::vaulted_method v{m.id};
  if (!m.card) return v;
  constexpr std::size_t brand_bytes_max = 40;
  if (m.card->brand && m.card->brand->size() <= brand_bytes_max) v.brand = m.card->brand;
  // Never more of a number than its last four digits, whatever the answer has.
  if (m.card->last4 && m.card->last4->size() <= 4) v.last4 = m.card->last4;
  v.exp_month = m.card->exp_month;
  v.exp_year = m.card->exp_year;
  return v;
}

std::optional<payment::vaulted_method> vaulted_of(const payment_intent& i) {
  if (!i.customer) return std::nullopt;
  const auto method = method_of(i);
  if (!method) return std::nullopt;
  const bool is_object = i.payment_method->text.starts_with('{');
  if (is_object && method->customer != i.customer) return std::nullopt;
  return vaulted_of(*method);
}

bool is_missing(const reply& r, std::string_view param) {
  return r.kind == reply_kind::rejected && r.error.code == "resource_missing" &&
         std::string_view(r.error.param.value_or("")).starts_with(param);
}

std::optional<money> captured_of(const payment_intent& i) {
  if (i.status != "succeeded" || !i.amount_received || !i.currency) return std::nullopt;
  auto currency = *i.currency;
  std::ranges::transform(currency, currency.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return money{*i.amount_received, std::move(currency)};
}

void log_unreadable(const reply& r) {
  log::error("unreadable response from Stripe",
             {{"http.response.status_code", r.status},
              {"http.response.body.size", static_cast<std::int64_t>(r.body.size())}});
}

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
  if (c.how != outbound::outcome::completed) {
    r.failure = outbound::name_of(c.how);
    if (c.how != outbound::outcome::canceled) {
      log::warn("no response from Stripe", {{"error.type", r.failure}, {"detail", c.detail}});
    }
    return r;
  }
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
  const auto code = code_of(r);
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
