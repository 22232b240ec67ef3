#pragma once
// The handle that a name makes.

#include <string>
#include <string_view>

namespace stoa::catalog {

inline constexpr std::size_t handle_text_bytes_max = 80;

/// The name in lower-case ASCII letters and digits, transliterated by ICU; apostrophes are left
/// out, and each run of other characters is a hyphen: "Größe: 7 W" is "grosse-7-w". At most
/// handle_text_bytes_max bytes; empty if the name has neither letters nor digits.
std::string handle_text(std::string_view name);

}  // namespace stoa::catalog
