#pragma once
// The parts of Stripe's API that the gateway uses: forms, objects and errors. Members that Stripe
// may omit or set to null are optional.

#include "net/gateway/checked_answer.hpp"
#include "net/outbound/http_client.hpp"
#include "storage/base/json_read.hpp"

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

/// Whether Stripe's minor unit of the currency is not that of ISO 4217
/// (https://docs.stripe.com/currencies, zero-decimal currencies and special cases).
bool has_other_unit(std::string_view currency);

using metadata_map = std::map<std::string, std::string>;
/// The member of a refund's metadata with the key of its request.
inline const std::string request_key = "request_key";

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

struct card_details {
  std::optional<std::string> brand;
  std::optional<std::string> last4;
  std::optional<std::int64_t> exp_month;
  std::optional<std::int64_t> exp_year;
};
BOOST_DESCRIBE_STRUCT(card_details, (), (brand, last4, exp_month, exp_year))

struct payment_method {
  std::string id;
  std::optional<std::string> customer;
  std::optional<card_details> card;
};
BOOST_DESCRIBE_STRUCT(payment_method, (), (id, customer, card))

struct customer {
  std::string id;
  std::optional<bool> deleted;
  std::optional<metadata_map> metadata;
};
BOOST_DESCRIBE_STRUCT(customer, (), (id, deleted, metadata))
/// The member of a customer's metadata with the user's id.
inline const std::string user_key = "user_id";

struct payment_intent {
  std::string id;
  std::string status;
  std::optional<api_error> last_payment_error;
  std::optional<intent_action> next_action;
  std::optional<std::int64_t> amount;
  std::optional<std::int64_t> amount_received;
  std::optional<std::string> currency;
  std::optional<std::int64_t> created;  ///< seconds since 1970
  std::optional<metadata_map> metadata;
  std::optional<std::string> customer;
  std::optional<json::raw> payment_method;  ///< its id, or the object if it was requested
};
BOOST_DESCRIBE_STRUCT(payment_intent, (),
                      (id, status, last_payment_error, next_action, amount, amount_received,
                       currency, created, metadata, customer, payment_method))
/// Requests the payment method of an intent as an object.
inline const std::string expand_method = "expand[]";

struct refund {
  std::string id;
  std::optional<std::string> status;
  std::optional<metadata_map> metadata;
  std::optional<std::int64_t> amount;
  std::optional<std::string> currency;
  std::optional<std::string> payment_intent;
  std::optional<std::string> failure_reason;
  std::optional<std::int64_t> created;
};
BOOST_DESCRIBE_STRUCT(refund, (),
                      (id, status, metadata, amount, currency, payment_intent, failure_reason,
                       created))

struct balance_transaction {
  std::int64_t amount = 0;  ///< in the account's currency; negative: withdrawn
};
BOOST_DESCRIBE_STRUCT(balance_transaction, (), (amount))

struct evidence_details {
  std::optional<std::int64_t> due_by;
};
BOOST_DESCRIBE_STRUCT(evidence_details, (), (due_by))

struct dispute {
  std::string id;
  std::string status;
  std::optional<std::string> reason;
  std::int64_t amount = 0;
  std::string currency;
  std::optional<std::vector<balance_transaction>> balance_transactions;
  std::optional<stripe_api::evidence_details> evidence_details;
  std::optional<std::int64_t> created;
};
BOOST_DESCRIBE_STRUCT(dispute, (),
                      (id, status, reason, amount, currency, balance_transactions, evidence_details,
                       created))

template <class T>
struct object_list {
  std::vector<T> data;
  std::optional<bool> has_more;
};
using intent_list = object_list<payment_intent>;
using refund_list = object_list<refund>;
using dispute_list = object_list<dispute>;
BOOST_DESCRIBE_STRUCT(intent_list, (), (data, has_more))
BOOST_DESCRIBE_STRUCT(refund_list, (), (data, has_more))
BOOST_DESCRIBE_STRUCT(dispute_list, (), (data, has_more))

/// `rejected`: not executed. `uncertain`: it may or may not have been executed; retry it with the
/// same idempotency key.
enum class reply_kind { accepted, rejected, uncertain };

struct reply {
  reply_kind kind = reply_kind::uncertain;
  int status = 0;         ///< 0: no response
  api_error error;        ///< when rejected, and when uncertain if there is one
  std::string body;       ///< when accepted
  bool replayed = false;  ///< the stored response of the idempotency key
  std::string failure{};  ///< why there is no response
};
/// Classifies the response; logs a rejected key, and a missing response.
reply reply_of(outbound::completion c);

/// Logs that an accepted reply cannot be read.
void log_unreadable(const reply& r);

/// The object in an accepted reply.
template <class T>
std::optional<T> read(const reply& r) {
  if (r.kind != reply_kind::accepted) return std::nullopt;
  auto object = json::read_lenient<T>(r.body);
  if (object) return std::move(*object);
  log_unreadable(r);
  return std::nullopt;
}

/// Why there is no object in the reply, for the payment's log.
std::string why_nothing_in(const reply& r);

/// The intent or refund in the reply if it is the expected one; otherwise logs what differs.
returned<payment_intent> intent_of(const reply& r, const expected_answer& expected);
returned<refund> refund_of(const reply& r, const expected_answer& expected);
/// The same of a refund in a list.
returned<refund> checked(refund made, const expected_answer& expected);
/// The amount that was captured of a succeeded intent, if it states one.
std::optional<money> captured_of(const payment_intent& i);

/// The payment method of the intent; with its id only unless the object was requested.
std::optional<payment_method> method_of(const payment_intent& i);
/// What Stripe keeps for the intent's customer: nothing without one, or while it is not attached.
std::optional<payment::vaulted_method> vaulted_of(const payment_intent& i);
payment::vaulted_method vaulted_of(const payment_method& m);
/// Whether the request was rejected because Stripe does not know what `param` names.
bool is_missing(const reply& r, std::string_view param);

/// The stable code of a declined payment; `fallback` when the error is not that of a card.
std::string stable_code(const api_error& error, std::string_view fallback);

}  // namespace stoa::gateways::stripe_api
