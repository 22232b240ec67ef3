#pragma once
// The language of a customer (BCP 47): sent as "locale", or preferred by the client.

#include "net/front/exchange.hpp"
#include "storage/base/locale_format.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::front {

inline constexpr json::rule locale_rule(std::string_view description) {
  return {.field = "locale",
          .length_max = text::language_bytes_max,
          .description = description,
          .pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
          .example = R"("de-AT")"};
}

/// Adds an error at /locale for a malformed tag.
void check_locale(const std::optional<std::string>& locale, std::vector<field_error>& errors);

/// The language that the client prefers, from Accept-Language (RFC 9110, section 12.5.4), in
/// canonical form; empty if there is none.
std::optional<std::string> preferred_language(std::string_view accept_language);
std::optional<std::string> preferred_language(const exchange& x);

/// The canonical form of a tag that check_locale() accepts.
std::optional<std::string> canonical_locale(const std::optional<std::string>& locale);

}  // namespace stoa::front
