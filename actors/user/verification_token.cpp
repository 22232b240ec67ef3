#include "actors/user/verification_token.hpp"

#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::user {

namespace {

/// The prefix separates the kinds of tokens that use the same key.
std::string proof_of(std::string_view key, std::string_view content) {
  return text::base64url(text::keyed_hash(key, "verification_token|" + std::string(content)));
}

}  // namespace

std::string make_verification_token(std::string_view key, verification_id id) {
  const auto& bytes = id.value.bytes;
  const auto content = text::base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return content + "." + proof_of(key, content);
}

std::optional<verification_id> check_verification_token(std::string_view key,
                                                        std::string_view text) {
  const auto dot = text.find('.');
  if (text.size() > verification_token_bytes_max || dot == text.npos) return std::nullopt;
  const auto content = text.substr(0, dot);
  if (!text::equal_secret(proof_of(key, content), text.substr(dot + 1))) return std::nullopt;
  const auto bytes = text::from_base64url(content);
  verification_id id;
  if (!bytes || bytes->size() != id.value.bytes.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), id.value.bytes.begin());
  return id;
}

}  // namespace stoa::user
