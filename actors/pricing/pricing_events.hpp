#pragma once
// The events of the Pricing service. Never change a released event: add a new type.

#include "storage/base/describe.hpp"
#include "storage/base/json.hpp"
#include "storage/base/redemption.hpp"

namespace stoa::pricing {

/// The uses of promotions and the credit that the order redeems are reserved.
struct redemption_reserved {
  static constexpr std::string_view name = "pricing.redemption_reserved";
  static constexpr std::string_view summary = "What an order redeems is reserved for it.";
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(redemption_reserved, (), (order_id))

/// A promotion, gift card or store credit cannot be used (any more): nothing is reserved.
struct redemption_rejected {
  static constexpr std::string_view name = "pricing.redemption_rejected";
  static constexpr std::string_view summary =
      "An order cannot redeem a promotion or credit: nothing is reserved for it.";
  stoa::order_id order_id;
  std::optional<stoa::promotion_id> promotion_id;
  std::optional<stoa::credit_account_id> credit_account_id;
  std::optional<std::string> code;  ///< of the promotion
  std::string reason;               ///< human-readable
};
BOOST_DESCRIBE_STRUCT(redemption_rejected, (),
                      (order_id, promotion_id, credit_account_id, code, reason))

/// What is reserved for the order was neither redeemed nor released in time. The order service
/// decides; emitted again while it does not.
struct redemption_expired {
  static constexpr std::string_view name = "pricing.redemption_expired";
  static constexpr std::string_view summary =
      "What an order redeems has been reserved for longer than an order takes.";
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(redemption_expired, (), (order_id))

}  // namespace stoa::pricing
