#pragma once
// What a promotion's terms may be, how its codes and customers are identified, and which changes of
// redemptions are legal. Pure.

#include "storage/base/problem.hpp"
#include "storage/pricing/pricing.hpp"

#include <array>

namespace stoa::pricing {

inline constexpr std::size_t code_length_max = 64;  ///< in code points

/// What is wrong with the terms, beyond the rules of their members.
std::vector<field_error> check_terms(const promotion_terms& t);

/// Codes are equal if their keys are: case-folded, without surrounding white space.
std::string code_key_of(std::string_view code);

/// Identifies a customer for limits: an account, or a hash of the address of an order without one.
std::string customer_key_of(const std::optional<stoa::user_id>& user,
                            std::string_view email_folded);

inline constexpr std::array legal_redemption_transitions{
    std::pair{redemption_status::Reserved, redemption_status::Redeemed},
    std::pair{redemption_status::Reserved, redemption_status::Released},
    std::pair{redemption_status::Redeemed, redemption_status::Released},
};

constexpr bool may_become(redemption_status from, redemption_status to) {
  for (const auto& [before, after] : legal_redemption_transitions) {
    if (before == from && after == to) return true;
  }
  return false;
}

}  // namespace stoa::pricing
