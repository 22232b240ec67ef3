#include "storage/base/id_token.hpp"

#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa {

namespace {

std::string proof_of(std::string_view key, std::string_view purpose, std::string_view content) {
  return text::base64url(text::keyed_hash(key, std::string(purpose) + "|" + std::string(content)));
}

}  // namespace

std::string make_id_token(std::string_view key, std::string_view purpose, const uuid& id) {
  const auto content =
      text::base64url({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
  return content + "." + proof_of(key, purpose, content);
}

std::optional<uuid> check_id_token(std::string_view key, std::string_view purpose,
                                   std::string_view token) {
  const auto dot = token.find('.');
  if (token.size() > id_token_bytes_max || dot == token.npos) return std::nullopt;
  const auto content = token.substr(0, dot);
  if (!text::equal_secret(proof_of(key, purpose, content), token.substr(dot + 1))) {
    return std::nullopt;
  }
  const auto bytes = text::from_base64url(content);
  uuid id;
  if (!bytes || bytes->size() != id.bytes.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), id.bytes.begin());
  return id;
}

}  // namespace stoa
