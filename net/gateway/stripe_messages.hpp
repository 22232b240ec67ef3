#pragma once
// The parts of Stripe's API that the gateway uses: forms, objects and errors. Members that Stripe
// may omit or set to null are optional.

#include "net/outbound/http_client.hpp"

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::gateways::stripe_api {

/// The API version that the gateway requests. The objects below are those of this version.
inline constexpr std::string_view version = "2024-06-20";

using form = std::vector<std::pair<std::string, std::string>>;
/// application/x-www-form-urlencoded.
std::string encode(const form& fields);
/// One segment of a path or one value of a query.
std::string encode(std::string_view text);

struct api_error {
  std::optional<std::string> type;  ///< card_error, invalid_request_error, idempotency_error, ...
  std::optional<std::string> code;
  std::optional<std::string> decline_code;
  std::optional<std::string> param;
};
BOOST_DESCRIBE_STRUCT(api_error, (), (type, code, decline_code, param))

struct error_document {
  api_error error;
};
BOOST_DESCRIBE_STRUCT(error_document, (), (error))

struct redirect {
  std::optional<std::string> url;
};
BOOST_DESCRIBE_STRUCT(redirect, (), (url))

struct intent_action {
  std::optional<redirect> redirect_to_url;
};
BOOST_DESCRIBE_STRUCT(intent_action, (), (redirect_to_url))

struct payment_intent {
  std::string id;
  std::string status;
  std::optional<api_error> last_payment_error;
  std::optional<intent_action> next_action;
};
BOOST_DESCRIBE_STRUCT(payment_intent, (), (id, status, last_payment_error, next_action))

struct refund {
  std::string id;
  std::optional<std::string> status;
  std::optional<std::map<std::string, std::string>> metadata;
};
BOOST_DESCRIBE_STRUCT(refund, (), (id, status, metadata))

struct refund_list {
  std::vector<refund> data;
};
BOOST_DESCRIBE_STRUCT(refund_list, (), (data))

/// `rejected`: not executed. `uncertain`: it may or may not have been executed; retry it with the
/// same idempotency key.
enum class reply_kind { accepted, rejected, uncertain };

struct reply {
  reply_kind kind = reply_kind::uncertain;
  int status = 0;    ///< 0: no response
  api_error error;   ///< when rejected, and when uncertain if there is one
  std::string body;  ///< when accepted
};
/// Classifies the response; logs a rejected key.
reply reply_of(outbound::completion c);

/// The stable code of a declined payment; `fallback` when the error is not that of a card.
std::string stable_code(const api_error& error, std::string_view fallback);

}  // namespace stoa::gateways::stripe_api
