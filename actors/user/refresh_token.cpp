#include "actors/user/refresh_token.hpp"

#include "storage/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::user {

namespace {

std::string family_text(session_id family) {
  const auto& bytes = family.value.bytes;
  return text::base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// The prefix separates the kinds of tokens that use the same key.
std::string proof_of(std::string_view key, std::string_view content) {
  return text::base64url(text::keyed_hash(key, "refresh_token|" + std::string(content)));
}

}  // namespace

std::string make_refresh_token(std::string_view key, const refresh_claim& claim) {
  auto content = family_text(claim.family) + "." + std::to_string(claim.generation);
  return content + "." + proof_of(key, content);
}

std::optional<refresh_claim> check_refresh_token(std::string_view key, std::string_view text) {
  if (text.size() > refresh_token_bytes_max) return std::nullopt;
  auto last = text.rfind('.');
  auto first = text.find('.');
  if (last == text.npos || first == last) return std::nullopt;
  auto content = text.substr(0, last);
  if (!text::equal_secret(proof_of(key, content), text.substr(last + 1))) return std::nullopt;
  // The content comes from make_refresh_token(), unless the key has leaked: validate it anyway.
  auto family = text::from_base64url(content.substr(0, first));
  auto number = content.substr(first + 1);
  refresh_claim claim;
  if (!family || family->size() != claim.family.value.bytes.size()) return std::nullopt;
  std::copy(family->begin(), family->end(), claim.family.value.bytes.begin());
  auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), claim.generation);
  if (error != std::errc{} || end != number.data() + number.size() || claim.generation < 1) {
    return std::nullopt;
  }
  return claim;
}

}  // namespace stoa::user
