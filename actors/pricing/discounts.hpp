#pragma once
// Applies promotions to a basket. Pure.
//
// Promotions are considered one after another, in the order of the rule book. Each acts on what the
// earlier ones have left of the lines; none reduces a line below zero. One is applied only if it is
// combined with all that were applied before: each of the two lists the other's target.
//
// Rounding: a percentage is rounded half up to the minor unit, for each line if it reduces items,
// once if it reduces the order. The discount of an order is divided among the lines in proportion
// to what was left of them; the shares add up to it exactly.

#include "actors/pricing/basket.hpp"
#include "actors/pricing/rule_book.hpp"

namespace stoa::pricing {

/// A promotion that is applied. Amounts are minor units, above zero.
struct applied_promotion {
  const usable_promotion* promotion = nullptr;
  std::optional<std::string> code;  ///< which has led to it
  std::vector<std::int64_t> lines;  ///< the discount of each line
  std::int64_t shipping = 0;        ///< the discount of the costs of shipping
  std::int64_t amount() const;
};

/// Why a code is not applied, for programs.
inline constexpr std::string_view code_reasons =
    "unknown used_up not_started ended not_active not_in_currency conditions_not_met "
    "not_combinable nothing_to_reduce";

struct unused_code {
  std::string code;
  std::string reason;  ///< one of code_reasons
  bool operator==(const unused_code&) const = default;
};
BOOST_DESCRIBE_STRUCT(unused_code, (), (code, reason))

struct discounts {
  std::vector<applied_promotion> applied;
  std::vector<unused_code> unused;  ///< in the order of the basket's codes
};

/// `line_totals`: before discounts, in the order of the lines; `shipping`: the costs of shipping.
/// The rule book must outlive the result.
discounts discounts_of(const basket& b, const std::vector<std::int64_t>& line_totals,
                       std::int64_t shipping, const rule_book& rules);

}  // namespace stoa::pricing
