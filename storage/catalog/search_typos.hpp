#pragma once
// Mistyped words of a search.

#include "storage/base/describe.hpp"
#include "storage/catalog/search_words.hpp"
#include "storage/db/connection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stoa::catalog {

/// How alike two words of ASCII letters and digits are, 0 to 1: the share of three-letter pieces
/// that they have in common, as PostgreSQL's pg_trgm counts it.
float similarity(std::string_view a, std::string_view b);

/// What one word of a search is taken for.
struct correction {
  std::size_t at = 0;  ///< which word
  std::string word;
  bool operator==(const correction&) const = default;
};
BOOST_DESCRIBE_STRUCT(correction, (), (at, word))

/// For a search that found nothing: the words that no product has, not even as a beginning, each
/// with the one most like it that some product has. Empty when no word can be replaced.
std::vector<correction> corrections_of(db::connection& c, const std::vector<search_word>& words);

/// Replaces the words; what points behind them is ignored.
void correct(std::vector<search_word>& words, const std::vector<correction>& corrections);

}  // namespace stoa::catalog
