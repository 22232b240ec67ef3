#include "storage/catalog/search_text.hpp"

#include "storage/base/text.hpp"

#include <utf8proc.h>

#include <array>
#include <utility>
#include <vector>

namespace stoa::catalog {

namespace {

constexpr std::size_t word_bytes_max = 64;

/// A prefix of one letter would match half of the store, and tell nothing.
constexpr std::size_t prefix_points_min = 2;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> references{{
    {"&amp;", "&"},
    {"&lt;", "<"},
    {"&gt;", ">"},
    {"&quot;", "\""},
    {"&#39;", "'"},
    {"&apos;", "'"},
    {"&nbsp;", " "},
}};

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

/// The place behind the first `end` (in lower case) from `from` on; the text's end when there is
/// none.
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

/// The length of the tag, comment, script or style sheet at the start of the text.
std::size_t markup_length(std::string_view rest) {
  if (rest.starts_with("<!--")) return behind(rest, 4, "-->");
  if (starts_with_name(rest, "<script")) return behind(rest, 7, "</script>");
  if (starts_with_name(rest, "<style")) return behind(rest, 6, "</style>");
  return behind(rest, 1, ">");
}

/// Adds a character, white space joined to one space between words.
void add(std::string& out, std::string_view text) {
  if (text.size() == 1 && is_space(text[0])) {
    if (!out.empty() && out.back() != ' ') out += ' ';
  } else {
    out += text;
  }
}

/// What the tokenizer takes for part of a word: letters, marks, numbers, private use.
bool is_word_part(utf8proc_int32_t code) {
  switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  auto flush = [&] {
    if (!word.empty() && word.size() <= word_bytes_max) words.push_back(word);
    word.clear();
  };
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0 && words.size() < search_words_max) {
    utf8proc_int32_t code = 0;
    auto length = utf8proc_iterate(at, left, &code);
    if (length <= 0) {  // not UTF-8: the byte stands between words
      flush();
      length = 1;
    } else if (is_word_part(code)) {
      word.append(reinterpret_cast<const char*>(at), static_cast<std::size_t>(length));
    } else {
      flush();
    }
    at += length;
    left -= length;
  }
  if (words.size() < search_words_max) flush();
  return words;
}

}  // namespace

std::string plain_text(std::string_view html) {
  std::string out;
  std::size_t i = 0;
  while (i < html.size() && out.size() < search_text_max) {
    std::string_view rest = html.substr(i);
    if (begins_markup(rest)) {
      i += markup_length(rest);
      add(out, " ");
      continue;
    }
    std::size_t length = 1;
    std::string_view becomes = rest.substr(0, 1);
    if (rest[0] == '&') {
      for (const auto& [name, character] : references) {
        if (!rest.starts_with(name)) continue;
        length = name.size();
        becomes = character;
      }
    }
    add(out, becomes);
    i += length;
  }
  out.resize(text::utf8_prefix(out));
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::optional<std::string> match_expression(std::string_view text) {
  auto words = words_of(text);
  if (words.empty()) return std::nullopt;
  // Quoted, a word is nothing but a word to FTS5, and it can hold no quotation mark.
  std::string expression;
  for (const auto& word : words) {
    if (!expression.empty()) expression += ' ';
    expression += '"' + word + '"';
  }
  if (text::code_points(words.back()) >= prefix_points_min) expression += '*';
  return expression;
}

}  // namespace stoa::catalog
