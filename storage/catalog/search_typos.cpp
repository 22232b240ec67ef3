#include "storage/catalog/search_typos.hpp"

#include "storage/db/columns.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace stoa::catalog {

namespace {

/// Of a shorter word too little is left beside a typo to tell what was meant.
constexpr std::size_t letters_min = 4;
constexpr std::size_t letters_max = 64;
constexpr float alike_min = 0.4F;
/// Words replaced in one search: each takes a look through the words of the store.
constexpr std::size_t replaced_max = 4;

// Both databases look at words that begin with the same letter: typos seldom stand there.
const db::sql sqlite_known{"search for word",
                           "SELECT 1 FROM products_fts WHERE products_fts MATCH $1 LIMIT 1"};
const db::sql sqlite_terms{"words of the store",
                           "SELECT term FROM products_vocab WHERE term>=$1 AND term<$2"};
// Counted, for with a LIMIT the planner would rather read the table from its start than the index.
const db::sql postgres_known{"search for word",
                             "SELECT 1 WHERE (SELECT count(*) FROM product_search"
                             " WHERE words @@ CAST($1 AS tsquery))>0"};
const db::sql postgres_alike{
    "words alike",
    "SELECT t.word FROM search_terms t WHERE t.word % $1 AND similarity(t.word,$1)>=0.4::real"
    " AND left(t.word,1)=left($1,1) AND EXISTS(SELECT 1 FROM product_search f"
    " WHERE f.words @@ t.word::tsquery)"
    " ORDER BY similarity(t.word,$1) DESC, t.word LIMIT 1"};

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// The word as the index has it; nothing for words that are not of Latin letters and digits.
std::optional<std::string> folded(std::string_view word) {
  std::string plain;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(word.data());
  auto left = static_cast<utf8proc_ssize_t>(word.size());
  while (left > 0) {
    utf8proc_int32_t code = 0;
    const auto length = utf8proc_iterate(at, left, &code);
    if (length <= 0) return std::nullopt;
    std::array<utf8proc_int32_t, 8> parts{};
    int boundary = 0;
    const auto count =
        utf8proc_decompose_char(code, parts.data(), parts.size(), UTF8PROC_DECOMPOSE, &boundary);
    if (count < 1 || count > static_cast<utf8proc_ssize_t>(parts.size())) return std::nullopt;
    const auto base = utf8proc_tolower(parts[0]);
    const bool mark = utf8proc_category(parts[0]) == UTF8PROC_CATEGORY_MN;
    if (!mark && (base >= 0x80 || !is_plain(static_cast<char>(base)))) return std::nullopt;
    if (!mark) plain += static_cast<char>(base);
    at += length;
    left -= length;
  }
  if (plain.size() < letters_min || plain.size() > letters_max) return std::nullopt;
  return plain;
}

std::vector<std::string> pieces(std::string_view word) {
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

bool is_known(db::connection& c, const std::string& word) {
  bool found = false;
  const bool postgres = c.dialect() == "postgres";
  c.query({postgres ? &postgres_known : &sqlite_known,
           db::params(postgres ? word + ":*" : "\"" + word + "\"*")},
          [&](db::row) { found = true; });
  return found;
}

std::optional<std::string> most_alike(db::connection& c, const std::string& word) {
  std::optional<std::string> best;
  if (c.dialect() == "postgres") {
    c.query({&postgres_alike, db::params(word)},
            [&](db::row r) { best = std::move(std::get<std::string>(r[0])); });
    return best;
  }
  const auto wanted = pieces(word);
  float most = 0;
  std::string next(1, static_cast<char>(word[0] + 1));
  c.query({&sqlite_terms, db::params(word.substr(0, 1), next)}, [&](db::row r) {
    auto& term = std::get<std::string>(r[0]);
    const bool plain = term.size() >= letters_min && term.size() <= letters_max &&
                       std::all_of(term.begin(), term.end(), is_plain);
    if (!plain) return;
    const float alike = similarity_of(wanted, pieces(term));
    // The terms come in order: of two that are equally like it the first is taken.
    if (alike < alike_min || alike <= most) return;
    most = alike;
    best = std::move(term);
  });
  return best;
}

}  // namespace

float similarity(std::string_view a, std::string_view b) {
  return similarity_of(pieces(a), pieces(b));
}

std::optional<std::string> corrected_expression(db::connection& c, const std::string& expression) {
  std::string corrected;
  std::size_t replaced = 0;
  // A word in an expression holds no space and no quotation mark: "blue" "cup"*
  for (std::size_t from = 0; from < expression.size();) {
    const auto to = std::min(expression.find(' ', from), expression.size());
    const auto part = expression.substr(from, to - from);
    from = to + 1;
    const auto closing = part.rfind('"');
    auto word = folded(std::string_view(part).substr(1, closing - 1));
    std::optional<std::string> better;
    if (word && replaced < replaced_max && !is_known(c, *word)) better = most_alike(c, *word);
    if (better) ++replaced;
    if (!corrected.empty()) corrected += ' ';
    corrected += better ? "\"" + *better + part.substr(closing) : part;
  }
  if (replaced == 0) return std::nullopt;
  return corrected;
}

}  // namespace stoa::catalog
