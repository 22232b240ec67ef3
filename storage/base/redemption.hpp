#pragma once
// What an order redeems: uses of promotions that are limited or need a code, and amounts of gift
// cards and store credit.

#include "storage/base/describe.hpp"
#include "storage/base/money.hpp"
#include "storage/base/uuid.hpp"

#include <optional>
#include <string>

namespace stoa {

using promotion_id = id<struct promotion_tag>;
using tax_rate_id = id<struct tax_rate_tag>;
using credit_account_id = id<struct credit_account_tag>;

/// One use of a promotion by an order.
struct redeemed_promotion {
  static constexpr std::string_view schema_name = "redeemed_promotion";
  stoa::promotion_id promotion_id;
  std::optional<std::string> code = std::nullopt;  ///< as stored; absent: applied without a code

  bool operator==(const redeemed_promotion&) const = default;
};
BOOST_DESCRIBE_STRUCT(redeemed_promotion, (), (promotion_id, code))

enum class credit_kind { gift_card, store_credit };
BOOST_DESCRIBE_ENUM(credit_kind, gift_card, store_credit)

/// What an order pays with a gift card or with store credit.
struct redeemed_credit {
  static constexpr std::string_view schema_name = "redeemed_credit";
  stoa::credit_account_id credit_account_id;
  credit_kind kind = credit_kind::gift_card;
  std::string hint;  ///< the end of the gift card's code; empty for store credit
  money amount;      ///< above zero

  bool operator==(const redeemed_credit&) const = default;
};
BOOST_DESCRIBE_STRUCT(redeemed_credit, (), (credit_account_id, kind, hint, amount))

}  // namespace stoa
