#pragma once
// Shared by the files of the simulated API.

#include "net/gateway_simulator/simulated_api.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <charconv>

namespace stoa::simulator {

inline constexpr std::string_view intents_path = "/v1/payment_intents";
inline constexpr std::string_view refunds_path = "/v1/refunds";
inline constexpr std::string_view disputes_path = "/v1/disputes";
inline constexpr std::string_view customers_path = "/v1/customers";
inline constexpr std::string_view methods_path = "/v1/payment_methods";
/// Test helpers that Stripe does not have.
inline constexpr std::string_view manual_path = "/simulator/";

/// Kinds of planned changes: a pending refund succeeds, a refund fails, a charge is disputed.
inline constexpr std::string_view success_change = "refund_succeeds";
inline constexpr std::string_view failure_change = "refund_fails";
inline constexpr std::string_view dispute_change = "dispute";
inline constexpr milliseconds aftermath_delay{1000};

inline constexpr std::int64_t us_per_s = 1'000'000;
inline constexpr std::size_t object_id_bytes = 12;

inline std::string new_id(std::string_view prefix) {
  return std::string(prefix) + text::hex(text::random_bytes(object_id_bytes));
}

template <class T>
std::string json_of(const T& object) {
  std::string text;
  json::write_to(text, object);
  return text;
}

template <class T>
api_response shown(const T& object) {
  return {200, json_of(object)};
}

inline api_response failed(int status, error_object why) {
  return {status, json_of(error_document{std::move(why)})};
}

inline api_response invalid(const std::string& message, const std::string& code = {},
                            const std::string& param = {}) {
  error_object why{"invalid_request_error"};
  why.message = message;
  if (!code.empty()) why.code = code;
  if (!param.empty()) why.param = param;
  return failed(400, std::move(why));
}

inline api_response missing(const std::string& what, const std::string& param) {
  error_object why{"invalid_request_error"};
  why.code = "resource_missing";
  why.message = "No such " + what + ".";
  why.param = param;
  return failed(404, std::move(why));
}

inline api_response no_customer(const std::string& id) {
  auto refused = missing("customer: '" + id + "'", "customer");
  refused.status = 400;
  return refused;
}

inline std::string field(const api_request& r, std::string_view name) {
  return std::string(r.fields.find(name).value_or(""));
}

metadata_map metadata_of(const api_request& r);

/// Nothing for a value that is not a whole number.
inline std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// How the object with that id is named in its path; empty if the path is not one of an object.
inline std::string id_in(std::string_view path, std::string_view collection) {
  if (!path.starts_with(collection) || path.size() <= collection.size() + 1) return {};
  return std::string(path.substr(collection.size() + 1));
}

}  // namespace stoa::simulator
