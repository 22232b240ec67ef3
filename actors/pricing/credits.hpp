#pragma once
// What an order pays with gift cards and store credit. Pure.

#include "actors/pricing/credit_messages.hpp"
#include "storage/base/result.hpp"

namespace stoa::pricing {

/// The gift cards in the order of their keys, then store credit, each as far as it lasts and the
/// total is not paid. Accounts of which nothing is needed are left out. Errors: 422
/// gift_card_unknown and gift_card_unusable (disabled, expired, empty or of another currency), with
/// "/gift_cards/N".
result<std::vector<redeemed_credit>> credits_for(const money& total,
                                                 const std::vector<std::string>& code_keys,
                                                 const find_credit::answer& found, timestamp now);

/// Whether the credits can be part of an order of this total: of its currency, above zero, each
/// account once, not more than the total.
bool fit_total(const std::vector<redeemed_credit>& credits, const money& total);

/// The sum in minor units.
std::int64_t sum_of(const std::vector<redeemed_credit>& credits);

}  // namespace stoa::pricing
