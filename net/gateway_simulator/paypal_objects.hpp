#pragma once
// The objects of PayPal's Orders v2, Payments v2 and Payment Method Tokens v3 that the simulator
// returns, and its records of them.

#include "storage/base/json.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::simulator {

struct paypal_amount {
  std::string currency_code;
  std::string value;
};
BOOST_DESCRIBE_STRUCT(paypal_amount, (), (currency_code, value))

struct paypal_link {
  std::string href;
  std::string rel;
  std::string method = "GET";
};
BOOST_DESCRIBE_STRUCT(paypal_link, (), (href, rel, method))

/// A capture, an authorisation or a refund.
struct paypal_payment {
  std::string id;
  std::string status;
  paypal_amount amount;
  std::optional<std::string> custom_id;
  std::optional<std::string> invoice_id;
  std::string create_time;
};
BOOST_DESCRIBE_STRUCT(paypal_payment, (), (id, status, amount, custom_id, invoice_id, create_time))

struct paypal_payments {
  std::optional<std::vector<paypal_payment>> authorizations;
  std::optional<std::vector<paypal_payment>> captures;
  std::optional<std::vector<paypal_payment>> refunds;
};
BOOST_DESCRIBE_STRUCT(paypal_payments, (), (authorizations, captures, refunds))

struct paypal_unit {
  std::string reference_id = "default";
  paypal_amount amount;
  std::optional<std::string> custom_id;
  std::optional<std::string> invoice_id;
  std::optional<paypal_payments> payments;
  static constexpr std::string_view defaults[] = {"reference_id"};
};
BOOST_DESCRIBE_STRUCT(paypal_unit, (), (reference_id, amount, custom_id, invoice_id, payments))

/// The customer to whom saved accounts belong.
struct paypal_customer {
  std::optional<std::string> id;
  std::optional<std::string> merchant_customer_id;
};
BOOST_DESCRIBE_STRUCT(paypal_customer, (), (id, merchant_customer_id))

/// APPROVED: the account is saved later; VAULTED with an id.
struct paypal_vault_state {
  std::optional<std::string> id;
  std::string status;
  std::optional<paypal_customer> customer;
  std::vector<paypal_link> links;
};
BOOST_DESCRIBE_STRUCT(paypal_vault_state, (), (id, status, customer, links))

struct paypal_wallet_attributes {
  std::optional<paypal_vault_state> vault;
};
BOOST_DESCRIBE_STRUCT(paypal_wallet_attributes, (), (vault))

/// The account of an order after its approval, or of a payment token.
struct paypal_account {
  std::string email_address;
  std::optional<std::string> account_id;
  std::optional<std::string> payer_id;
  std::optional<std::string> usage_type;
  std::optional<std::string> customer_type;
  std::optional<paypal_wallet_attributes> attributes;
};
BOOST_DESCRIBE_STRUCT(paypal_account, (),
                      (email_address, account_id, payer_id, usage_type, customer_type, attributes))

struct paypal_account_source {
  paypal_account paypal;
};
BOOST_DESCRIBE_STRUCT(paypal_account_source, (), (paypal))

struct paypal_token {
  std::string id;
  paypal_customer customer;
  paypal_account_source payment_source;
  std::vector<paypal_link> links;
};
BOOST_DESCRIBE_STRUCT(paypal_token, (), (id, customer, payment_source, links))

struct paypal_token_list {
  std::int64_t total_items = 0;
  std::int64_t total_pages = 0;
  paypal_customer customer;
  std::vector<paypal_token> payment_tokens;
  std::vector<paypal_link> links;
};
BOOST_DESCRIBE_STRUCT(paypal_token_list, (),
                      (total_items, total_pages, customer, payment_tokens, links))

/// A payment token with what the API does not show.
struct paypal_token_record {
  paypal_token shown;
  std::string buyer;     ///< who has approved it: what happens to its payments
  std::string order_id;  ///< that has saved it
  bool exists = false;   ///< not before it is vaulted, and not after it was deleted
};
BOOST_DESCRIBE_STRUCT(paypal_token_record, (), (shown, buyer, order_id, exists))

struct paypal_order {
  std::string id;
  std::string intent;
  std::string status;
  std::vector<paypal_unit> purchase_units;
  std::string create_time;
  std::vector<paypal_link> links;
  std::optional<paypal_account_source> payment_source;
};
BOOST_DESCRIBE_STRUCT(paypal_order, (),
                      (id, intent, status, purchase_units, create_time, links, payment_source))

struct paypal_issue {
  std::string issue;
  std::string description;
};
BOOST_DESCRIBE_STRUCT(paypal_issue, (), (issue, description))

