#include "storage/catalog/search_text.hpp"

#include "storage/base/text.hpp"
#include "storage/catalog/html_references.hpp"
#include "storage/catalog/search_words.hpp"

#include <utf8proc.h>

#include <array>
#include <unordered_set>

namespace stoa::catalog {

namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool starts_with_name(std::string_view text, std::string_view name) {
  if (text.size() < name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lower(text[i]) != name[i]) return false;
  }
  return true;
}

/// The position after the first `end` (in lower case), starting at `from`; the text's end if there
/// is none.
std::size_t behind(std::string_view text, std::size_t from, std::string_view end) {
  for (std::size_t i = from; i + end.size() <= text.size(); ++i) {
    if (text[i] == end[0] && starts_with_name(text.substr(i), end)) return i + end.size();
  }
  return text.size();
}

bool begins_markup(std::string_view rest) {
  if (rest.size() < 2 || rest[0] != '<') return false;
  char next = lower(rest[1]);
  return next == '/' || next == '!' || next == '?' || (next >= 'a' && next <= 'z');
}

/// The position after the tag at the start of the text. A quoted attribute value may contain ">".
std::size_t tag_end(std::string_view rest) {
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '>') return i + 1;
    if (rest[i] != '=') continue;
    auto value = i + 1;
    while (value < rest.size() && is_space(rest[value])) ++value;
    if (value == rest.size() || (rest[value] != '"' && rest[value] != '\'')) continue;
    const auto quote = rest.find(rest[value], value + 1);
    if (quote != std::string_view::npos) i = quote;
  }
  return rest.size();
}

/// The length of the tag, comment, script or style element at the start of the text.
std::size_t markup_length(std::string_view rest) {
  if (rest.starts_with("<!--")) return behind(rest, 4, "-->");
  if (starts_with_name(rest, "<script")) return behind(rest, 7, "</script>");
  if (starts_with_name(rest, "<style")) return behind(rest, 6, "</style>");
  return tag_end(rest);
}

/// Whether the tag at the start of the text is an inline formatting tag.
bool is_inline(std::string_view rest) {
  static const std::unordered_set<std::string> names{
      "a",    "abbr", "b",   "bdi", "bdo",  "big",    "cite", "code",   "dfn",   "em",
      "font", "i",    "ins", "kbd", "mark", "q",      "s",    "samp",   "small", "span",
      "del",  "sub",  "sup", "tt",  "u",    "strike", "var",  "strong", "wbr"};
  constexpr std::size_t name_max = 8;
  std::string name;
  for (std::size_t i = rest.starts_with("</") ? 2 : 1; i < rest.size() && name.size() < name_max;
       ++i) {
    const char c = lower(rest[i]);
    if (c < 'a' || c > 'z') break;
    name += c;
  }
  return names.contains(name);
}

/// Appends a character; collapses white space to one space.
void add(std::string& out, std::string_view text) {
  if (text.size() == 1 && is_space(text[0])) {
    if (!out.empty() && out.back() == soft_joint) out.pop_back();
    if (!out.empty() && out.back() != ' ') out += ' ';
  } else {
    out += text;
  }
}

void add_joint(std::string& out) {
  if (!out.empty() && out.back() != ' ' && out.back() != soft_joint) out += soft_joint;
}

void add_code_point(std::string& out, char32_t code) {
  constexpr char32_t no_break_space = 0xA0;
  if (code < 0x80 || code == no_break_space) {
    const char c = code == no_break_space ? ' ' : static_cast<char>(code);
    return add(out, std::string_view(&c, 1));
  }
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

}  // namespace

std::string plain_text(std::string_view html) {
  std::string out;
  std::size_t i = 0;
  while (i < html.size() && out.size() < search_text_max) {
    const std::string_view rest = html.substr(i);
    if (begins_markup(rest)) {
      if (is_inline(rest)) {
        add_joint(out);
      } else {
        add(out, " ");
      }
      i += markup_length(rest);
      continue;
    }
    const auto reference = rest[0] == '&' ? read_reference(rest) : html_reference{};
    if (reference.length > 0) {
      add_code_point(out, reference.character);
      i += reference.length;
    } else {
      add(out, rest.substr(0, 1));
      ++i;
    }
  }
  out.resize(text::utf8_prefix(out));
  while (!out.empty() && (out.back() == ' ' || out.back() == soft_joint)) out.pop_back();
  return out;
}

}  // namespace stoa::catalog
