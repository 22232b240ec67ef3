#pragma once
// Spelling correction of search words.

#include "storage/base/describe.hpp"
#include "storage/catalog/search_words.hpp"
#include "storage/db/connection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stoa::catalog {

/// The trigram similarity of two words of ASCII letters and digits, 0 to 1, as in PostgreSQL's
/// pg_trgm.
float similarity(std::string_view a, std::string_view b);

/// The correction of a search word.
struct correction {
  std::size_t at = 0;  ///< index of the word
  std::string word;
  bool operator==(const correction&) const = default;
};
BOOST_DESCRIBE_STRUCT(correction, (), (at, word))

/// For a search without matches: the words that no product has, not even as a prefix, each with the
/// most similar word of a product. Empty if no word can be corrected.
std::vector<correction> corrections_of(db::connection& c, const std::vector<search_word>& words);

/// Replaces the words; corrections with an invalid index are ignored.
void correct(std::vector<search_word>& words, const std::vector<correction>& corrections);

}  // namespace stoa::catalog
