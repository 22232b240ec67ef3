#include "net/routes/gift_card_code.hpp"

#include "storage/base/text.hpp"

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

}  // namespace stoa::front
