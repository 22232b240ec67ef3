#include "net/gateway/paypal_messages.hpp"

#include "config/log.hpp"
#include "storage/base/json_read.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace stoa::gateways::paypal_api {

namespace {

constexpr int paypal_bad_request = 400;
constexpr int paypal_unauthorized = 401;
constexpr int paypal_forbidden = 403;
constexpr int paypal_missing = 404;
constexpr int paypal_unprocessable = 422;

using known_issue = std::pair<std::string_view, std::string_view>;

constexpr std::array issues{
    known_issue{"INSTRUMENT_DECLINED", "instrument_declined"},
    known_issue{"MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED", "instrument_declined"},
    known_issue{"TRANSACTION_REFUSED", "instrument_declined"},
    known_issue{"PAYER_CANNOT_PAY", "payer_cannot_pay"},
    known_issue{"PAYER_ACCOUNT_LOCKED_OR_CLOSED", "payer_cannot_pay"},
    known_issue{"PAYER_ACCOUNT_RESTRICTED", "payer_cannot_pay"},
    known_issue{"TRANSACTION_LIMIT_EXCEEDED", "payer_cannot_pay"},
    known_issue{"ORDER_NOT_APPROVED", "not_approved"},
    known_issue{"PAYER_ACTION_REQUIRED", "approval_required"},
    known_issue{"TOKEN_ID_NOT_FOUND", "invalid_token"},
    known_issue{"TOKEN_EXPIRED", "invalid_token"},
    known_issue{"MISMATCHED_VAULT_ID_TO_PAYMENT_SOURCE", "invalid_token"},
    known_issue{"ORDER_EXPIRED", "canceled"},
    known_issue{"ORDER_VOIDED", "canceled"},
    known_issue{"AUTHORIZATION_VOIDED", "canceled"},
    known_issue{"AUTHORIZATION_EXPIRED", "authorization_expired"},
    known_issue{"AUTHORIZATION_DENIED", "instrument_declined"},
    known_issue{"CURRENCY_NOT_SUPPORTED", "invalid_amount"},
    known_issue{"CURRENCY_NOT_SUPPORTED_FOR_COUNTRY", "invalid_amount"},
    known_issue{"DECIMAL_PRECISION", "invalid_amount"},
    known_issue{"CANNOT_BE_ZERO_OR_NEGATIVE", "invalid_amount"},
    known_issue{"MAX_VALUE_EXCEEDED", "invalid_amount"},
    known_issue{"CAPTURE_FULLY_REFUNDED", "exceeds_charge"},
    known_issue{"REFUND_AMOUNT_EXCEEDED", "exceeds_charge"},
    known_issue{"MAX_CAPTURE_AMOUNT_EXCEEDED", "exceeds_charge"},
    known_issue{"REFUND_TIME_LIMIT_EXCEEDED", "refund_expired"},
};

/// Currencies whose amounts have no decimals at PayPal, unlike in ISO 4217.
bool has_no_decimals(std::string_view currency) {
  return currency == "HUF" || currency == "TWD";
}

const payment* first(const order& o, std::optional<std::vector<payment>> payment_lists::*list) {
  if (!o.purchase_units) return nullptr;
  for (const auto& unit : *o.purchase_units) {
    if (!unit.payments) continue;
    const auto& all = (*unit.payments).*list;
    if (all && !all->empty()) return &all->front();
  }
  return nullptr;
}

/// Whether the request was definitely not executed. A response without an issue is not PayPal's.
bool is_not_executed(const reply& r) {
  if (r.issue.empty()) return false;
  return r.status == paypal_bad_request || r.status == paypal_missing ||
         r.status == paypal_unprocessable;
}

enum class amount_rule { equal, at_most };

bool fits(const std::optional<amount>& stated, const money& expected, amount_rule rule) {
  if (!stated) return true;
  const auto found = money_of(*stated);
  if (!found || found->currency != expected.currency) return false;
  if (rule == amount_rule::equal) return found->amount == expected.amount;
  return found->amount > 0 && found->amount <= expected.amount;
}

bool is_captured(const payment& p) {
  return p.status == "COMPLETED" || p.status == "REFUNDED" || p.status == "PARTIALLY_REFUNDED";
}

/// The member that differs; empty if the object is the expected one.
std::string_view mismatch(const payment& p, const expected_answer& e, amount_rule rule) {
  if (!e.id.empty() && p.id != e.id) return "id";
  if (p.custom_id && !p.custom_id->empty() && *p.custom_id != e.payment_id) return "custom_id";
  return fits(p.amount, e.amount, rule) ? std::string_view() : "amount";
}

std::string_view mismatch(const order& o, const expected_answer& e) {
  if (!e.id.empty() && o.id != e.id) return "id";
  if (!o.purchase_units) return {};
  for (const auto& unit : *o.purchase_units) {
    if (unit.custom_id && *unit.custom_id != e.payment_id) return "custom_id";
    if (!fits(unit.amount, e.amount, amount_rule::equal)) return "amount";
  }
  const auto captured = captured_of(o);
  if (!captured) return {};
  const bool is_it = captured->currency == e.amount.currency && captured->amount > 0 &&
                     captured->amount <= e.amount.amount;
  return is_it ? std::string_view() : "captured amount";
}

template <class T>
returned<T> mismatched(std::string_view member, const expected_answer& e) {
  log::error("PayPal's answer is not that of the request",
             {{"code", gateway_mismatch}, {"payment_id", e.payment_id}, {"member", member}});
  return {std::nullopt, gateway_mismatch,
          "PayPal's answer has another " + std::string(member) + " than the request."};
}

/// The object in the reply, or why there is none.
template <class T>
returned<T> object_in(const reply& r) {
  if (r.kind == reply_kind::accepted) {
    auto object = json::read_lenient<T>(r.body);
    if (object && !object->id.empty()) return {std::move(*object)};
    log::error("unreadable response from PayPal",
               {{"http.response.status_code", r.status},
                {"http.response.body.size", static_cast<std::int64_t>(r.body.size())}});
    return {std::nullopt, "", "PayPal's answer cannot be read."};
  }
  if (r.status == 0) {
    const auto why = r.failure.empty() ? std::string() : ": " + r.failure;
    return {std::nullopt, "", "PayPal has not answered" + why + "."};
  }
  const bool is_missing = r.kind == reply_kind::rejected && r.status == paypal_missing;
  return {std::nullopt, is_missing ? charge_not_found : "",
          "PayPal has answered with the status " + std::to_string(r.status) +
              (r.issue.empty() ? "." : ", " + r.issue + ".")};
}

returned<payment> payment_in(const reply& r, const expected_answer& e, amount_rule rule) {
  auto found = object_in<payment>(r);
  if (!found) return found;
  const auto member = mismatch(*found, e, rule);
  return member.empty() ? std::move(found) : mismatched<payment>(member, e);
}

}  // namespace

