#include "storage/base/json_write.hpp"

#include "storage/base/text.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace stoa::json {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

/// Escape of each byte: 0 none, 'u' a \u00XX escape, otherwise the character after the backslash;
/// 1 for a byte of a multi-byte UTF-8 sequence, which must be validated.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  for (std::size_t c = 0x80; c < 256; ++c) table[c] = 1;
  return table;
}
constexpr auto escapes = make_escapes();

void append_escape(std::string& out, unsigned char c) {
  out.push_back('\\');
  out.push_back(escapes[c]);
  if (escapes[c] != 'u') return;
  out.append("00");
  out.push_back(hex_digits[c >> 4]);
  out.push_back(hex_digits[c & 0x0F]);
}

template <class Number>
void append_number(std::string& out, Number v) {
  std::array<char, 32> digits{};
  auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v).ptr;
  out.append(digits.data(), end);
}

void append_all(std::string& out, const array& items) {
  out.push_back('[');
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.push_back(',');
    append(out, items[i]);
  }
  out.push_back(']');
}

void append_all(std::string& out, const object& members) {
  out.push_back('{');
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out.push_back(',');
    append(out, std::string_view(members[i].name));
    out.push_back(':');
    append(out, members[i].value);
  }
  out.push_back('}');
}

/// The position of the first byte from `at` on that may need an escape. Checks eight bytes at a
/// time.
std::size_t skip_plain(std::string_view v, std::size_t at) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  // Exact for the lowest byte that is zero.
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
  for (; std::endian::native == std::endian::little && at + 8 <= v.size(); at += 8) {
    std::uint64_t x = 0;
    std::memcpy(&x, v.data() + at, 8);
    // Below 0x20, a quotation mark, a backslash, or above 0x7F.
    const auto found = ((x - ones * 0x20) & ~x & highs) | has_zero(x ^ (ones * '"')) |
                       has_zero(x ^ (ones * '\\')) | (x & highs);
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  while (at < v.size() && escapes[static_cast<unsigned char>(v[at])] == 0) ++at;
  return at;
}

}  // namespace

void append(std::string& out, std::string_view v) {
  out.push_back('"');
  std::size_t copied = 0;
  std::size_t at = 0;
  while (at < v.size()) {
    at = skip_plain(v, at);
    if (at == v.size()) break;
    auto c = static_cast<unsigned char>(v[at]);
    const char need = escapes[c];
    if (need == 1) {
      // Valid UTF-8 that needs no escape is copied in one piece.
      std::size_t end = at + 1;
      while (end < v.size() && escapes[static_cast<unsigned char>(v[end])] == 1) ++end;
      std::size_t valid = text::utf8_prefix(v.substr(at, end - at));
      at += valid;
      if (at == end) continue;
      out.append(v, copied, at - copied);
      out.append("\xEF\xBF\xBD");
    } else {
      out.append(v, copied, at - copied);
      append_escape(out, c);
    }
    copied = ++at;
  }
  out.append(v, copied, v.size() - copied);
  out.push_back('"');
}

void append(std::string& out, bool v) {
  out.append(v ? "true" : "false");
}
void append(std::string& out, std::int64_t v) {
  append_number(out, v);
}
void append(std::string& out, std::uint64_t v) {
  append_number(out, v);
}

void append(std::string& out, double v) {
  if (std::isfinite(v)) {
    append_number(out, v);
  } else {
    out.append("null");
  }
}

void append(std::string& out, const uuid& v) {
  std::array<char, 38> text{};
  std::size_t at = 0;
  text[at++] = '"';
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    text[at++] = hex_digits[v.bytes[i] >> 4];
    text[at++] = hex_digits[v.bytes[i] & 0x0F];
  }
  text[at] = '"';
  out.append(text.data(), text.size());
}

void append(std::string& out, const timestamp& v) {
  out.push_back('"');
  out.append(v.str());
  out.push_back('"');
}

void append(std::string& out, const value& v) {
  switch (v.type()) {
    case kind::null:
      out.append("null");
      return;
    case kind::boolean:
      return append(out, *v.if_bool());
    case kind::integer:
      return append(out, *v.if_int64());
    case kind::big_integer:
      return append(out, *v.if_uint64());
    case kind::number:
      return append(out, *v.if_double());
    case kind::string:
      return append(out, std::string_view(*v.if_string()));
    case kind::array:
      return append_all(out, *v.if_array());
    case kind::object:
      return append_all(out, *v.if_object());
  }
}

namespace detail {

void write_members(std::string& out, std::span<const member_writer> members,
                   const void* const* from) {
  char separator = '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (members[i].omitted != nullptr && members[i].omitted(from[i])) continue;
    out.push_back(separator);
    separator = ',';
    out.append(members[i].key);
    members[i].write(out, from[i]);
  }
  if (separator == '{') out.push_back('{');
  out.push_back('}');
}

void write_items(std::string& out, const void* first, std::size_t count, std::size_t element_size,
                 writer write) {
  out.push_back('[');
  const auto* element = static_cast<const std::byte*>(first);
  for (std::size_t i = 0; i < count; ++i, element += element_size) {
    if (i > 0) out.push_back(',');
    write(out, element);
  }
  out.push_back(']');
}

template void write_as<bool>(std::string&, const void*);
template void write_as<std::int64_t>(std::string&, const void*);
template void write_as<int>(std::string&, const void*);
template void write_as<double>(std::string&, const void*);
template void write_as<std::string>(std::string&, const void*);
template void write_as<uuid>(std::string&, const void*);
template void write_as<timestamp>(std::string&, const void*);
template void write_as<money>(std::string&, const void*);
template void write_as<value>(std::string&, const void*);
template void write_as<std::optional<std::string>>(std::string&, const void*);
template void write_as<std::optional<std::int64_t>>(std::string&, const void*);
template void write_as<std::optional<timestamp>>(std::string&, const void*);
template void write_as<std::optional<money>>(std::string&, const void*);
template void write_as<nullable<std::string>>(std::string&, const void*);
template void write_as<std::vector<std::string>>(std::string&, const void*);
template void write_as<std::map<std::string, std::string>>(std::string&, const void*);
template void write_as<std::optional<std::map<std::string, std::string>>>(std::string&,
                                                                          const void*);

std::string& scratch() {
  constexpr std::size_t keep_max = 1 << 20;
  thread_local std::string buffer;
  // Releases the memory of a large document; the buffer lives as long as the thread.
  if (buffer.capacity() > keep_max) std::string().swap(buffer);
  buffer.clear();
  return buffer;
}

}  // namespace detail
}  // namespace stoa::json
