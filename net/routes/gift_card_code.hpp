#pragma once
// The codes of gift cards, which are secrets: services know only their keyed hashes.

#include "actors/pricing/credit_messages.hpp"
#include "net/front/exchange.hpp"

namespace stoa::front {

/// The key of the code at the Pricing service. Case, spaces and hyphens of a code do not matter.
std::string gift_card_key(const exchange& x, std::string_view code);
std::vector<std::string> gift_card_keys(const exchange& x, const std::vector<std::string>& codes);

inline constexpr json::rule gift_cards_rule{
    .field = "gift_cards",
    .length_max = pricing::gift_cards_per_order,
    .form = json::format::line,
    .description = "Codes of gift cards, which pay in this order as far as they last."};
inline constexpr json::rule store_credit_rule{
    .field = "use_store_credit",
    .description = "Whether the account's store credit pays after the gift cards."};

}  // namespace stoa::front
