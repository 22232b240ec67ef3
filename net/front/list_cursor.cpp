#include "net/front/list_cursor.hpp"

#include "storage/base/text.hpp"

namespace stoa::front {

namespace {

/// 128 bits cannot be guessed online.
constexpr std::size_t signature_bytes = 16;
/// Above the longest cursor: a product's position with the first 128 bytes of its name.
constexpr std::size_t cursor_bytes_max = 1024;

std::string signature_of(std::string_view secret, std::string_view list,
                         std::string_view position) {
  // The length prefix separates the two, whatever they contain.
  std::string text = "cursor 1\n" + std::to_string(list.size()) + "\n";
  text.append(list).append(position);
  return text::base64url(text::keyed_hash(secret, text).substr(0, signature_bytes));
}

}  // namespace

std::string sign_cursor(std::string_view secret, std::string_view list, std::string_view position) {
  return std::string(position) + "." + signature_of(secret, list, position);
}

std::optional<std::string> verify_cursor(std::string_view secret, std::string_view list,
                                         std::string_view cursor) {
  const auto dot = cursor.rfind('.');
  if (dot == std::string_view::npos || cursor.size() > cursor_bytes_max) return std::nullopt;
  const auto position = cursor.substr(0, dot);
  const auto expected = signature_of(secret, list, position);
  if (!text::equal_secret(cursor.substr(dot + 1), expected)) return std::nullopt;
  return std::string(position);
}

http::problem invalid_cursor() {
  return {400,
          "invalid_cursor",
          "Invalid cursor.",
          {{"?cursor", "format", "next_cursor of the same list with the same filters, unchanged"}}};
}

}  // namespace stoa::front
