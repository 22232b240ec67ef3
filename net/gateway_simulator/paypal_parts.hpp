#pragma once
// Shared by the files of PayPal's face of the simulator.

#include "net/gateway_simulator/paypal_api.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::simulator {

inline constexpr std::string_view paypal_tokens_path = "/v3/vault/payment-tokens";

inline std::string new_paypal_id() {
  constexpr std::size_t paypal_id_bytes = 8;
  auto id = text::hex(text::random_bytes(paypal_id_bytes));
  std::ranges::transform(id, id.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return id;
}

template <class T>
std::string paypal_json(const T& object) {
  std::string text;
  json::write_to(text, object);
  return text;
}

template <class T>
api_response response_with(const T& object, int status = 200) {
  return {status, paypal_json(object)};
}

inline api_response failed_with(int status, const std::string& name,
                                const std::string& issue = {}) {
  paypal_error e{name, "The simulator rejects the request.", new_paypal_id(), {}};
  if (!issue.empty()) e.details.push_back({issue, "See PayPal's documentation."});
  return {status, paypal_json(e)};
}

inline api_response refused(const std::string& issue) {
  return failed_with(422, "UNPROCESSABLE_ENTITY", issue);
}

inline api_response not_found_response() {
  return failed_with(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID");
}

}  // namespace stoa::simulator
