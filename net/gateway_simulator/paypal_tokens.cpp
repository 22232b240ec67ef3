// PayPal's Payment Method Tokens API v3: accounts that orders save, and payments with them. Each
// order without a customer gets a new one.

#include "net/gateway_simulator/paypal_parts.hpp"
#include "net/gateway_simulator/simulated_parts.hpp"
#include "storage/base/json_read.hpp"

#include <algorithm>

namespace stoa::simulator {

namespace {

constexpr milliseconds vault_delay{2000};
constexpr std::int64_t tokens_of_page = 5;

}  // namespace

std::vector<paypal_link> paypal_api::token_links(const std::string& id) const {
  const auto self = "http://" + host_ + std::string(paypal_tokens_path) + "/" + id;
  return {{self, "self"}, {self, "delete", "DELETE"}};
}

/// `rest`: "" or "/ID".
api_response paypal_api::tokens(const api_request& r, std::string_view rest) {
  if (rest.empty()) return r.method == "GET" ? tokens_of_customer(r) : not_found_response();
  rest.remove_prefix(1);
  auto token = orders_.find_token(std::string(rest));
  if (!token || !token->exists) return not_found_response();
  if (r.method == "GET") return response_with(token->shown);
  return r.method == "DELETE" ? remove_token(std::move(*token)) : not_found_response();
}

api_response paypal_api::tokens_of_customer(const api_request& r) {
  const auto customer = field(r, "customer_id");
  const auto size = number(r.fields.find("page_size").value_or("5")).value_or(0);
  const auto page = number(r.fields.find("page").value_or("1")).value_or(0);
  if (customer.empty() || size < 1 || size > tokens_of_page || page < 1) {
    return failed_with(400, "INVALID_REQUEST", "INVALID_PARAMETER_VALUE");
  }
  const auto all = orders_.tokens_of(customer);
  paypal_token_list list;
  list.total_items = std::ssize(all);
  list.total_pages = (list.total_items + size - 1) / size;
  list.customer.id = customer;
  for (auto i = (page - 1) * size; i < std::min(page * size, list.total_items); ++i) {
    list.payment_tokens.push_back(all[static_cast<std::size_t>(i)].shown);
  }
  return response_with(list);
}

api_response paypal_api::remove_token(paypal_token_record token) {
  token.exists = false;
  orders_.save(token);
  emit("VAULT.PAYMENT-TOKEN.DELETED", "payment_token", paypal_json(token.shown));
  return {204, ""};
}

std::optional<api_response> paypal_api::approve_with_saved(paypal_record& o, const api_request& r) {
  const auto body = json::read_lenient<paypal_finish_request>(r.body);
  const bool has_source = body && body->payment_source && body->payment_source->paypal &&
                          body->payment_source->paypal->vault_id;
  if (!has_source) return std::nullopt;
  const auto token = orders_.find_token(*body->payment_source->paypal->vault_id);
  if (!token || !token->exists) return refused("TOKEN_ID_NOT_FOUND");
  if (token->buyer == "asks_again") return refused("PAYER_ACTION_REQUIRED");
  if (token->buyer == "declined_later") return refused("INSTRUMENT_DECLINED");
  o.shown.status = "APPROVED";
  o.shown.payment_source.emplace().paypal.email_address =
      token->shown.payment_source.paypal.email_address;
  o.buyer = token->buyer;
  o.vault_id = token->shown.id;
  return std::nullopt;
}

void paypal_api::save_account(paypal_record& o) {
  if (!o.saves_for || o.buyer == "vault_refused") return;
  paypal_token_record made;
  made.shown.id = new_paypal_id();
  made.shown.customer = *o.saves_for;
  if (!made.shown.customer.id) made.shown.customer.id = new_paypal_id();
  auto& account = made.shown.payment_source.paypal;
  account.email_address = o.buyer + "@example.com";
  account.payer_id = new_paypal_id();
  account.usage_type = "MERCHANT";
  account.customer_type = "CONSUMER";
  made.shown.links = token_links(made.shown.id);
  made.buyer = o.buyer;
  made.order_id = o.shown.id;
  if (o.buyer != "vault_later") return vault(std::move(made), o);
  auto& state = o.shown.payment_source.value().paypal.attributes.emplace().vault.emplace();
  state.status = "APPROVED";
  state.links = {{o.shown.links.front().href, "up"}};
  orders_.plan(made, now_ + vault_delay);
}

void paypal_api::vault(paypal_token_record token, paypal_record& o) {
  token.exists = true;
  orders_.save(token);
  auto& state = o.shown.payment_source.value().paypal.attributes.emplace().vault.emplace();
  state.id = token.shown.id;
  state.status = "VAULTED";
  state.customer = token.shown.customer;
  state.links = token.shown.links;
  emit("VAULT.PAYMENT-TOKEN.CREATED", "payment_token", paypal_json(token.shown));
}

void paypal_api::advance(timestamp now) {
  now_ = now;
  for (auto& token : orders_.take_due_tokens(now)) {
    auto o = orders_.find(token.order_id);
    if (!o) continue;
    vault(std::move(token), *o);
    orders_.save(*o);
  }
}

}  // namespace stoa::simulator
