#pragma once
// The messages of the Payment service, and its calls to the gateway.

#include "actors/kernel/message.hpp"
#include "actors/kernel/precondition.hpp"
#include "actors/payment/gateway.hpp"
#include "actors/payment/next_action.hpp"
#include "storage/payment/payment.hpp"

namespace stoa::payment {

// --- answers -------------------------------------------------------------------------------------

/// A payment in the API; never includes the token.
struct payment_view {
  static constexpr std::string_view schema_name = "payment";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::optional<stoa::user_id> user_id;
  std::string payment_method;
  money amount;
  payment_status status = payment_status::Pending;
  std::optional<money> refunded_amount;
  std::optional<std::string> transaction_id;
  std::optional<std::string> failure_code;
  std::optional<payment::next_action> next_action;  ///< in RequiresAction, and of a bank transfer
  timestamp created_at;
  timestamp updated_at;
  std::optional<money> received_amount = std::nullopt;  ///< if a lower amount was received
};
BOOST_DESCRIBE_STRUCT(payment_view, (),
                      (payment_id, order_id, user_id, payment_method, amount, status,
                       refunded_amount, transaction_id, failure_code, next_action, created_at,
                       updated_at, received_amount))

struct payment_page {
  static constexpr std::string_view schema_name = "payment_list";
  std::vector<payment_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(payment_page, (), (data, next_cursor, total))

struct payment_log_view {
  static constexpr std::string_view schema_name = "payment_log";
  stoa::log_id log_id;
  std::string event;
  log_details details;
  timestamp logged_at;
  static constexpr json::rule rules[] = {
      {.field = "event",
       .description =
           "The operation (authorize, capture, void, refund), and initiated (by whom and why), "
           "requested, looked_up, or the gateway's answer: approved, declined, accepted (decided "
           "later), action_required, or unknown (no answer in time). webhook_received: a call "
           "from the gateway. payment_ and refund_: an offline payment that is awaited, or that "
           "staff have confirmed or rejected. review: the gateway's refunds and disputes are "
           "read; refund_found and refund_reversed: changed at the gateway; refund_mismatch: not "
           "recorded, because it exceeds the captured amount. capture_mismatch: a lower amount was "
           "captured. method_saved: the customer's payment method is saved; method_not_saved: the "
           "gateway does not keep it. late_payment_found: "
           "the gateway has paid after the payment had failed.",
       .pattern =
           "^((authorize|capture|void|refund)_(initiated|requested|looked_up|approved|declined|"
           "unknown|accepted|action_required)|webhook_received|payment_awaited|"
           "(payment|refund)_(confirmed|rejected)|review_(requested|read|unknown)|"
           "refund_(found|reversed|mismatch)|capture_mismatch|late_payment_found|method_(saved|not_"
           "saved)|"
           "dispute_(opened|updated|closed))$"}};
};
BOOST_DESCRIBE_STRUCT(payment_log_view, (), (log_id, event, details, logged_at))

/// One request to the gateway, identified by its key.
struct attempt_view {
  static constexpr std::string_view schema_name = "payment_attempt";
  std::int64_t number = 0;
  open_effect operation = open_effect::None;
  std::string gateway;
  std::string key;
  money amount;
  attempt_state state = attempt_state::pending;
  std::int64_t calls = 0;
  std::optional<std::string> transaction_id;
  std::optional<std::string> code;
  std::optional<stoa::refund_id> refund_id;
  timestamp created_at;
  timestamp updated_at;
  static constexpr json::rule rules[] = {
      {.field = "operation", .one_of = "Authorize Capture Void Refund"}};
};
BOOST_DESCRIBE_STRUCT(attempt_view, (),
                      (number, operation, gateway, key, amount, state, calls, transaction_id, code,
                       refund_id, created_at, updated_at))

struct refund_view {
  static constexpr std::string_view schema_name = "refund";
  stoa::refund_id refund_id;
  stoa::payment_id payment_id;
  money amount;
  std::string reason;
  std::string requested_by;
  refund_status status = refund_status::Pending;
  std::optional<std::string> transaction_id;
  std::optional<std::string> failure_code;
  timestamp created_at;
  timestamp updated_at;
  std::vector<refund_line> lines = {};
  std::optional<money> shipping_amount = std::nullopt;
  bool restock = false;
  std::optional<std::vector<redeemed_credit>> credits = std::nullopt;  ///< absent: none
};
BOOST_DESCRIBE_STRUCT(refund_view, (),
                      (refund_id, payment_id, amount, reason, requested_by, status, transaction_id,
                       failure_code, created_at, updated_at, lines, shipping_amount, restock,
                       credits))

enum class posting_side { debit, credit };
BOOST_DESCRIBE_ENUM(posting_side, debit, credit)

struct posting_view {
  static constexpr std::string_view schema_name = "ledger_posting";
  std::string account;
  posting_side side = posting_side::debit;
  money amount;
};
BOOST_DESCRIBE_STRUCT(posting_view, (), (account, side, amount))

/// An entry of the double-entry ledger; debits and credits are equal.
struct ledger_entry_view {
  static constexpr std::string_view schema_name = "ledger_entry";
  stoa::ledger_entry_id entry_id;
  ledger_kind kind = ledger_kind::capture;
  std::string operation;
  std::vector<posting_view> postings;
  timestamp posted_at;
};
BOOST_DESCRIBE_STRUCT(ledger_entry_view, (), (entry_id, kind, operation, postings, posted_at))

struct dispute_view {
  static constexpr std::string_view schema_name = "dispute";
  stoa::dispute_id dispute_id;
  std::string reference;
  money amount;
  std::string reason;
  dispute_status status = dispute_status::Open;
  bool funds_withdrawn = false;
  std::optional<timestamp> respond_by;
  timestamp opened_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(dispute_view, (),
                      (dispute_id, reference, amount, reason, status, funds_withdrawn, respond_by,
                       opened_at, updated_at))

/// A payment with its attempts, refunds, disputes, ledger and the log of its gateway calls; for
/// staff.
struct payment_detail_view : payment_view {
  static constexpr std::string_view schema_name = "payment_detail";
  std::string gateway;
  capture_method capture = capture_method::automatic;
  open_effect effect = open_effect::None;
  std::int64_t unanswered_calls = 0;         ///< consecutive, of the open operation
  std::optional<timestamp> next_attempt_at;  ///< while an operation is open at the gateway
  std::vector<attempt_view> attempts;
  std::vector<refund_view> refunds;
  std::vector<payment_log_view> logs;
  std::vector<dispute_view> disputes;
  std::vector<ledger_entry_view> ledger;
  static constexpr std::string_view defaults[] = {"disputes", "ledger"};
};
BOOST_DESCRIBE_STRUCT(payment_detail_view, (payment_view),
                      (gateway, capture, effect, unanswered_calls, next_attempt_at, attempts,
                       refunds, logs, disputes, ledger))

/// The balance of an account of the ledger.
struct balance_view {
  static constexpr std::string_view schema_name = "ledger_balance";
  std::string account;
  posting_side side = posting_side::debit;
  money amount;
};
BOOST_DESCRIBE_STRUCT(balance_view, (), (account, side, amount))

struct balance_list {
  static constexpr std::string_view schema_name = "ledger_balance_list";
  std::vector<balance_view> data;
};
BOOST_DESCRIBE_STRUCT(balance_list, (), (data))

// --- commands ------------------------------------------------------------------------------------

/// Stores the payment instrument of a future order; its owner is the caller. An existing id changes
/// nothing: callers derive the id from the request, so that a retry stores no second instrument.
/// 422 payment_method_unknown for a saved method that the caller does not have; 409
/// too_many_payment_methods.
struct store_instrument {
  static constexpr std::string_view name = "payment.store_instrument";
  using reply = kernel::nothing;
  stoa::instrument_id instrument_id;
  stoa::order_id order_id;     ///< the order to be placed
  std::string payment_method;  ///< the name of a payment_method
  std::string sealed_token;    ///< encrypted for payment_effects; its content may be empty
  std::string token_hint;
  /// Pays with this saved method of the caller instead of the token.
  std::optional<stoa::payment_method_id> saved = std::nullopt;
  /// Saves the token for the caller, once the payment is approved, under this new id.
  std::optional<stoa::payment_method_id> save_as = std::nullopt;
  std::optional<stoa::user_id> user_id = std::nullopt;  ///< the caller, with save_as
  /// The order's partition, whose writer uses the instrument.
  static constexpr auto route = &store_instrument::order_id;
};
BOOST_DESCRIBE_STRUCT(store_instrument, (),
                      (instrument_id, order_id, payment_method, sealed_token, token_hint, saved,
                       save_as, user_id))

/// The result of a call to the gateway.
struct gateway_result {
  static constexpr std::string_view name = "payment.gateway_result";
  using reply = kernel::nothing;
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  open_effect operation = open_effect::None;
  std::string key;
  gateway_answer answer;
  /// The order's partition: a payment's events belong to its order.
  static constexpr auto route = &gateway_result::order_id;
};
BOOST_DESCRIBE_STRUCT(gateway_result, (), (payment_id, order_id, operation, key, answer))

/// Units of a line of the order to refund. The caller has read the line, which never changes, and
/// the share of the total that was paid for it. Without an amount: that of the units.
struct refund_item {
  stoa::order_item_id order_item_id;
  stoa::product_id product_id;
  std::string name;
  std::int64_t quantity = 0;
  std::optional<money> amount;
  std::int64_t ordered_quantity = 0;
  money paid_amount;
  std::optional<line_properties> properties = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(refund_item, (),
                      (order_item_id, product_id, name, quantity, amount, ordered_quantity,
                       paid_amount, properties))

/// Refunds part or all of a captured payment; staff only: an amount, or lines and costs of shipping
/// of the order. Without any: the remaining amount. The payment is refunded first, as far as it has
/// paid; the rest returns to the gift cards and the store credit of the order, in their order, each
/// as far as it has paid. `credit_amount` chooses what returns to them. Errors:
/// payment_not_captured, refund_exceeds_captured, refund_exceeds_line, too_many_refunds.
struct request_refund {
  static constexpr std::string_view name = "payment.refund";
  using reply = refund_view;
  static constexpr std::size_t refunds_max = 50;  ///< of one payment
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::optional<money> amount;
  std::string reason;
  std::optional<std::vector<refund_item>> line_items = std::nullopt;
  std::optional<money> shipping_amount = std::nullopt;
  std::optional<money> shipping_paid = std::nullopt;  ///< the share that was paid for shipping
  std::optional<bool> restock = std::nullopt;         ///< the units return to the stock
  /// What the order has paid with gift cards and store credit.
  std::optional<std::vector<redeemed_credit>> credits = std::nullopt;
  std::optional<money> credit_amount = std::nullopt;
  static constexpr auto route = &request_refund::order_id;
};
BOOST_DESCRIBE_STRUCT(request_refund, (),
                      (payment_id, order_id, amount, reason, line_items, shipping_amount,
                       shipping_paid, restock, credits, credit_amount))

/// Requests a declined refund again, under a new key; staff only. Errors: refund_not_declined,
/// refund_exceeds_captured, refund_exceeds_line.
struct retry_refund {
  static constexpr std::string_view name = "payment.retry_refund";
  using reply = refund_view;
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  stoa::refund_id refund_id;
  /// As of request_refund.
  std::optional<std::vector<redeemed_credit>> credits = std::nullopt;
  static constexpr auto route = &retry_refund::order_id;
};
BOOST_DESCRIBE_STRUCT(retry_refund, (), (payment_id, order_id, refund_id, credits))

/// Captures an authorised payment; staff only. No effect on a captured one. Error:
/// payment_not_authorized.
struct capture_payment {
  static constexpr std::string_view name = "payment.capture";
  using reply = payment_view;
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  static constexpr auto route = &capture_payment::order_id;
};
BOOST_DESCRIBE_STRUCT(capture_payment, (), (payment_id, order_id))

/// The money of an offline payment has arrived; staff only. Another amount than the payment's is an
/// error unless accept_difference is set; then a lower amount can be refunded at most. Errors:
/// payment_not_awaited, and 422.
struct confirm_payment {
  static constexpr std::string_view name = "payment.confirm";
  using reply = payment_view;
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  money amount;
  std::string reference;  ///< of the receipt, such as the bank's; becomes the transaction_id
  bool accept_difference = false;
  static constexpr auto route = &confirm_payment::order_id;
};
BOOST_DESCRIBE_STRUCT(confirm_payment, (),
                      (payment_id, order_id, amount, reference, accept_difference))

/// The money of an offline payment will not arrive: the payment becomes Failed; staff only. Error:
/// payment_not_awaited.
struct reject_payment {
  static constexpr std::string_view name = "payment.reject";
  using reply = payment_view;
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string reason;
  static constexpr auto route = &reject_payment::order_id;
};
BOOST_DESCRIBE_STRUCT(reject_payment, (), (payment_id, order_id, reason))

/// The refund of an offline payment has been paid out, or with a reason: it cannot be; staff only.
/// Errors: refund_not_pending, payment_not_offline.
struct settle_refund {
  static constexpr std::string_view name = "payment.settle_refund";
  using reply = refund_view;
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  stoa::refund_id refund_id;
  std::string reference;  ///< of the payout; becomes the transaction_id
  std::optional<std::string> rejected_because;
  static constexpr auto route = &settle_refund::order_id;
};
BOOST_DESCRIBE_STRUCT(settle_refund, (),
                      (payment_id, order_id, refund_id, reference, rejected_because))

enum class webhook_outcome { applied, repeated, ignored };
BOOST_DESCRIBE_ENUM(webhook_outcome, applied, repeated, ignored)

struct webhook_reply {
  webhook_outcome outcome = webhook_outcome::ignored;
};
BOOST_DESCRIBE_STRUCT(webhook_reply, (), (outcome))

/// A verified webhook: looks up the open operation of its payment at the gateway, and with
/// `has_activity` reads the payment's refunds and disputes there. With `is_paid` a payment that has
/// failed is voided again, so that its money is returned. Applied once per event id;
/// `ignored`: not a payment of that gateway, or nothing to look up.
struct receive_webhook {
  static constexpr std::string_view name = "payment.receive_webhook";
  using reply = webhook_reply;
  std::string gateway;
  std::string event_id;
  std::string type;
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  bool has_activity = false;
  bool is_paid = false;
  static constexpr std::string_view defaults[] = {"has_activity", "is_paid"};
  static constexpr auto route = &receive_webhook::order_id;
};
BOOST_DESCRIBE_STRUCT(receive_webhook, (),
                      (gateway, event_id, type, payment_id, order_id, has_activity, is_paid))

/// The refunds and disputes of a payment in the gateway's records. `events` is that of the review
/// that requested them: if there have been further ones, they are read again.
struct activity_result {
  static constexpr std::string_view name = "payment.activity_result";
  using reply = kernel::nothing;
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::int64_t events = 0;
  bool known = false;  ///< false: no answer, for the reason `code`
  std::string code;
  std::vector<gateway_refund> refunds;
  std::vector<gateway_dispute> disputes;
  static constexpr auto route = &activity_result::order_id;
};
BOOST_DESCRIBE_STRUCT(activity_result, (),
                      (payment_id, order_id, events, known, code, refunds, disputes))

/// Starts the open effect again when it is due; `starting`: immediately, since no call is in
/// progress after a restart.
struct retry_payment {
  static constexpr std::string_view name = "payment.retry";
  using reply = kernel::nothing;
  stoa::payment_id payment_id;
  bool starting = false;
};
BOOST_DESCRIBE_STRUCT(retry_payment, (), (payment_id, starting))

/// Reads the refunds and disputes of a payment again when that is due.
struct retry_review {
  static constexpr std::string_view name = "payment.retry_review";
  using reply = kernel::nothing;
  stoa::payment_id payment_id;
};
BOOST_DESCRIBE_STRUCT(retry_review, (), (payment_id))

// --- effects
// ---------------------------------------------------------------------------------------

/// Calls the gateway. Retries use the same `key`, so that they are idempotent.
struct call_gateway {
  static constexpr std::string_view name = "payment.call_gateway";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string gateway;
  open_effect operation = open_effect::None;
  bool look_up = false;  ///< query the outcome of the request with `key` and `reference`
  std::string key;
  std::string reference;                  ///< for look_up: the gateway's reference of the request
  authorization_reference authorization;  ///< to capture, void or refund
  money amount;
  bool capture = true;       ///< of an authorisation
  std::string sealed_token;  ///< of an authorisation
  bool is_late = false;      ///< a void of a payment that has failed or was voided before
  std::optional<customer_reference> customer{};  ///< as of authorize_request
  bool saves = false;
  bool with_saved = false;  ///< of a void: the authorisation's token was a kept one
};

/// Reads the refunds and disputes of a payment from the gateway.
struct read_gateway_activity {
  static constexpr std::string_view name = "payment.read_activity";
  stoa::payment_id payment_id;
  stoa::order_id order_id;
  std::string gateway;
  authorization_reference authorization;
  std::int64_t events = 0;
};

// --- queries -------------------------------------------------------------------------------------

struct transaction_view {
  stoa::payment_id payment_id;
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(transaction_view, (), (payment_id, order_id))

/// The payment with a gateway's reference. Error: not_found.
struct get_transaction {
  static constexpr std::string_view name = "payment.of_transaction";
  using reply = transaction_view;
  std::string gateway;
  std::string transaction_id;
};
BOOST_DESCRIBE_STRUCT(get_transaction, (), (gateway, transaction_id))

/// The balances of the ledger's accounts; staff only.
struct get_ledger_balances {
  static constexpr std::string_view name = "payment.ledger_balances";
  using reply = balance_list;
};
BOOST_DESCRIBE_STRUCT(get_ledger_balances, (), ())

/// An order's payments, on one page. Access is not checked: query the order first.
struct get_order_payments {
  static constexpr std::string_view name = "payment.of_order";
  using reply = payment_page;
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(get_order_payments, (), (order_id))

/// All payments, newest first; staff only.
struct list_payments_query {
  static constexpr std::string_view name = "payment.list";
  using reply = payment_page;
  std::optional<payment_status> status;
  std::optional<stoa::payment_id> before;
  std::int64_t limit = 20;
  bool count = false;
  static constexpr std::string_view defaults[] = {"count"};
};
BOOST_DESCRIBE_STRUCT(list_payments_query, (), (status, before, limit, count))

/// The payments of at most orders_max orders, on one page. Access is not checked: query the orders
/// first.
struct get_orders_payments {
  static constexpr std::string_view name = "payment.of_orders";
  using reply = payment_page;
  static constexpr std::size_t orders_max = 100;
  std::vector<stoa::order_id> order_ids;
};
BOOST_DESCRIBE_STRUCT(get_orders_payments, (), (order_ids))

/// One payment with its attempts, refunds and log; staff only.
struct get_payment {
  static constexpr std::string_view name = "payment.get";
  using reply = payment_detail_view;
  stoa::payment_id payment_id;
};
BOOST_DESCRIBE_STRUCT(get_payment, (), (payment_id))

}  // namespace stoa::payment
