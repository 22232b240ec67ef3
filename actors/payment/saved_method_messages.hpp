#pragma once
// The messages about payment methods that users save. They are stored by payment.store_instrument.

#include "actors/kernel/message.hpp"
#include "actors/kernel/precondition.hpp"
#include "storage/payment/payment.hpp"

namespace stoa::payment {

inline constexpr std::size_t saved_methods_max = 20;  ///< of one user

// --- answers -------------------------------------------------------------------------------------

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
  static constexpr json::rule rules[] = {
      {.field = "type", .description = "The type of payment_method in a checkout."},
      {.field = "gateway", .description = "The gateway whose token is saved."},
      {.field = "hint",
       .description = "Enough of the token to recognise it, not enough to use it."},
      {.field = "is_default", .description = "Whether a storefront should propose it first."}};
};
BOOST_DESCRIBE_STRUCT(saved_method_view, (),
                      (payment_method_id, type, gateway, hint, is_default, created_at, updated_at))

/// All of a user: there are at most saved_methods_max.
struct saved_method_page {
  static constexpr std::string_view schema_name = "saved_payment_method_list";
  std::vector<saved_method_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< if requested
};
BOOST_DESCRIBE_STRUCT(saved_method_page, (), (data, next_cursor, total))

// --- commands ------------------------------------------------------------------------------------

/// Deletes a saved payment method of the user; 404 for that of another one.
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

// --- queries -------------------------------------------------------------------------------------

/// The caller's saved payment methods, newest first.
struct list_saved_methods {
  static constexpr std::string_view name = "payment.list_saved_methods";
  using reply = saved_method_page;
};
BOOST_DESCRIBE_STRUCT(list_saved_methods, (), ())

/// One of the caller's saved payment methods.
struct get_saved_method {
  static constexpr std::string_view name = "payment.get_saved_method";
  using reply = saved_method_view;
  stoa::payment_method_id payment_method_id;
};
BOOST_DESCRIBE_STRUCT(get_saved_method, (), (payment_method_id))

}  // namespace stoa::payment
