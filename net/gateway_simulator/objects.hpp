#pragma once
// The objects of Stripe's API that the simulator returns, and its records of them.

#include "storage/base/json.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stoa::simulator {

using metadata_map = std::map<std::string, std::string>;

struct error_object {
  std::string type;
  std::optional<std::string> code{};
  std::optional<std::string> decline_code{};
  std::string message{};
  std::optional<std::string> param{};
  std::optional<json::raw> payment_intent{};
};
BOOST_DESCRIBE_STRUCT(error_object, (), (type, code, decline_code, message, param, payment_intent))

struct error_document {
  error_object error;
};
BOOST_DESCRIBE_STRUCT(error_document, (), (error))

struct redirect_object {
  std::string return_url;
  std::string url;
};
BOOST_DESCRIBE_STRUCT(redirect_object, (), (return_url, url))

struct action_object {
  std::string type = "redirect_to_url";
  redirect_object redirect_to_url;
};
BOOST_DESCRIBE_STRUCT(action_object, (), (type, redirect_to_url))

struct intent_object {
  std::string id;
  std::string object = "payment_intent";
  std::int64_t amount = 0;
  std::int64_t amount_capturable = 0;
  std::int64_t amount_received = 0;
  nullable<std::string> cancellation_reason;
  std::string capture_method = "automatic";
  std::string client_secret;
  std::string confirmation_method = "automatic";
  std::int64_t created = 0;
  std::string currency;
  nullable<std::string> customer;
  nullable<error_object> last_payment_error;
  nullable<std::string> latest_charge;
  bool livemode = false;
  metadata_map metadata;
  nullable<action_object> next_action;
  nullable<std::string> payment_method;
  std::vector<std::string> payment_method_types{"card"};
  nullable<std::string> setup_future_usage;
  std::string status = "requires_payment_method";
  /// Ledgers of earlier versions do not have these.
  static constexpr std::string_view defaults[] = {"customer", "setup_future_usage"};
};
BOOST_DESCRIBE_STRUCT(intent_object, (),
                      (id, object, amount, amount_capturable, amount_received, cancellation_reason,
                       capture_method, client_secret, confirmation_method, created, currency,
                       customer, last_payment_error, latest_charge, livemode, metadata, next_action,
                       payment_method, payment_method_types, setup_future_usage, status))

struct customer_object {
  std::string id;
  std::string object = "customer";
  std::int64_t created = 0;
  nullable<std::string> email;
  bool livemode = false;
  metadata_map metadata;
};
BOOST_DESCRIBE_STRUCT(customer_object, (), (id, object, created, email, livemode, metadata))

struct deleted_customer_object {
  std::string id;
  std::string object = "customer";
  bool deleted = true;
};
BOOST_DESCRIBE_STRUCT(deleted_customer_object, (), (id, object, deleted))

struct card_object {
  std::string brand = "visa";
  std::string country = "US";
  std::int64_t exp_month = 12;
  std::int64_t exp_year = 2040;
  std::string funding = "credit";
  std::string last4 = "4242";
};
BOOST_DESCRIBE_STRUCT(card_object, (), (brand, country, exp_month, exp_year, funding, last4))

struct method_object {
  std::string id;
  std::string object = "payment_method";
  card_object card;
  std::int64_t created = 0;
  nullable<std::string> customer;
  bool livemode = false;
  metadata_map metadata;
  std::string type = "card";
};
BOOST_DESCRIBE_STRUCT(method_object, (),
                      (id, object, card, created, customer, livemode, metadata, type))

struct refund_object {
  std::string id;
  std::string object = "refund";
  std::int64_t amount = 0;
  nullable<std::string> charge;
  std::int64_t created = 0;
  std::string currency;
  std::optional<std::string> failure_reason;
  metadata_map metadata;
  std::string payment_intent;
  std::string status = "succeeded";
};
BOOST_DESCRIBE_STRUCT(refund_object, (),
                      (id, object, amount, charge, created, currency, failure_reason, metadata,
                       payment_intent, status))

struct balance_transaction_object {
  std::string id;
  std::string object = "balance_transaction";
  std::int64_t amount = 0;
  std::string currency;
  std::string type = "adjustment";
};
BOOST_DESCRIBE_STRUCT(balance_transaction_object, (), (id, object, amount, currency, type))

struct evidence_details_object {
  std::int64_t due_by = 0;
  bool has_evidence = false;
  bool past_due = false;
  std::int64_t submission_count = 0;
};
BOOST_DESCRIBE_STRUCT(evidence_details_object, (),
                      (due_by, has_evidence, past_due, submission_count))

struct dispute_object {
  std::string id;
  std::string object = "dispute";
  std::int64_t amount = 0;
  std::vector<balance_transaction_object> balance_transactions;
  nullable<std::string> charge;
  std::int64_t created = 0;
  std::string currency;
  evidence_details_object evidence_details;
  bool is_charge_refundable = false;
  bool livemode = false;
  metadata_map metadata;
  std::string payment_intent;
  std::string reason = "fraudulent";
  std::string status = "needs_response";
};
BOOST_DESCRIBE_STRUCT(dispute_object, (),
                      (id, object, amount, balance_transactions, charge, created, currency,
                       evidence_details, is_charge_refundable, livemode, metadata, payment_intent,
                       reason, status))

/// Only in events.
struct charge_object {
  std::string id;
  std::string object = "charge";
  std::int64_t amount = 0;
  std::int64_t amount_refunded = 0;
  std::string currency;
  metadata_map metadata;
  std::string payment_intent;
  bool refunded = false;
};
BOOST_DESCRIBE_STRUCT(charge_object, (),
                      (id, object, amount, amount_refunded, currency, metadata, payment_intent,
                       refunded))

struct list_object {
  std::string object = "list";
  std::vector<json::raw> data;
  bool has_more = false;
  std::string url;
};
BOOST_DESCRIBE_STRUCT(list_object, (), (object, data, has_more, url))

struct event_data {
  json::raw object;
};
BOOST_DESCRIBE_STRUCT(event_data, (), (object))

struct event_object {
  std::string id;
  std::string object = "event";
  std::string api_version;
  std::int64_t created = 0;
  event_data data;
  bool livemode = false;
  std::int64_t pending_webhooks = 1;
  std::string type;
};
BOOST_DESCRIBE_STRUCT(event_object, (),
                      (id, object, api_version, created, data, livemode, pending_webhooks, type))

/// A payment method with what the API does not show.
struct method_record {
  method_object shown;
  std::string card;       ///< the test card: "pm_card_visa"
  bool consumed = false;  ///< used without a customer, or detached: it cannot be used again
};
BOOST_DESCRIBE_STRUCT(method_record, (), (shown, card, consumed))

struct customer_record {
  customer_object shown;
  bool deleted = false;
};
BOOST_DESCRIBE_STRUCT(customer_record, (), (shown, deleted))

/// A payment intent with what the API does not show.
struct intent_record {
  intent_object shown;
  std::int64_t refunded = 0;  ///< sum of its refunds, at most shown.amount_received
  std::int64_t charges = 0;   ///< how often it was charged: at most once
};
BOOST_DESCRIBE_STRUCT(intent_record, (), (shown, refunded, charges))

}  // namespace stoa::simulator
