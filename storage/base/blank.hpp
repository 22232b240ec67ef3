#pragma once
// Invisible characters, blank texts and trimming.

#include <string_view>

namespace stoa::text {

struct code_range {
  char32_t first;
  char32_t last;
};

/// White_Space and Default_Ignorable_Code_Point of Unicode 15, and U+2800, the Braille pattern
/// without dots; sorted.
inline constexpr code_range blank_ranges[] = {
    {0x0009, 0x000D}, {0x0020, 0x0020},   {0x0085, 0x0085},   {0x00A0, 0x00A0},   {0x00AD, 0x00AD},
    {0x034F, 0x034F}, {0x061C, 0x061C},   {0x115F, 0x1160},   {0x1680, 0x1680},   {0x17B4, 0x17B5},
    {0x180B, 0x180F}, {0x2000, 0x200F},   {0x2028, 0x202F},   {0x205F, 0x206F},   {0x2800, 0x2800},
    {0x3000, 0x3000}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

constexpr bool is_blank(char32_t code) {
  for (const code_range& range : blank_ranges) {
    if (code <= range.last) return code >= range.first;
  }
  return false;
}

/// True if the text has only invisible characters or is empty. The text is UTF-8.
bool is_blank(std::string_view text);

/// Trims white space (White_Space of Unicode 15 except the control characters U+000B, U+000C and
/// U+0085, which no text may contain); for names, handles and options. The text is UTF-8.
std::string_view without_white_ends(std::string_view text);
/// Trims invisible characters except control characters; for SKUs.
std::string_view without_blank_ends(std::string_view text);

}  // namespace stoa::text
