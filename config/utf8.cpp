#include "config/utf8.hpp"

#include <algorithm>

namespace stoa {

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto size = utf8_sequence_size(text);
    const auto first = static_cast<unsigned char>(text.front());
    const bool is_c1 = first == 0xC2 && size == 2 && static_cast<unsigned char>(text[1]) < 0xA0;
    if (size == 0 || first < 0x20 || first == 0x7F || is_c1) {
      out += '?';
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace stoa
