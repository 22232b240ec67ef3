#pragma once
// The parts of PayPal's APIs that the gateway uses (Orders v2, Payments v2,
// https://developer.paypal.com/api/rest/): objects, amounts and errors. Members that PayPal may
// omit are optional.

#include "net/gateway/checked_answer.hpp"
#include "net/outbound/http_client.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/money.hpp"

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::gateways::paypal_api {

struct amount {
  std::string currency_code;
  std::string value;
};
BOOST_DESCRIBE_STRUCT(amount, (), (currency_code, value))

/// The amount in PayPal's form, a decimal number; empty if PayPal cannot express it. HUF and TWD
/// have no decimals at PayPal
/// (https://developer.paypal.com/docs/reports/reference/paypal-supported- currencies/).
std::optional<amount> amount_of(const money& m);
/// The inverse, also of negative amounts; empty if PayPal does not accept the amount.
std::optional<money> money_of(const amount& a);

struct link {
  std::string href;
  std::string rel;
};
BOOST_DESCRIBE_STRUCT(link, (), (href, rel))

/// A capture, an authorisation or a refund.
struct payment {
  std::string id;
  std::optional<std::string> status;
  std::optional<paypal_api::amount> amount;
  std::optional<std::string> custom_id;  ///< the payment's id
};
BOOST_DESCRIBE_STRUCT(payment, (), (id, status, amount, custom_id))

struct payment_lists {
  std::optional<std::vector<payment>> authorizations;
  std::optional<std::vector<payment>> captures;
};
BOOST_DESCRIBE_STRUCT(payment_lists, (), (authorizations, captures))

struct purchase_unit {
  std::optional<payment_lists> payments;
  std::optional<paypal_api::amount> amount;
  std::optional<std::string> custom_id;  ///< the payment's id
};
BOOST_DESCRIBE_STRUCT(purchase_unit, (), (payments, amount, custom_id))

/// The customer at PayPal to whom saved accounts belong.
struct vault_customer {
  std::optional<std::string> id;
  std::optional<std::string> merchant_customer_id;  ///< the user's id
};
BOOST_DESCRIBE_STRUCT(vault_customer, (), (id, merchant_customer_id))

/// What PayPal has saved of the account that has paid: APPROVED, without an id, means later.
struct vault_state {
  std::optional<std::string> id;
  std::optional<std::string> status;
  std::optional<vault_customer> customer;
};
BOOST_DESCRIBE_STRUCT(vault_state, (), (id, status, customer))

struct wallet_state_attributes {
  std::optional<vault_state> vault;
};
BOOST_DESCRIBE_STRUCT(wallet_state_attributes, (), (vault))

struct wallet_state {
  std::optional<std::string> email_address;
  std::optional<wallet_state_attributes> attributes;
};
BOOST_DESCRIBE_STRUCT(wallet_state, (), (email_address, attributes))

struct source_state {
  std::optional<wallet_state> paypal;
};
BOOST_DESCRIBE_STRUCT(source_state, (), (paypal))

/// A saved account (Payment Method Tokens v3).
struct payment_token {
  std::string id;
  std::optional<vault_customer> customer;
  std::optional<source_state> payment_source;
};
BOOST_DESCRIBE_STRUCT(payment_token, (), (id, customer, payment_source))

struct payment_token_page {
  std::optional<std::vector<payment_token>> payment_tokens;
};
BOOST_DESCRIBE_STRUCT(payment_token_page, (), (payment_tokens))

struct order {
  std::string id;
  std::string status;
  std::optional<std::string> intent;
  std::optional<std::vector<link>> links;
  std::optional<std::vector<purchase_unit>> purchase_units;
  std::optional<source_state> payment_source;

  bool captures() const { return intent.value_or("CAPTURE") != "AUTHORIZE"; }
  /// The page on which the customer approves the payment; empty if there is none.
  std::string approval_url() const;
  /// Null without one.
  const payment* capture() const;
  const payment* authorization() const;
  /// Of the account that has paid; null if it was not to be saved.
  const vault_state* vault() const;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, status, intent, links, purchase_units, payment_source))

struct new_purchase_unit {
  std::string custom_id;   ///< the payment's id
  std::string invoice_id;  ///< the order's id
  paypal_api::amount amount;
};
BOOST_DESCRIBE_STRUCT(new_purchase_unit, (), (custom_id, invoice_id, amount))

struct experience {
  std::string return_url;
  std::string cancel_url;
  std::string user_action = "PAY_NOW";
  std::string shipping_preference = "NO_SHIPPING";
};
BOOST_DESCRIBE_STRUCT(experience, (), (return_url, cancel_url, user_action, shipping_preference))

/// Saves the account with the payment. Several users may have one PayPal account, and each has a
/// token of it.
struct vault_instruction {
  std::string store_in_vault = "ON_SUCCESS";
  std::string usage_type = "MERCHANT";
  std::string customer_type = "CONSUMER";
  std::string usage_pattern = "IMMEDIATE";
  bool permit_multiple_payment_tokens = true;
};
BOOST_DESCRIBE_STRUCT(vault_instruction, (),
                      (store_in_vault, usage_type, customer_type, usage_pattern,
                       permit_multiple_payment_tokens))

