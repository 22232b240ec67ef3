#pragma once
// The messages about payment methods that users save. Those of a checkout are stored by
// payment.store_instrument.

#include "actors/payment/payment_messages.hpp"

namespace stoa::payment {

inline constexpr std::size_t saved_methods_max = 20;  ///< of one user

// --- answers -------------------------------------------------------------------------------------

/// `pending`: the payment that saves it is undecided, or the gateway does not keep it yet.
/// `declined`: it was not saved.
enum class saved_method_status { active, pending, declined };
BOOST_DESCRIBE_ENUM(saved_method_status, active, pending, declined)

/// A payment method that a user has saved; never includes the token.
struct saved_method_view {
  static constexpr std::string_view schema_name = "saved_payment_method";
  stoa::payment_method_id payment_method_id;
  std::string type;
  std::string gateway;
  std::string hint;
  bool is_default = false;
  timestamp created_at;
  timestamp updated_at;
  saved_method_status status = saved_method_status::active;
  std::optional<std::string> brand = std::nullopt;
  std::optional<std::string> last4 = std::nullopt;
  std::optional<std::int64_t> exp_month = std::nullopt;
  std::optional<std::int64_t> exp_year = std::nullopt;
  std::optional<std::string> failure_code = std::nullopt;
  static constexpr std::string_view defaults[] = {"status"};
  static constexpr json::rule rules[] = {
      {.field = "type", .description = "The type of payment_method in a checkout."},
      {.field = "gateway", .description = "The gateway whose token is saved."},
      {.field = "hint",
       .description = "Enough of the token to recognise it, not enough to use it. Of a PayPal "
                      "account its masked email address."},
      {.field = "is_default", .description = "Whether a storefront should propose it first."},
      {.field = "status",
       .description =
           "Only an active one is listed and can pay. pending: the payment is undecided, or the "
           "gateway does not keep it yet; declined: it was not saved."},
      {.field = "brand",
       .description = "Of the card, as the gateway names it: visa, mastercard, amex, ..."},
      {.field = "last4", .description = "The last four digits of the card's number."},
      {.field = "exp_month", .description = "The card's month of expiry."},
      {.field = "exp_year", .description = "The card's year of expiry."},
      {.field = "failure_code",
       .description = "Why it was not saved: a code of payments, such as card_declined."}};
};
BOOST_DESCRIBE_STRUCT(saved_method_view, (),
                      (payment_method_id, type, gateway, hint, is_default, created_at, updated_at,
                       status, brand, last4, exp_month, exp_year, failure_code))

/// All of a user: there are at most saved_methods_max.
struct saved_method_page {
  static constexpr std::string_view schema_name = "saved_payment_method_list";
  std::vector<saved_method_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< if requested
};
BOOST_DESCRIBE_STRUCT(saved_method_page, (), (data, next_cursor, total))

// --- commands ------------------------------------------------------------------------------------

/// Saves a payment method without a payment; the caller is the user. It is pending until a gateway
/// that keeps payment methods has answered. An existing id of the user changes nothing: callers
/// derive it from the request. Errors: too_many_payment_methods.
struct save_method {
  static constexpr std::string_view name = "payment.save_method";
  using reply = saved_method_view;
  stoa::user_id user_id;
  stoa::payment_method_id payment_method_id;
  std::string payment_method;  ///< the name of a payment_method
  std::string sealed_token;    ///< encrypted for payment_effects
  std::string token_hint;
};
BOOST_DESCRIBE_STRUCT(save_method, (),
                      (user_id, payment_method_id, payment_method, sealed_token, token_hint))

/// Deletes a saved payment method of the user, also at the gateway; 404 for that of another one.
struct remove_saved_method {
  static constexpr std::string_view name = "payment.remove_saved_method";
  using reply = kernel::nothing;
  stoa::user_id user_id;
  stoa::payment_method_id payment_method_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(remove_saved_method, (), (user_id, payment_method_id, precondition))

/// Makes it the user's default instead of another one.
struct set_default_method {
  static constexpr std::string_view name = "payment.set_default_method";
  using reply = saved_method_view;
  stoa::user_id user_id;
  stoa::payment_method_id payment_method_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(set_default_method, (), (user_id, payment_method_id, precondition))

/// The gateway's answer about a payment method.
struct method_result {
  static constexpr std::string_view name = "payment.method_result";
  using reply = kernel::nothing;
  stoa::payment_method_id payment_method_id;
  stoa::user_id user_id;
  std::string gateway;
  method_operation operation = method_operation::Remove;
  gateway_answer answer;
};
BOOST_DESCRIBE_STRUCT(method_result, (), (payment_method_id, user_id, gateway, operation, answer))

/// The gateway's answer to the deletion of a customer; `customer_id` is that of the request.
struct customer_result {
  static constexpr std::string_view name = "payment.customer_result";
  using reply = kernel::nothing;
  stoa::user_id user_id;
  std::string gateway;
  std::string customer_id;
  gateway_answer answer;
};
BOOST_DESCRIBE_STRUCT(customer_result, (), (user_id, gateway, customer_id, answer))

/// A verified webhook about a payment method that the gateway keeps for the user. One that is
/// removed there is deleted here. One that a payment of the user waits for is looked up at the
/// gateway. Applied once per event id; `ignored`: not one of them.
struct receive_method_webhook {
  static constexpr std::string_view name = "payment.receive_method_webhook";
  using reply = webhook_reply;
  stoa::user_id user_id;
  std::string gateway;
  std::string event_id;
  std::string token_key;     ///< the token's fingerprint
  std::string sealed_token;  ///< encrypted for payment_effects
  bool is_removed = false;
};
BOOST_DESCRIBE_STRUCT(receive_method_webhook, (),
                      (user_id, gateway, event_id, token_key, sealed_token, is_removed))

/// Starts the operation on a saved method again when that is due.
struct retry_method {
  static constexpr std::string_view name = "payment.retry_method";
  using reply = kernel::nothing;
  stoa::payment_method_id payment_method_id;
};
BOOST_DESCRIBE_STRUCT(retry_method, (), (payment_method_id))

/// Requests the deletion of a customer again when that is due.
struct retry_customer {
  static constexpr std::string_view name = "payment.retry_customer";
  using reply = kernel::nothing;
  stoa::user_id user_id;
  std::string gateway;
};
BOOST_DESCRIBE_STRUCT(retry_customer, (), (user_id, gateway))

// --- effects -------------------------------------------------------------------------------------

/// Attaches or detaches a payment method at the gateway. Repeats are harmless.
struct call_vault {
  static constexpr std::string_view name = "payment.call_vault";
  stoa::payment_method_id payment_method_id;
  stoa::user_id user_id;
  method_operation operation = method_operation::Remove;
  std::string gateway;
  std::string customer_id;  ///< empty: not known yet
  std::string sealed_token;
};

/// Deletes a customer at the gateway. Repeats are harmless.
struct delete_customer {
  static constexpr std::string_view name = "payment.delete_customer";
  stoa::user_id user_id;
  std::string gateway;
  std::string customer_id;  ///< empty: not known yet
};

// --- queries -------------------------------------------------------------------------------------

/// The caller's saved payment methods that are active, newest first.
struct list_saved_methods {
  static constexpr std::string_view name = "payment.list_saved_methods";
  using reply = saved_method_page;
};
BOOST_DESCRIBE_STRUCT(list_saved_methods, (), ())

struct method_owner {
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(method_owner, (), (user_id))

/// The user for whom a gateway keeps the payment method, found by its token's fingerprint, or by
/// the gateway's customer. Error: not_found.
struct get_method_owner {
  static constexpr std::string_view name = "payment.get_method_owner";
  using reply = method_owner;
  std::string gateway;
  std::string token_key;
  std::string customer_id;  ///< may be empty
};
BOOST_DESCRIBE_STRUCT(get_method_owner, (), (gateway, token_key, customer_id))

/// One of the caller's saved payment methods, also if it is not active.
struct get_saved_method {
  static constexpr std::string_view name = "payment.get_saved_method";
  using reply = saved_method_view;
  stoa::payment_method_id payment_method_id;
};
BOOST_DESCRIBE_STRUCT(get_saved_method, (), (payment_method_id))

}  // namespace stoa::payment
