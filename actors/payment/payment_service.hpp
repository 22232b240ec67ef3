#pragma once
// The Payment service: one payment per order, and its open operation at the gateway. Pure functions
// over its records; payment_effects.hpp calls the gateway.
//
// After a timeout the outcome is unknown, never failed: the request is retried with the same key
// until it is answered. At most one operation of a payment is open at the gateway; refunds are
// queued. For a cancelled order a captured amount is refunded, an authorised one is voided.
//
// Payments of the gateway "offline" have no operations: staff confirm that money has arrived or was
// paid out, or reject it. Nothing polls them; the Order service ends those that are not paid.

#include "actors/catalog/catalog_events.hpp"
#include "actors/kernel/decision.hpp"
#include "actors/kernel/gathered.hpp"
#include "actors/order/order_events.hpp"
#include "actors/payment/payment_events.hpp"
#include "actors/payment/payment_messages.hpp"
#include "actors/payment/reconciliation_messages.hpp"
#include "actors/payment/saved_method_messages.hpp"
#include "actors/user/user_events.hpp"
#include "storage/kernel/expiry.hpp"

namespace stoa {
struct settings;
}

namespace stoa::payment {

struct payment_options {
  microseconds gateway_timeout = seconds{3};
  /// Added to the timeout before the sweep retries an unanswered call.
  microseconds gateway_margin = seconds{2};
  microseconds retry_min = milliseconds{200};
  microseconds retry_max = seconds{60};
  microseconds instrument_ttl = seconds{3600};  ///< of an unused instrument
  /// An authorisation that is undecided for this long is voided, even while the customer must act.
  microseconds give_up = seconds{600};
  std::string gateway = "sandbox";  ///< of new payments
  capture_method capture = capture_method::automatic;
  microseconds bank_transfer_wait = std::chrono::hours{24 * 7};  ///< then the order is cancelled
  std::string bank_transfer_instructions{};
  microseconds webhook_memory = std::chrono::hours{24 * 30};  ///< retention for deduplication
};

class payment_service {
 public:
  static constexpr std::string_view name = "payment";
  using records = payment_records;
  using commands =
      boost::mp11::mp_list<store_instrument, gateway_result, retry_payment, request_refund,
                           retry_refund, capture_payment, receive_webhook, confirm_payment,
                           reject_payment, settle_refund, activity_result, retry_review,
                           remove_saved_method, set_default_method, save_method, method_result,
                           customer_result, retry_method, retry_customer, receive_method_webhook>;
  using subscriptions = boost::mp11::mp_list<catalog::stock_reserved, order::order_cancelled,
                                             order::order_shipment_requested, user::user_deleted>;
  using events =
      boost::mp11::mp_list<payment_action_required, payment_authorized, payment_completed,
                           payment_failed, payment_refunded, payment_awaited,
                           payment_capture_declined, payment_refund_reversed,
                           payment_dispute_opened, payment_dispute_closed>;
  using queries = boost::mp11::mp_list<get_order_payments, get_orders_payments, list_payments_query,
                                       get_payment, get_transaction, get_ledger_balances,
                                       list_recorded_payments, list_recorded_refunds, get_recorded,
                                       list_saved_methods, get_saved_method, get_method_owner>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit payment_service(payment_options options) : options_(std::move(options)) {}

  void needs(const store_instrument& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const store_instrument&, decision&) const;
  void needs(const save_method& m, need_list& list, const records&) const;
  result<saved_method_view> decide(const save_method&, decision&) const;
  void needs(const method_result& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const method_result&, decision&) const;
  void needs(const customer_result& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const customer_result&, decision&) const;
  void needs(const retry_method& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const retry_method&, decision&) const;
  void needs(const retry_customer& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const retry_customer&, decision&) const;
  void needs(const receive_method_webhook& m, need_list& list, const records&) const;
  result<webhook_reply> decide(const receive_method_webhook&, decision&) const;
  void needs(const remove_saved_method& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const remove_saved_method&, decision&) const;
  void needs(const set_default_method& m, need_list& list, const records&) const;
  result<saved_method_view> decide(const set_default_method&, decision&) const;
  void needs(const gateway_result& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const gateway_result&, decision&) const;
  void needs(const retry_payment& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const retry_payment&, decision&) const;

  void needs(const request_refund& m, need_list& list, const records&) const;
  result<refund_view> decide(const request_refund&, decision&) const;
  void needs(const retry_refund& m, need_list& list, const records&) const;
  result<refund_view> decide(const retry_refund&, decision&) const;
  void needs(const capture_payment& m, need_list& list, const records&) const;
  result<payment_view> decide(const capture_payment&, decision&) const;
  void needs(const receive_webhook& m, need_list& list, const records&) const;
  result<webhook_reply> decide(const receive_webhook&, decision&) const;
  void needs(const confirm_payment& m, need_list& list, const records&) const;
  result<payment_view> decide(const confirm_payment&, decision&) const;
  void needs(const reject_payment& m, need_list& list, const records&) const;
  result<payment_view> decide(const reject_payment&, decision&) const;
  void needs(const settle_refund& m, need_list& list, const records&) const;
  result<refund_view> decide(const settle_refund&, decision&) const;

  void needs(const activity_result& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const activity_result&, decision&) const;
  void needs(const retry_review& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const retry_review&, decision&) const;

