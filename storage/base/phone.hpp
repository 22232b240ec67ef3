#pragma once
// Phone numbers as people and programs write them, and as they are stored.

#include <string>
#include <string_view>

namespace stoa {

/// The form in which a number is stored: no white space at the ends, each space of Unicode as ' ',
/// each hyphen, dash or minus as '-', and ";ext=5" (RFC 3966) as " ext. 5".
std::string normal_phone(std::string_view text);
/// Whether a text in normal form is a number, national or international; empty is none.
bool is_phone(std::string_view text);

}  // namespace stoa
