#include "storage/catalog/search_typos.hpp"

#include "storage/catalog/search_match.hpp"
#include "storage/db/columns.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

namespace stoa::catalog {

namespace {

/// Shorter words are too ambiguous to correct.
constexpr std::size_t letters_min = 4;
constexpr std::size_t letters_max = 64;
constexpr float similarity_min = 0.4F;
/// The most similar words that are looked up: words stay when their last product has changed.
constexpr std::size_t alike_max = 16;
/// Maximum corrections per search.
constexpr std::size_t corrections_max = 4;

// Both databases search words with common trigrams and the same first letter, which is rarely
// mistyped.
const db::sql sqlite_known{"search for word",
                           "SELECT 1 FROM products_fts WHERE products_fts MATCH $1 LIMIT 1"};
const db::sql sqlite_alike{"words alike",
                           "SELECT t.word FROM search_terms_alike a JOIN search_terms t"
                           " ON t.term_id=a.rowid WHERE search_terms_alike MATCH $1"};
// count(*), because with a LIMIT the planner would scan the table instead of the index.
const db::sql postgres_known{"search for word",
                             "SELECT 1 WHERE (SELECT count(*) FROM product_search"
                             " WHERE words @@ CAST($1 AS tsquery))>0"};
const db::sql postgres_similar{
    "words alike",
    "SELECT t.word FROM search_terms t WHERE t.word % $1 AND similarity(t.word,$1)>=0.4::real"
    " AND left(t.word,1)=left($1,1) AND t.word !~ '[0-9]' AND EXISTS(SELECT 1 FROM product_search f"
    " WHERE f.words @@ t.word::tsquery)"
    " ORDER BY similarity(t.word,$1) DESC, t.word LIMIT 1"};

bool is_plain(char c) {
  return c >= 'a' && c <= 'z';
}

/// The word, if it has only Latin letters and is long enough. A word with digits is a number or a
/// model, whose similar ones are others.
const std::string* correctable(const search_word& word) {
  const auto& words = word.any_of.front().words;
  if (words.size() != 1) return nullptr;
  const auto& w = words.front();
  const bool good = w.size() >= letters_min && w.size() <= letters_max &&
                    std::all_of(w.begin(), w.end(), is_plain);
  return good ? &w : nullptr;
}

std::vector<std::string> trigrams(std::string_view word) {
  const std::string padded = "  " + std::string(word) + " ";
  std::vector<std::string> list;
  for (std::size_t i = 0; i + 3 <= padded.size(); ++i) list.push_back(padded.substr(i, 3));
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

float similarity_of(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  const auto all = a.size() + b.size() - common.size();
  return static_cast<float>(common.size()) / static_cast<float>(all);
}

/// An FTS5 expression for words with a common trigram and the same first letter.
std::string trigram_expression(const std::string& word, const std::vector<std::string>& all) {
  std::string any;
  for (const auto& t : all) any += (any.empty() ? "\"" : " OR \"") + t + "\"";
  return "\"  " + word.substr(0, 1) + "\" AND (" + any + ")";
}

/// Whether a product matches the expression of the database.
bool has_word(db::connection& c, std::string expression) {
  bool found = false;
  c.query({c.dialect() == "postgres" ? &postgres_known : &sqlite_known,
           db::params(std::move(expression))},
          [&](db::row) { found = true; });
  return found;
}

/// Whether a product has one of the word's terms, or a word with such a prefix.
bool is_known(db::connection& c, const search_word& word) {
  search_word prefixes = word;
  for (auto& term : prefixes.any_of) term.prefix = true;
  return has_word(
      c, c.dialect() == "postgres" ? tsquery_text({prefixes}) : fts5_expression({prefixes}));
}

std::optional<std::string> most_similar(db::connection& c, const std::string& word) {
  std::optional<std::string> best;
  if (c.dialect() == "postgres") {
    c.query({&postgres_similar, db::params(word)},
            [&](db::row r) { best = std::move(std::get<std::string>(r[0])); });
    return best;
  }
  const auto target = trigrams(word);
  struct candidate {
    float score;
    std::string word;
  };
  std::vector<candidate> alike;
  c.query({&sqlite_alike, db::params(trigram_expression(word, target))}, [&](db::row r) {
    auto& term = std::get<std::string>(r[0]);
    if (term.size() > letters_max) return;
    const float score = similarity_of(target, trigrams(term));
    if (score >= similarity_min) alike.push_back({score, std::move(term)});
  });
  std::ranges::sort(alike, [](const candidate& a, const candidate& b) {
    return std::tie(b.score, a.word) < std::tie(a.score, b.word);
  });
  if (alike.size() > alike_max) alike.resize(alike_max);
  const auto used = std::ranges::find_if(alike, [&](const candidate& one) {
    return has_word(c, fts5_expression(search_term{{one.word}, false}));
  });
  if (used != alike.end()) best = std::move(used->word);
  return best;
}

}  // namespace

float similarity(std::string_view a, std::string_view b) {
  return similarity_of(trigrams(a), trigrams(b));
}

std::vector<correction> corrections_of(db::connection& c, const std::vector<search_word>& words) {
  std::vector<correction> found;
  for (std::size_t i = 0; i < words.size() && found.size() < corrections_max; ++i) {
    const auto* word = correctable(words[i]);
    if (word == nullptr || is_known(c, words[i])) continue;
    if (auto better = most_similar(c, *word)) found.push_back({i, std::move(*better)});
  }
  return found;
}

void correct(std::vector<search_word>& words, const std::vector<correction>& corrections) {
  for (const auto& c : corrections) {
    if (c.at >= words.size()) continue;
    words[c.at].any_of = {{{c.word}, words[c.at].any_of.front().prefix}};
  }
}

}  // namespace stoa::catalog
