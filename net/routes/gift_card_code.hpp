#pragma once
// The codes of gift cards, which are secrets: services know only their keyed hashes.

#include "actors/pricing/credit_messages.hpp"
#include "net/front/client_limits.hpp"
#include "net/front/exchange.hpp"

#include <exception>

namespace stoa::front {

/// The key of the code at the Pricing service. Case, spaces and hyphens of a code do not matter.
std::string gift_card_key(const exchange& x, std::string_view code);
std::vector<std::string> gift_card_keys(const exchange& x, const std::vector<std::string>& codes);

/// A lookup of codes that a client sends, within the limits of guesses: 429 too_many_code_attempts.
class code_lookup {
 public:
  /// Does nothing without codes.
  code_lookup(exchange& x, bool has_codes, std::optional<stoa::cart_id> cart);
  ~code_lookup();
  code_lookup(const code_lookup&) = delete;
  code_lookup& operator=(const code_lookup&) = delete;
  /// So many of the codes do not exist.
  void failed(std::int64_t codes) { failures_ = codes; }
  /// The request has failed: counts what the problem of a service or a route says of codes.
  void failed(const std::exception_ptr& why);

 private:
  void count(std::string_view code, const std::vector<field_error>& errors);

  client_limits& limits_;
  std::optional<code_attempt> attempt_;
  std::int64_t failures_ = 0;
};

inline constexpr json::rule gift_cards_rule{
    .field = "gift_cards",
    .length_max = pricing::gift_cards_per_order,
    .form = json::format::line,
    .description = "Codes of gift cards, which pay in this order as far as they last."};
inline constexpr json::rule store_credit_rule{
    .field = "use_store_credit",
    .description = "Whether the account's store credit pays after the gift cards."};

}  // namespace stoa::front
