#include "net/routes/gift_card_code.hpp"

#include "net/front/failure.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::front {

std::string gift_card_key(const exchange& x, std::string_view code) {
  return text::base64url(
      text::keyed_hash(x.shared->secret->bytes, "gift card\n" + text::plain_code(code)));
}

std::vector<std::string> gift_card_keys(const exchange& x, const std::vector<std::string>& codes) {
  std::vector<std::string> keys;
  keys.reserve(codes.size());
  for (const auto& code : codes) keys.push_back(gift_card_key(x, code));
  return keys;
}

code_lookup::code_lookup(exchange& x, bool has_codes, std::optional<stoa::cart_id> cart)
    : limits_(*x.shared->limits) {
  if (has_codes) attempt_ = limits_.start_code_lookup(x, cart);
}

code_lookup::~code_lookup() {
  if (attempt_) limits_.end_code_lookup(*attempt_, failures_);
}

void code_lookup::failed(const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const kernel::problem_error& e) {
    count(e.content.code, e.content.errors);
  } catch (const problem_error& e) {
    count(e.content.code, e.content.errors);
  } catch (const std::exception&) {
    // Nothing is known of the codes.
  }
}

void code_lookup::count(std::string_view code, const std::vector<field_error>& errors) {
  if (code == "gift_card_unknown") failures_ = 1;
  if (code == "code_not_applied") {
    failures_ = std::ranges::count(errors, "unknown", &field_error::code);
  }
}

}  // namespace stoa::front
