#include "net/mail/coding.hpp"

#include "storage/base/utf8.hpp"

#include <sodium.h>

#include <algorithm>

namespace stoa::mail {
namespace {

constexpr std::size_t line_max = 76;
// A line with an encoded word has at most 76 characters (RFC 2047, section 2). Minus 12 for the
// delimiters and 12 for the longest header name, 52 remain: 13 groups of 3 bytes.
constexpr std::size_t word_bytes_max = 39;
constexpr std::string_view word_begin = "=?UTF-8?B?";
constexpr std::string_view word_end = "?=";

constexpr char hex_digits[] = "0123456789ABCDEF";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> from_base64(std::string_view coded) {
  std::string bytes(coded.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), coded.data(),
                        coded.size(), "\r\n", &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

bool is_space_or_tab(char c) {
  return c == ' ' || c == '\t';
}

bool is_literal(char c) {
  return (c >= 33 && c <= 126 && c != '=') || is_space_or_tab(c);
}

void append_byte(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '=';
  out += hex_digits[byte >> 4];
  out += hex_digits[byte & 15];
}

// Appends one line of text, without its line ending.
void append_coded_line(std::string& out, std::string_view line) {
  // One column is reserved for the '=' of a soft line break.
  constexpr std::size_t width_max = line_max - 1;
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size();) {
    // Mbox tools alter "From " at the start of a line, and a lone dot ends an SMTP transfer.
    const bool is_special = column == 0 && (line[i] == '.' || line[i] == 'F');
    std::size_t end = i;
    if (!is_special) {
      const auto limit = std::min(line.size(), i + (width_max - column));
      while (end < limit && is_literal(line[end])) ++end;
      if (end == line.size() && end > i && is_space_or_tab(line[end - 1])) --end;
    }
    if (end > i) {
      out.append(line, i, end - i);
      column += end - i;
      i = end;
    } else if (column + (is_special || !is_literal(line[i]) || i + 1 == line.size() ? 3 : 1) >
               width_max) {
      out += "=\r\n";
      column = 0;
    } else {
      append_byte(out, line[i++]);
      column += 3;
    }
  }
}

}  // namespace

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8 + 2);
  while (!text.empty()) {
    const auto end = text.find_first_of("\r\n");
    append_coded_line(out, text.substr(0, end));
    if (end == std::string_view::npos) break;
    out += "\r\n";
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  return out;
}

std::optional<std::string> from_quoted_printable(std::string_view coded) {
  std::string out;
  out.reserve(coded.size());
  for (std::size_t i = 0; i < coded.size(); ++i) {
    if (coded[i] != '=') {
      if (coded[i] != '\r') out += coded[i];
      continue;
    }
    const auto rest = coded.substr(i + 1);
    if (rest.starts_with("\r\n")) {
      i += 2;
    } else if (rest.starts_with("\n")) {
      i += 1;
    } else {
      const int high = rest.size() < 2 ? -1 : hex_value(rest[0]);
      const int low = rest.size() < 2 ? -1 : hex_value(rest[1]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminating NUL
  return out;
}

std::string header_text(std::string_view text) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 32 && c < 127; });
  if (ascii && text.size() <= 60 && text.find("=?") == std::string_view::npos &&
      (text.empty() || (text.front() != ' ' && text.back() != ' '))) {
    return std::string(text);
  }
  return encoded_words(text);
}

std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t take = std::min(word_bytes_max, text.size());
    // A word must not end within a character (RFC 2047, section 5).
    while (take < text.size() && is_utf8_continuation(text[take])) --take;
    if (!out.empty()) out += "\r\n ";
    out.append(word_begin).append(base64(text.substr(0, take))).append(word_end);
    text.remove_prefix(take);
  }
  return out;
}

std::string from_header_text(std::string_view value) {
  std::string out;
  bool after_word = false;
  while (!value.empty()) {
    const auto begin = value.find(word_begin);
    const auto end =
        begin == std::string_view::npos ? begin : value.find(word_end, begin + word_begin.size());
    if (end == std::string_view::npos) break;
    const auto between = value.substr(0, begin);
    // White space between two encoded words is ignored.
    if (!after_word || between.find_first_not_of(" \t") != std::string_view::npos) out += between;
    const auto coded = value.substr(begin + word_begin.size(), end - begin - word_begin.size());
    out += from_base64(coded).value_or(std::string(coded));
    value.remove_prefix(end + word_end.size());
    after_word = true;
  }
  return out.append(value);
}

}  // namespace stoa::mail