returned<order> order_of(const reply& r, const expected_answer& expected) {
  auto found = object_in<order>(r);
  if (!found) return found;
  const auto member = mismatch(*found, expected);
  return member.empty() ? std::move(found) : mismatched<order>(member, expected);
}

returned<order> order_of(const reply& r, const std::string& id) {
  auto found = object_in<order>(r);
  return !found || found->id == id ? std::move(found) : mismatched<order>("id", {"", {}, id});
}

returned<payment_token> token_of(const reply& r, const std::string& id) {
  auto found = object_in<payment_token>(r);
  return !found || found->id == id ? std::move(found)
                                   : mismatched<payment_token>("id", {"", {}, id});
}

returned<payment> capture_of(const reply& r, const expected_answer& expected) {
  return payment_in(r, expected, amount_rule::at_most);
}

returned<payment> refund_of(const reply& r, const expected_answer& expected) {
  return payment_in(r, expected, amount_rule::equal);
}

std::optional<money> amount_of(const payment& p) {
  return p.amount ? money_of(*p.amount) : std::nullopt;
}

std::optional<money> captured_of(const order& o) {
  std::optional<money> sum;
  for (const auto& unit : o.purchase_units.value_or(std::vector<purchase_unit>{})) {
    const auto lists = unit.payments.value_or(payment_lists{});
    for (const auto& made : lists.captures.value_or(std::vector<payment>{})) {
      const auto amount = is_captured(made) ? amount_of(made) : std::nullopt;
      if (!amount) continue;
      if (!sum) sum = money{0, amount->currency};
      sum->amount += amount->amount;
    }
  }
  return sum;
}

