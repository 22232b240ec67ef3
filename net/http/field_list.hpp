#pragma once
// Header fields whose value is a list (RFC 9110, section 5.6.1).

#include "net/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::http {

/// All fields of the name as one value, joined by commas (RFC 9110, section 5.3); nothing when
/// there is none.
std::optional<std::string> joined_fields(const header_list& headers, std::string_view name);

/// The parts of a value between separators outside of quoted strings, trimmed. Empty parts are
/// omitted.
std::vector<std::string_view> split_list(std::string_view value, char separator = ',');

/// The weight of a parameter such as "q=0.5", in thousandths; nothing when it is another parameter
/// or malformed (RFC 9110, section 12.4.2).
std::optional<int> weight_of(std::string_view parameter);
inline constexpr int full_weight = 1000;  ///< without the parameter

/// True when the response has a field of that name, case-insensitive.
bool has_field(const response& answer, std::string_view name);

/// Adds the name of a request field to the response's Vary.
void add_vary(response& answer, std::string_view name);

}  // namespace stoa::http
