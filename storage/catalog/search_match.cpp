#include "storage/catalog/search_match.hpp"

#include <algorithm>
#include <cstring>

namespace stoa::catalog {

namespace {

using words_view = std::vector<std::string_view>;

struct field_points {
  std::int64_t whole;
  std::int64_t beginning;
};
constexpr field_points in_name{8, 6};
constexpr field_points in_keywords{4, 3};
constexpr std::int64_t elsewhere = 1;
/// The share of the name covered by the search breaks ties.
constexpr std::int64_t share_max = 100;

template <class Term>
std::string all_of(const std::vector<search_word>& words, std::string_view conjunction,
                   std::string_view disjunction, Term write) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += conjunction;
    text += '(';
    for (std::size_t i = 0; i < word.any_of.size(); ++i) {
      if (i > 0) text += disjunction;
      text += write(word.any_of[i]);
    }
    text += ')';
  }
  return text;
}

words_view split(std::string_view text) {
  words_view words;
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

enum class fit { none, beginning, whole };

fit fit_at(const search_term& term, words_view::const_iterator at, words_view::const_iterator end) {
  const auto count = static_cast<std::ptrdiff_t>(term.words.size());
  if (end - at < count) return fit::none;
  for (std::ptrdiff_t i = 0; i + 1 < count; ++i) {
    if (at[i] != term.words[static_cast<std::size_t>(i)]) return fit::none;
  }
  const auto& last = term.words.back();
  if (at[count - 1] == last) return fit::whole;
  return term.prefix && at[count - 1].starts_with(last) ? fit::beginning : fit::none;
}

std::int64_t points_in(const search_word& word, const words_view& field, field_points points) {
  auto best = fit::none;
  for (const auto& term : word.any_of) {
    for (auto at = field.begin(); at != field.end() && best != fit::whole; ++at) {
      best = std::max(best, fit_at(term, at, field.end()));
    }
  }
  if (best == fit::none) return 0;
  return best == fit::whole ? points.whole : points.beginning;
}

}  // namespace

std::string fts5_expression(const search_term& term) {
  std::string text = "\"";
  for (const auto& w : term.words) text += (text.size() > 1 ? " " : "") + w;
  return text + (term.prefix ? "\"*" : "\"");
}

std::string tsquery_text(const search_term& term) {
  std::string text;
  for (const auto& w : term.words) text += (text.empty() ? "'" : "<->'") + w + "'";
  return "(" + text + (term.prefix ? ":*)" : ")");
}

std::string fts5_expression(const std::vector<search_word>& words) {
  return all_of(words, " AND ", " OR ", [](const search_term& t) { return fts5_expression(t); });
}

std::string tsquery_text(const std::vector<search_word>& words) {
  return all_of(words, "&", "|", [](const search_term& t) { return tsquery_text(t); });
}

std::int64_t search_rank(const std::vector<search_word>& words, std::string_view name_words,
                         std::string_view keyword_words) {
  const auto name = split(name_words);
  const auto keywords = split(keyword_words);
  std::int64_t points = 0;
  std::int64_t named = 0;
  for (const auto& word : words) {
    const auto by_name = points_in(word, name, in_name);
    if (by_name > 0) ++named;
    points += by_name > 0 ? by_name : std::max(points_in(word, keywords, in_keywords), elsewhere);
  }
  const auto length = std::max(static_cast<std::int64_t>(name.size()), named);
  const auto share = length == 0 ? 0 : named * (share_max - 1) / length;
  return points * share_max + share;
}

}  // namespace stoa::catalog
