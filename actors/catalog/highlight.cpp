#include "actors/catalog/highlight.hpp"

#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

/// Only the beginning of longer texts is looked through.
constexpr std::size_t highlighted_bytes_max = 32 * 1024;
/// Words before the first match, and their bytes.
constexpr std::ptrdiff_t lead_words = 5;
constexpr std::size_t lead_bytes = 80;

/// A part of the text that matches, or does not.
struct text_piece {
  std::string_view text;
  bool is_spaced = false;  ///< white space precedes it
  bool matches = false;
};

constexpr std::string_view white_space = " \t\r\n";
constexpr std::string_view punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

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

/// What the term is in a text without spaces, whose words are overlapping pairs of characters.
std::string run_of(const search_term& term) {
  std::string run;
  for (const auto& word : term.words) {
    if (run.empty()) {
      run = word;
      continue;
    }
    auto last = word.size();
    while (last > 0 && (static_cast<unsigned char>(word[last - 1]) & 0xC0) == 0x80) --last;
    run += word.substr(last == 0 ? 0 : last - 1);
  }
  return run;
}

/// Adds the parts of a text without spaces; false if it does not contain a term as it is written.
bool add_run(std::string_view core, bool is_spaced, const std::vector<search_word>& words,
             std::vector<text_piece>& to) {
  for (const auto& w : words) {
    for (const auto& term : w.any_of) {
      const auto run = run_of(term);
      auto at = run.empty() ? std::string_view::npos : core.find(run);
      if (at == std::string_view::npos) continue;
      for (; at != std::string_view::npos; at = core.find(run)) {
        if (at > 0) to.push_back({core.substr(0, at), is_spaced, false});
        to.push_back({core.substr(at, run.size()), is_spaced && at == 0, true});
        core.remove_prefix(at + run.size());
        is_spaced = false;
      }
      if (!core.empty()) to.push_back({core, false, false});
      return true;
    }
  }
  return false;
}

/// Adds a word of the text; punctuation around it does not match.
void add_pieces(std::string_view word, const std::vector<search_word>& words,
                std::vector<text_piece>& to) {
  const auto first = std::min(word.find_first_not_of(punctuation), word.size());
  const auto last = word.find_last_not_of(punctuation);
  const auto end = last == std::string_view::npos ? first : last + 1;
  const auto core = word.substr(first, end - first);
  if (!matches_any(core, words)) return to.push_back({word, true, false});
  if (first > 0) to.push_back({word.substr(0, first), true, false});
  const auto indexed = index_words(core);
  const bool is_run = indexed.find(' ') != std::string::npos &&
                      core.find_first_of(punctuation) == std::string_view::npos;
  if (!is_run || !add_run(core, first == 0, words, to)) to.push_back({core, first == 0, true});
  if (end < word.size()) to.push_back({word.substr(end), false, false});
}

std::vector<text_piece> pieces_of(std::string_view text, const std::vector<search_word>& words) {
  std::vector<text_piece> pieces;
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
    const auto end = std::min(text.find_first_of(white_space), text.size());
    if (end > 0) add_pieces(text.substr(0, end), words, pieces);
    text.remove_prefix(end);
  }
  return pieces;
}

std::string_view beginning_of(std::string_view text, std::size_t bytes) {
  return text.substr(0, text::utf8_prefix(text.substr(0, bytes)));
}

/// The last bytes, from the beginning of a character.
std::string_view end_of(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  text.remove_prefix(text.size() - bytes);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0) == 0x80) {
    text.remove_prefix(1);
  }
  return text;
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
      case soft_joint:  // between characters that only markup separates
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
  if (is_cut) text = beginning_of(text, highlighted_bytes_max);
  auto pieces = pieces_of(text, words);
  const auto first = std::ranges::find_if(pieces, &text_piece::matches);
  if (first == pieces.end()) return std::nullopt;
  const bool whole = text.size() <= bytes_max && !is_cut;
  auto at = pieces.begin();
  std::string html;
  if (!whole && first != at) {
    // A few words, and of a text without spaces a few characters.
    std::size_t lead = 0;
    for (at = first; at != pieces.begin() && first - at < lead_words; --at) {
      lead += (at - 1)->text.size();
      if (lead > lead_bytes) break;
    }
    if (at == first) {
      --at;
      at->text = end_of(at->text, lead_bytes);
    }
    if (at != pieces.begin() || at->text.data() != text.data()) html = "… ";
  }
  std::size_t shown = 0;
  const auto begin = at;
  for (; at != pieces.end(); ++at) {
    auto part = at->text;
    const bool is_last = !whole && at >= first && shown + part.size() > bytes_max;
    if (is_last) part = beginning_of(part, bytes_max > shown ? bytes_max - shown : 0);
    if (at != begin && at->is_spaced) html += ' ';
    if (at->matches && !part.empty()) html += "<em>";
    append_html(html, part);
    if (at->matches && !part.empty()) html += "</em>";
    if (is_last) {
      html += html.ends_with(' ') ? "…" : " …";
      break;
    }
    if (at >= first) shown += part.size() + 1;
  }
  return html;
}

}  // namespace stoa::catalog
