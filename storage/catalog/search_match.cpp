#include "storage/catalog/search_match.hpp"

#include <algorithm>
#include <cstring>

namespace stoa::catalog {

namespace {

struct field_points {
  std::int64_t whole;
  std::int64_t beginning;
};
constexpr field_points in_name{8, 6};
constexpr field_points in_keywords{4, 3};
constexpr std::int64_t elsewhere = 1;
/// Bytes of a product's keywords that count in its rank.
constexpr std::size_t ranked_keywords = 1024;
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

enum class fit { none, beginning, whole };

/// How the words of the term, `text`, occur in the field, whose words are separated by a space.
fit fit_in(std::string_view field, std::string_view text, bool prefix) {
  auto best = fit::none;
  for (auto at = field.find(text); at != field.npos; at = field.find(text, at + 1)) {
    if (at > 0 && field[at - 1] != ' ') continue;
    const auto end = at + text.size();
    if (end == field.size() || field[end] == ' ') return fit::whole;
    if (prefix) best = fit::beginning;
  }
  return best;
}

std::int64_t points_in(std::string_view field, const std::vector<ranked_term>& any_of,
                       field_points points) {
  auto best = fit::none;
  for (const auto& term : any_of) {
    best = std::max(best, fit_in(field, term.text, term.prefix));
    if (best == fit::whole) return points.whole;
  }
  return best == fit::none ? 0 : points.beginning;
}

std::int64_t words_in(std::string_view text) {
  return text.empty() ? 0 : std::count(text.begin(), text.end(), ' ') + 1;
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

search_ranking::search_ranking(const std::vector<search_word>& words) {
  words_.reserve(words.size());
  for (const auto& word : words) {
    auto& terms = words_.emplace_back();
    for (const auto& term : word.any_of) {
      std::string text;
      for (const auto& w : term.words) text += (text.empty() ? "" : " ") + w;
      terms.push_back({std::move(text), term.prefix});
    }
  }
}

std::int64_t search_ranking::rank_of(std::string_view name, std::string_view keywords) const {
  keywords = keywords.substr(0, ranked_keywords);
  std::int64_t points = 0;
  std::int64_t named = 0;
  for (const auto& any_of : words_) {
    const auto by_name = points_in(name, any_of, in_name);
    if (by_name > 0) ++named;
    points += by_name > 0 ? by_name : std::max(points_in(keywords, any_of, in_keywords), elsewhere);
  }
  const auto length = std::max(words_in(name), named);
  const auto share = length == 0 ? 0 : named * (share_max - 1) / length;
  return points * share_max + share;
}

}  // namespace stoa::catalog
