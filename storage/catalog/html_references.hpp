#pragma once
// Character references of HTML: &eacute; &#233; &#xE9;

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stoa::catalog {

struct html_reference {
  char32_t character = 0;
  std::size_t length = 0;  ///< bytes of the reference; 0: the text does not start with one
};

/// The reference at the start of the text, which starts with an ampersand. It ends with a
/// semicolon.
html_reference read_reference(std::string_view text);

}  // namespace stoa::catalog