  void needs(const catalog::stock_reserved&, need_list&, const records&) const;
  kernel::applied decide(const catalog::stock_reserved&, decision&) const;
  void needs(const order::order_cancelled&, need_list&, const records&) const;
  kernel::applied decide(const order::order_cancelled&, decision&) const;
  void needs(const order::order_shipment_requested&, need_list&, const records&) const;
  kernel::applied decide(const order::order_shipment_requested&, decision&) const;
  void needs(const user::user_deleted&, need_list&, const records&) const;
  /// Deletes the user's saved payment methods, and the customer at each gateway.
  kernel::applied decide(const user::user_deleted&, decision&) const;

  result<saved_method_page> read(const list_saved_methods&, const kernel::call_context&,
                                 db::connection&) const;
  result<saved_method_view> read(const get_saved_method&, const kernel::call_context&,
                                 db::connection&) const;
  result<method_owner> read(const get_method_owner&, const kernel::call_context&,
                            db::connection&) const;
  kernel::gathered<payment_page> gather(const get_orders_payments&, const kernel::call_context&,
                                        db::gathering&) const;
  result<payment_page> read(const get_order_payments&, const kernel::call_context&,
                            db::connection&) const;
  result<payment_page> read(const list_payments_query&, const kernel::call_context&,
                            db::connection&) const;
  result<payment_detail_view> read(const get_payment&, const kernel::call_context&,
                                   db::connection&) const;

  result<transaction_view> read(const get_transaction&, const kernel::call_context&,
                                db::connection&) const;
  result<balance_list> read(const get_ledger_balances&, const kernel::call_context&,
                            db::connection&) const;
  result<recorded_payments> read(const list_recorded_payments&, const kernel::call_context&,
                                 db::connection&) const;
  result<recorded_refunds> read(const list_recorded_refunds&, const kernel::call_context&,
                                db::connection&) const;
  result<recorded_page> read(const get_recorded&, const kernel::call_context&,
                             db::connection&) const;

  static std::vector<const kernel::expiry*> expiring();
  kernel::due_work due(db::connection&, timestamp now, bool starting) const;

 private:
  // payment_attempts.cpp
  void open(decision&, payment_row&, open_effect, std::string key, money amount,
            std::optional<stoa::refund_id> of = std::nullopt) const;
  void authorize(decision&, payment_row&) const;
  void void_payment(decision&, payment_row&) const;
  void return_late_payment(decision&, payment_row&, const std::string& transaction_id) const;
  void capture(decision&, payment_row&, std::int64_t shipment) const;
  void start(decision&, payment_row&) const;
  timestamp latest_attempt(timestamp now) const;
  void schedule_retry(decision&, payment_row&) const;
  void approved(decision&, payment_row&, const gateway_result&) const;
  void declined(decision&, payment_row&, const gateway_result&) const;
  void undecided(decision&, payment_row&, const gateway_result&) const;
  void authorized(decision&, payment_row&, const gateway_answer&) const;
  void captured(decision&, payment_row&, const gateway_answer&) const;
  void failed(decision&, payment_row&, const gateway_answer&) const;
  void capture_declined(decision&, payment_row&, const gateway_answer&) const;
  // payment_refunds.cpp
  void refund_rest(decision&, payment_row&) const;
  void next_refund(decision&, payment_row&) const;
  void refunded(decision&, payment_row&, const gateway_answer&) const;
  void refund_declined(decision&, payment_row&, const gateway_answer&) const;
  void refund_succeeded(decision&, payment_row&, refund_row&, const gateway_answer&) const;
  void refund_failed(decision&, payment_row&, refund_row&, const gateway_answer&) const;
  void reverse_refund(decision&, payment_row&, refund_row&, const gateway_answer&) const;
  // payment_saved.cpp
  std::optional<problem> begin_saving(decision&, const store_instrument&) const;
  void settle_saving(decision&, payment_row&, const gateway_result&) const;
  void complete_saving(decision&, payment_row&, const gateway_answer&) const;
  void await_saving(decision&, payment_row&, stoa::payment_method_id, const gateway_answer&) const;
  // payment_vault.cpp
  void open_method_operation(decision&, method_operation_row) const;
  void start_method_operation(decision&, method_operation_row&) const;
  void remove_at_gateway(decision&, stoa::payment_method_id, stoa::user_id,
                         const std::string& gateway, std::optional<std::string> customer,
                         std::string sealed_token) const;
  void know_customer(decision&, stoa::user_id, const std::string& gateway,
                     const std::string& customer) const;
  void start_removal(decision&, gateway_customer_row&) const;
  void saved_at_gateway(decision&, const method_result&) const;
  void saved_too_late(decision&, const method_result&) const;
  timestamp latest_vault_attempt(timestamp now) const;
  // payment_offline.cpp
  void await_payment(decision&, payment_row&) const;
  // payment_reviews.cpp
  void review(decision&, payment_row&) const;
  timestamp latest_review(timestamp now) const;
  void apply_refund(decision&, payment_row&, const gateway_refund&) const;

  payment_options options_;
};

/// The options from the settings.
payment_options options_of(const settings& all);
/// The service's definition; in a separate file because the generic code is slow to compile.
kernel::service_definition definition_of(const payment_service& service);

}  // namespace stoa::payment
