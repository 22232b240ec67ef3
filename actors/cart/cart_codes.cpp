// Codes of promotions in carts. The cart stores the text; the Pricing service knows what it means.

#include "actors/cart/cart_parts.hpp"
#include "actors/pricing/promotion_rules.hpp"

#include <algorithm>

namespace stoa::cart {

namespace {

auto find_code(auto& codes, const std::string& code) {
  return std::ranges::find(codes, pricing::code_key_of(code),
                           [](const std::string& c) { return pricing::code_key_of(c); });
}

}  // namespace

bool add_to_codes(std::vector<std::string>& codes, const std::string& code) {
  if (find_code(codes, code) != codes.end()) return true;
  if (codes.size() >= codes_max) return false;
  codes.push_back(code);
  return true;
}

result<cart_content> cart_service::decide(const add_code& m, decision& d) const {
  auto cart = usable(d, m.cart_id, m.if_match);
  if (!cart) return cart.error();
  auto codes = (*cart)->codes;
  if (!add_to_codes(codes, m.code)) {
    return problem{problem_kind::validation,
                   "too_many_codes",
                   "A cart has at most " + std::to_string(codes_max) + " codes.",
                   {}};
  }
  if (codes != (*cart)->codes) touch(d, m.cart_id).codes = std::move(codes);
  return content(d, m.cart_id);
}

result<cart_content> cart_service::decide(const remove_code& m, decision& d) const {
  auto cart = usable(d, m.cart_id, m.if_match);
  if (!cart) return cart.error();
  auto codes = (*cart)->codes;
  const auto found = find_code(codes, m.code);
  if (found == codes.end()) return not_found("code");
  codes.erase(found);
  touch(d, m.cart_id).codes = std::move(codes);
  return content(d, m.cart_id);
}

}  // namespace stoa::cart
