#pragma once
// Parts of an order's price besides its lines, each with its reason.

#include "storage/base/describe.hpp"
#include "storage/base/money.hpp"

#include <string>

namespace stoa {

enum class price_part_kind { adjustment, shipping, tax };
BOOST_DESCRIBE_ENUM(price_part_kind, adjustment, shipping, tax)

/// One amount that is added to the subtotal; a discount is an adjustment below zero.
struct price_part {
  static constexpr std::string_view schema_name = "price_part";
  price_part_kind kind = price_part_kind::adjustment;
  std::string code;    ///< of the rule that caused it, for programs
  std::string reason;  ///< for people
  money amount;

  bool operator==(const price_part&) const = default;
};
BOOST_DESCRIBE_STRUCT(price_part, (), (kind, code, reason, amount))

}  // namespace stoa