struct paypal_error {
  std::string name;
  std::string message;
  std::string debug_id;
  std::vector<paypal_issue> details;
};
BOOST_DESCRIBE_STRUCT(paypal_error, (), (name, message, debug_id, details))

struct paypal_event {
  std::string id;
  std::string event_version = "1.0";
  std::string create_time;
  std::string resource_type;
  std::string event_type;
  std::string summary;
  json::raw resource;
};
BOOST_DESCRIBE_STRUCT(paypal_event, (),
                      (id, event_version, create_time, resource_type, event_type, summary,
                       resource))

/// A transaction in the reports.
struct paypal_transaction_info {
  std::string transaction_id;
  std::optional<std::string> paypal_reference_id;
  std::optional<std::string> paypal_reference_id_type;
  std::string transaction_event_code;
  std::string transaction_initiation_date;
  std::string transaction_updated_date;
  paypal_amount transaction_amount;
  std::string transaction_status;
  std::optional<std::string> invoice_id;
  std::optional<std::string> custom_field;
};
BOOST_DESCRIBE_STRUCT(paypal_transaction_info, (),
                      (transaction_id, paypal_reference_id, paypal_reference_id_type,
                       transaction_event_code, transaction_initiation_date,
                       transaction_updated_date, transaction_amount, transaction_status, invoice_id,
                       custom_field))

struct paypal_transaction {
  paypal_transaction_info transaction_info;
};
BOOST_DESCRIBE_STRUCT(paypal_transaction, (), (transaction_info))

struct paypal_report {
  std::vector<paypal_transaction> transaction_details;
  std::string start_date;
  std::string end_date;
  std::string last_refreshed_datetime;
  std::int64_t page = 1;
  std::int64_t total_items = 0;
  std::int64_t total_pages = 0;
};
BOOST_DESCRIBE_STRUCT(paypal_report, (),
                      (transaction_details, start_date, end_date, last_refreshed_datetime, page,
                       total_items, total_pages))

/// An order with what the API does not show.
struct paypal_record {
  paypal_order shown;
  std::string buyer;  ///< who approved it: what happens to its capture (paypal_api.cpp)
  std::string return_url;
  std::string cancel_url;
  std::int64_t captures = 0;                 ///< how often it was captured: at most once
  std::int64_t captured = 0;                 ///< minor units
  std::int64_t refunded = 0;                 ///< minor units, at most `captured`
  std::optional<paypal_customer> saves_for;  ///< the account is to be saved for the customer
  std::optional<std::string> vault_id;       ///< of the saved account that has paid
};
BOOST_DESCRIBE_STRUCT(paypal_record, (),
                      (shown, buyer, return_url, cancel_url, captures, captured, refunded,
                       saves_for, vault_id))

/// The bodies of requests.
struct paypal_experience {
  std::optional<std::string> return_url;
  std::optional<std::string> cancel_url;
};
BOOST_DESCRIBE_STRUCT(paypal_experience, (), (return_url, cancel_url))

struct paypal_vault_instruction {
  std::optional<std::string> store_in_vault;
  std::optional<std::string> usage_type;
};
BOOST_DESCRIBE_STRUCT(paypal_vault_instruction, (), (store_in_vault, usage_type))

struct paypal_attributes {
  std::optional<paypal_customer> customer;
  std::optional<paypal_vault_instruction> vault;
};
BOOST_DESCRIBE_STRUCT(paypal_attributes, (), (customer, vault))

struct paypal_wallet {
  std::optional<paypal_experience> experience_context;
  std::optional<paypal_attributes> attributes;
  std::optional<std::string> vault_id;
};
BOOST_DESCRIBE_STRUCT(paypal_wallet, (), (experience_context, attributes, vault_id))

struct paypal_source {
  std::optional<paypal_wallet> paypal;
};
BOOST_DESCRIBE_STRUCT(paypal_source, (), (paypal))

struct paypal_order_request {
  std::string intent;
  std::vector<paypal_unit> purchase_units;
  std::optional<paypal_source> payment_source;
  static constexpr std::string_view defaults[] = {"intent"};
};
BOOST_DESCRIBE_STRUCT(paypal_order_request, (), (intent, purchase_units, payment_source))

struct paypal_finish_request {
  std::optional<paypal_source> payment_source;
};
BOOST_DESCRIBE_STRUCT(paypal_finish_request, (), (payment_source))

struct paypal_amount_request {
  std::optional<paypal_amount> amount;
  std::optional<std::string> custom_id;
  std::optional<std::string> invoice_id;
};
BOOST_DESCRIBE_STRUCT(paypal_amount_request, (), (amount, custom_id, invoice_id))

}  // namespace stoa::simulator
