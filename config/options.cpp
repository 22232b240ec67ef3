#include "config/options.hpp"

#include "config/option_rows.hpp"

#include <algorithm>

namespace stoa::config {
namespace {

std::vector<option> all_rows() {
  std::vector<option> all;
  for (const auto part : {edge_options(), limits_options(), stores_options(), cluster_options(),
                          services_options(), tax_options(), media_options(), search_options(),
                          message_options(), webhook_options(), kernel_options()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

constexpr order_rule rules[] = {
    {"order.checkout_wait_ms", "order.checkout_wait_ms_max"},
    {"payment.retry_ms_min", "payment.retry_ms_max"},
    {"payment.give_up_s", "payment.instrument_ttl_s"},
    {"payment.give_up_s", "catalog.reservation_ttl_s",
     "an order is cancelled when its reservation expires, and a payment that is captured after "
     "that is refunded"},
    {"webhooks.retry_ms_min", "webhooks.retry_ms_max"},
    {"webhooks.retry_for_s", "webhooks.retention_s"},
    {"relay.retry_ms_min", "relay.retry_ms_max"},
    {"search.timeout_ms", "http.request_timeout_ms"},
    {"auth.access_token_ttl_s", "auth.refresh_token_ttl_s"},
    {"limits.login_delay_s_min", "limits.login_delay_s_max"},
    {"limits.login_delay_s_max", "limits.login_forget_s"},
    {"cluster.heartbeat_ms", "cluster.dead_after_ms"},
};

}  // namespace

std::span<const option> options() {
  static const std::vector<option> table = all_rows();
  return table;
}
std::span<const order_rule> order_rules() {
  return rules;
}

std::string env_name(const option& o) {
  std::string name = "STOA_";
  for (char c : o.key) {
    if (c == '.') c = '_';
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::string flag_name(const option& o) {
  std::string name = "--" + std::string(o.key);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '_'; }, '-');
  return name;
}

const option* find_key(std::span<const option> all, std::string_view key) {
  const auto found = std::ranges::find(all, key, &option::key);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace stoa::config
