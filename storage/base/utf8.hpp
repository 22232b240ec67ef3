#pragma once
// Validation of UTF-8 (RFC 3629).

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa {

/// Length in bytes of the UTF-8 sequence at the start of the non-empty text; 0 if it is malformed
/// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
inline std::size_t utf8_sequence_size(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

/// True for a continuation byte.
constexpr bool is_utf8_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Length in bytes of the control character (C0, DEL or C1) at the start of the non-empty text; 0
/// if there is none.
constexpr std::size_t control_size(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x20 || first == 0x7F) return 1;
  // U+0080 to U+009F.
  const bool is_c1 = first == 0xC2 && text.size() > 1 && is_utf8_continuation(text[1]) &&
                     static_cast<unsigned char>(text[1]) < 0xA0;
  return is_c1 ? 2 : 0;
}

/// The text as one line for a terminal: '?' replaces each control character, including C1, and each
/// invalid byte.
std::string printable(std::string_view text);

}  // namespace stoa
