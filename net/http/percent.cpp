#include "net/http/percent.hpp"

#include "net/http/characters.hpp"
#include "storage/base/text.hpp"

namespace stoa::http {

namespace {

constexpr bool is_unreserved(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

decode_error percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
  out.clear();
  out.reserve(text.size());
  bool ascii = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '%') {
      const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return decode_error::bad_escape;
      byte = static_cast<unsigned char>(high * 16 + low);
      i += 2;
    } else if (byte == '+' && plus_is_space) {
      byte = ' ';
    }
    if (byte < 0x20 || byte == 0x7F) return decode_error::control_character;
    ascii = ascii && byte < 0x80;
    out.push_back(static_cast<char>(byte));
  }
  return ascii || text::is_utf8(out) ? decode_error::none : decode_error::not_utf8;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

std::string_view describe(decode_error e) {
  switch (e) {
    case decode_error::none:
      return "no error";
    case decode_error::bad_escape:
      return "a '%' is not followed by two hexadecimal digits";
    case decode_error::control_character:
      return "it contains a control character";
    case decode_error::not_utf8:
      return "it is not valid UTF-8";
  }
  return "it is malformed";
}

}  // namespace stoa::http
