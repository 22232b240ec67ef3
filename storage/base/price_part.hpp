#pragma once
// Parts of an order's price besides its lines, each with its reason.

#include "storage/base/describe.hpp"
#include "storage/base/money.hpp"
#include "storage/base/redemption.hpp"

#include <string>
#include <vector>

namespace stoa {

/// included_tax: contained in the other amounts, for information; it is not added to the total.
enum class price_part_kind { adjustment, shipping, tax, included_tax };
BOOST_DESCRIBE_ENUM(price_part_kind, adjustment, shipping, tax, included_tax)

/// The share of a price_part that belongs to one line, in minor units.
struct price_share {
  static constexpr std::string_view schema_name = "price_share";
  std::int64_t line = 0;  ///< its position among the lines, from 0
  std::int64_t amount = 0;

  bool operator==(const price_share&) const = default;
};
BOOST_DESCRIBE_STRUCT(price_share, (), (line, amount))

/// One amount that is added to the subtotal; a discount is an adjustment below zero, or below zero
/// of the kind shipping if it reduces the costs of shipping.
struct price_part {
  static constexpr std::string_view schema_name = "price_part";
  price_part_kind kind = price_part_kind::adjustment;
  std::string code;    ///< of the rule that caused it, for programs
  std::string reason;  ///< for people
  money amount;
  /// How the amount is divided among the lines; these shares and shipping_amount add up to it.
  /// Absent: not divided.
  std::optional<std::vector<price_share>> lines = std::nullopt;
  std::optional<std::int64_t> shipping_amount =
      std::nullopt;  ///< the share of shipping, if divided
  std::optional<stoa::promotion_id> promotion_id = std::nullopt;  ///< of the promotion's discount
  std::optional<stoa::tax_rate_id> tax_rate_id = std::nullopt;
  std::optional<std::int64_t> parts_per_million = std::nullopt;  ///< of the tax: 190000 is 19 %

  bool operator==(const price_part&) const = default;
};
BOOST_DESCRIBE_STRUCT(price_part, (),
                      (kind, code, reason, amount, lines, shipping_amount, promotion_id,
                       tax_rate_id, parts_per_million))

}  // namespace stoa
