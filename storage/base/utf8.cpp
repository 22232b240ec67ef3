#include "storage/base/utf8.hpp"

#include <algorithm>

namespace stoa {

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto size = utf8_sequence_size(text);
    if (size == 0 || control_size(text) > 0) {
      out += '?';
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace stoa
