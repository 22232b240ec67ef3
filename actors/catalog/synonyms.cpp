#include "actors/catalog/synonyms.hpp"

#include <algorithm>
#include <set>

namespace stoa::catalog {

namespace {

constexpr std::size_t phrase_words_max = 4;

/// The words as they were written, without alternatives.
std::vector<std::string> plain_words(const std::vector<search_word>& words) {
  std::vector<std::string> plain;
  for (const auto& w : words) {
    const auto& written = w.any_of.front().words;
    plain.insert(plain.end(), written.begin(), written.end());
  }
  return plain;
}

std::string spaced(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& w : words) text += (text.empty() ? "" : " ") + w;
  return text;
}

search_term term_of_phrase(const std::string& phrase) {
  search_term term;
  for (std::size_t at = 0; at <= phrase.size();) {
    const auto end = std::min(phrase.find(' ', at), phrase.size());
    term.words.push_back(phrase.substr(at, end - at));
    at = end + 1;
  }
  return term;
}

}  // namespace

std::string phrase_of(std::string_view text) {
  return spaced(plain_words(query_words(text)));
}

std::map<std::string, std::vector<std::string>> expansions_of(
    const std::vector<std::vector<std::string>>& groups) {
  std::map<std::string, std::set<std::string>> all;
  for (const auto& group : groups) {
    std::set<std::string> phrases;
    for (const auto& text : group) phrases.insert(phrase_of(text));
    for (const auto& one : phrases) {
      for (const auto& other : phrases) {
        if (one != other) all[one].insert(other);
      }
    }
  }
  std::map<std::string, std::vector<std::string>> expansions;
  for (const auto& [phrase, others] : all) {
    expansions.emplace(phrase, std::vector<std::string>(others.begin(), others.end()));
  }
  return expansions;
}

std::vector<std::string> phrases_in(const std::vector<search_word>& words) {
  std::vector<std::string> phrases;
  for (std::size_t from = 0; from < words.size(); ++from) {
    std::vector<search_word> some;
    for (auto at = from; at < words.size() && some.size() < phrase_words_max; ++at) {
      some.push_back(words[at]);
      phrases.push_back(spaced(plain_words(some)));
    }
  }
  return phrases;
}

void add_synonyms(std::vector<search_word>& words,
                  const std::map<std::string, std::vector<std::string>>& synonyms) {
  if (synonyms.empty()) return;
  std::vector<search_word> made;
  for (std::size_t from = 0; from < words.size();) {
    // The longest phrase with synonyms.
    auto taken = std::min(phrase_words_max, words.size() - from);
    auto found = synonyms.end();
    for (; taken > 0; --taken) {
      const auto first = words.begin() + static_cast<std::ptrdiff_t>(from);
      const std::vector<search_word> some(first, first + static_cast<std::ptrdiff_t>(taken));
      found = synonyms.find(spaced(plain_words(some)));
      if (found != synonyms.end()) break;
    }
    if (taken == 0) {
      made.push_back(words[from++]);
      continue;
    }
    auto& word = made.emplace_back();
    if (taken == 1) {
      word = words[from];
    } else {
      word.any_of.push_back(term_of_phrase(found->first));
    }
    for (const auto& other : found->second) word.any_of.push_back(term_of_phrase(other));
    from += taken;
  }
  words = std::move(made);
}

}  // namespace stoa::catalog
