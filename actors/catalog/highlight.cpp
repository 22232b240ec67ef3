#include "actors/catalog/highlight.hpp"

#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

/// Only the beginning of longer texts is looked through.
constexpr std::size_t highlighted_bytes_max = 32 * 1024;
/// Words before the first match.
constexpr std::size_t lead_words = 5;

struct text_token {
  std::string_view before;  ///< white space
  std::string_view word;
  bool matches = false;
};

constexpr std::string_view white_space = " \t\r\n";

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> list;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    list.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

bool matches_term(const search_term& term, const std::vector<std::string_view>& found) {
  const auto has = [&](const std::string& word, bool prefix) {
    return std::ranges::any_of(found,
                               [&](auto f) { return prefix ? f.starts_with(word) : f == word; });
  };
  for (std::size_t i = 0; i < term.words.size(); ++i) {
    if (!has(term.words[i], term.prefix && i + 1 == term.words.size())) return false;
  }
  return true;
}

/// Whether the word of the text is one of those searched for, or one of a phrase.
bool matches_any(std::string_view word, const std::vector<search_word>& words) {
  const auto indexed = index_words(word);
  const auto found = split_words(indexed);
  if (found.empty()) return false;
  for (const auto& w : words) {
    for (const auto& term : w.any_of) {
      if (matches_term(term, found)) return true;
      const bool is_part = term.words.size() > 1 && found.size() == 1 &&
                           std::ranges::find(term.words, found[0]) != term.words.end();
      if (is_part) return true;
    }
  }
  return false;
}

std::vector<text_token> tokens_of(std::string_view text, const std::vector<search_word>& words) {
  std::vector<text_token> tokens;
  while (!text.empty()) {
    text_token t;
    const auto start = std::min(text.find_first_not_of(white_space), text.size());
    t.before = text.substr(0, start);
    text.remove_prefix(start);
    const auto end = std::min(text.find_first_of(white_space), text.size());
    t.word = text.substr(0, end);
    text.remove_prefix(end);
    if (t.word.empty()) break;
    t.matches = matches_any(t.word, words);
    tokens.push_back(t);
  }
  return tokens;
}

void append_html(std::string& to, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        to += "&amp;";
        break;
      case '<':
        to += "&lt;";
        break;
      case '>':
        to += "&gt;";
        break;
      case '"':
        to += "&quot;";
        break;
      default:
        to += c;
    }
  }
}

}  // namespace

std::optional<std::string> highlighted(std::string_view text, const std::vector<search_word>& words,
                                       std::size_t bytes_max) {
  const bool is_cut = text.size() > highlighted_bytes_max;
  if (is_cut) {
    text = text.substr(0, text::utf8_prefix(text.substr(0, highlighted_bytes_max)));
  }
  const auto tokens = tokens_of(text, words);
  const auto first = std::ranges::find_if(tokens, &text_token::matches);
  if (first == tokens.end()) return std::nullopt;
  const bool whole = text.size() <= bytes_max && !is_cut;
  auto at = tokens.begin();
  if (!whole && first - tokens.begin() > static_cast<std::ptrdiff_t>(lead_words)) {
    at = first - static_cast<std::ptrdiff_t>(lead_words);
  }
  std::string html = at == tokens.begin() ? "" : "… ";
  std::size_t shown = 0;
  bool is_first = true;
  for (; at != tokens.end(); ++at) {
    // The first match is shown, however long it is.
    if (!whole && at > first && shown + at->word.size() > bytes_max) {
      html += " …";
      break;
    }
    if (!is_first) html += ' ';
    is_first = false;
    if (at->matches) html += "<em>";
    append_html(html, at->word);
    if (at->matches) html += "</em>";
    shown += at->word.size() + 1;
  }
  return html;
}

}  // namespace stoa::catalog
