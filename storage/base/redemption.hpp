#pragma once
// What an order redeems: uses of promotions that are limited or need a code.

#include "storage/base/describe.hpp"
#include "storage/base/uuid.hpp"

#include <optional>
#include <string>

namespace stoa {

using promotion_id = id<struct promotion_tag>;
using tax_rate_id = id<struct tax_rate_tag>;

/// One use of a promotion by an order.
struct redeemed_promotion {
  static constexpr std::string_view schema_name = "redeemed_promotion";
  stoa::promotion_id promotion_id;
  std::optional<std::string> code = std::nullopt;  ///< as stored; absent: applied without a code

  bool operator==(const redeemed_promotion&) const = default;
};
BOOST_DESCRIBE_STRUCT(redeemed_promotion, (), (promotion_id, code))

}  // namespace stoa