struct wallet_attributes {
  vault_customer customer;
  vault_instruction vault;
};
BOOST_DESCRIBE_STRUCT(wallet_attributes, (), (customer, vault))

struct wallet {
  experience experience_context;
  std::optional<wallet_attributes> attributes;
};
BOOST_DESCRIBE_STRUCT(wallet, (), (experience_context, attributes))

struct payment_source {
  wallet paypal;
};
BOOST_DESCRIBE_STRUCT(payment_source, (), (paypal))

struct new_order {
  std::string intent;
  std::vector<new_purchase_unit> purchase_units;
  std::optional<paypal_api::payment_source> payment_source;  ///< none: a saved account pays
};
BOOST_DESCRIBE_STRUCT(new_order, (), (intent, purchase_units, payment_source))

/// The customer pays in the shop with an account that was saved by an earlier payment.
struct stored_credential {
  std::string payment_initiator = "CUSTOMER";
  std::string usage_pattern = "IMMEDIATE";
  std::string usage = "SUBSEQUENT";
};
BOOST_DESCRIBE_STRUCT(stored_credential, (), (payment_initiator, usage_pattern, usage))

struct saved_wallet {
  std::string vault_id;
  paypal_api::stored_credential stored_credential;
};
BOOST_DESCRIBE_STRUCT(saved_wallet, (), (vault_id, stored_credential))

struct saved_source {
  saved_wallet paypal;
};
BOOST_DESCRIBE_STRUCT(saved_source, (), (paypal))

/// Captures or authorises an order that the customer does not approve.
struct payment_by_saved {
  saved_source payment_source;
};
BOOST_DESCRIBE_STRUCT(payment_by_saved, (), (payment_source))

struct new_capture {
  paypal_api::amount amount;
  bool final_capture = true;
};
BOOST_DESCRIBE_STRUCT(new_capture, (), (amount, final_capture))

/// A transaction in PayPal's reports (Transaction Search API v1).
struct transaction_info {
  std::string transaction_id;
  std::optional<std::string> paypal_reference_id;       ///< of an earlier transaction, or the order
  std::optional<std::string> paypal_reference_id_type;  ///< ODR, TXN, ...
  std::string transaction_event_code;
  std::string transaction_initiation_date;  ///< 2026-11-28T10:00:00+0000
  std::optional<amount> transaction_amount;
  std::optional<std::string> transaction_status;  ///< S, P, D or V
  std::optional<std::string> custom_field;        ///< the payment's id
};
BOOST_DESCRIBE_STRUCT(transaction_info, (),
                      (transaction_id, paypal_reference_id, paypal_reference_id_type,
                       transaction_event_code, transaction_initiation_date, transaction_amount,
                       transaction_status, custom_field))

struct transaction_detail {
  paypal_api::transaction_info transaction_info;
};
BOOST_DESCRIBE_STRUCT(transaction_detail, (), (transaction_info))

struct transaction_page {
  std::vector<transaction_detail> transaction_details;
  std::optional<std::int64_t> total_pages;
};
BOOST_DESCRIBE_STRUCT(transaction_page, (), (transaction_details, total_pages))

struct error_detail {
  std::optional<std::string> issue;
};
BOOST_DESCRIBE_STRUCT(error_detail, (), (issue))

struct error_document {
  std::optional<std::string> name;
  std::optional<std::vector<error_detail>> details;
};
BOOST_DESCRIBE_STRUCT(error_document, (), (name, details))

/// `rejected`: not executed. `uncertain`: it may or may not have been executed; retry it with the
/// same PayPal-Request-Id.
enum class reply_kind { accepted, rejected, uncertain };

struct reply {
  reply_kind kind = reply_kind::uncertain;
  int status = 0;         ///< 0: no response
  std::string issue{};    ///< PayPal's name of the error: INSTRUMENT_DECLINED
  std::string body{};     ///< when accepted
  std::string failure{};  ///< why there is no response
};
/// Classifies the response; logs rejected credentials, and a missing response.
reply reply_of(outbound::completion c);

/// The order in the reply if it is the expected one; otherwise logs what differs.
returned<order> order_of(const reply& r, const expected_answer& expected);
/// The same of a capture, whose amount may be lower, and of a refund.
returned<payment> capture_of(const reply& r, const expected_answer& expected);
returned<payment> refund_of(const reply& r, const expected_answer& expected);
/// The order with that id, whatever it is for.
returned<order> order_of(const reply& r, const std::string& id);
/// The token with that id.
returned<payment_token> token_of(const reply& r, const std::string& id);
/// The sum of the order's captures, if PayPal states it.
std::optional<money> captured_of(const order& o);
std::optional<money> amount_of(const payment& p);

/// The stable code of an issue; `fallback` for unknown ones.
std::string stable_code(std::string_view issue, std::string_view fallback);

}  // namespace stoa::gateways::paypal_api