std::optional<amount> amount_of(const money& m) {
  const auto exponent = currency_exponent(m.currency);
  if (!exponent || m.amount < 0) return std::nullopt;
  auto digits = std::to_string(m.amount);
  const auto decimals = static_cast<std::size_t>(*exponent);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  auto whole = digits.substr(0, digits.size() - decimals);
  const auto part = digits.substr(digits.size() - decimals);
  if (has_no_decimals(m.currency)) {
    if (part.find_first_not_of('0') != std::string::npos) return std::nullopt;
    return amount{m.currency, std::move(whole)};
  }
  return amount{m.currency, part.empty() ? whole : whole + "." + part};
}

std::optional<money> money_of(const amount& a) {
  const auto exponent = currency_exponent(a.currency_code);
  if (!exponent) return std::nullopt;
  const auto unit = static_cast<std::size_t>(*exponent);
  const std::size_t decimals = has_no_decimals(a.currency_code) ? 0 : unit;
  const auto point = std::min(a.value.find('.'), a.value.size());
  auto digits = a.value.substr(0, point);
  auto part = point < a.value.size() ? a.value.substr(point + 1) : std::string();
  if (digits.empty() || part.size() > decimals) return std::nullopt;
  part.resize(unit, '0');
  digits += part;
  std::int64_t units = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, units);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return money{units, a.currency_code};
}

std::string order::approval_url() const {
  if (!links) return {};
  for (const auto* rel : {"payer-action", "approve"}) {
    const auto found = std::ranges::find(*links, rel, &link::rel);
    if (found != links->end()) return found->href;
  }
  return {};
}

const payment* order::capture() const {
  return first(*this, &payment_lists::captures);
}

const payment* order::authorization() const {
  return first(*this, &payment_lists::authorizations);
}

const vault_state* order::vault() const {
  const auto* wallet =
      payment_source && payment_source->paypal ? &*payment_source->paypal : nullptr;
  if (wallet == nullptr || !wallet->attributes || !wallet->attributes->vault) return nullptr;
  return &*wallet->attributes->vault;
}

reply reply_of(outbound::completion c) {
  reply r;
  if (c.how != outbound::outcome::completed) {
    r.failure = outbound::name_of(c.how);
    if (c.how != outbound::outcome::canceled) {
      log::warn("no response from PayPal", {{"error.type", r.failure}, {"detail", c.detail}});
    }
    return r;
  }
  r.status = c.answer.status;
  if (r.status >= 200 && r.status < 300) {
    r.kind = reply_kind::accepted;
    r.body = std::move(c.answer.body);
    return r;
  }
  if (const auto document = json::read_lenient<error_document>(c.answer.body)) {
    r.issue = document->name.value_or("");
    if (document->details && !document->details->empty()) {
      r.issue = document->details->front().issue.value_or(r.issue);
    }
  }
  if (is_not_executed(r)) r.kind = reply_kind::rejected;
  if (r.status == paypal_unauthorized || r.status == paypal_forbidden) {
    log::error("PayPal rejected the credentials; check payment.paypal_client_id and its secret",
               {{"http.response.status_code", r.status}, {"code", r.issue}});
  } else if (r.kind == reply_kind::uncertain) {
    log::warn("request to PayPal failed; it is retried",
              {{"http.response.status_code", r.status}, {"code", r.issue}});
  }
  return r;
}

std::string stable_code(std::string_view issue, std::string_view fallback) {
  const auto* found = std::ranges::find(issues, issue, &known_issue::first);
  return std::string(found == issues.end() ? fallback : found->second);
}

}  // namespace stoa::gateways::paypal_api
