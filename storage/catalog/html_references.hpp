#pragma once
// Character references of HTML: &eacute; &#233; &#xE9;

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stoa::catalog {

struct html_reference {
  char32_t character = 0;
  std::size_t length = 0;  ///< bytes of the text that it takes; 0: the text starts with none
};

/// The reference at the start of the text, which is an ampersand. It ends with a semicolon.
html_reference read_reference(std::string_view text);

}  // namespace stoa::catalog
