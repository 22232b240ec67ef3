#pragma once
// Tokenisation for the full-text search. Indexed texts and queries, and all databases, use the same
// rules; databases only store and find the words.
//
//   case       ignored, like compatibility forms (NFKC_Casefold: ß and ss, ﬁ and fi)
//   marks      ignored on Latin, Greek, Arabic and Hebrew letters; on Cyrillic letters only
//              dieresis and stress marks
//   letters    Latin letters become the nearest ASCII letters: ł l, ø o, æ ae, đ d, ı i, þ th
//   compounds  such as "t-shirt" or "men's" match by their parts and as one word
//   scripts    without spaces (Chinese, Japanese, Thai, ...) and Korean are split into overlapping
//              pairs of characters, so that any part of a text matches

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::catalog {

/// Increment when the rules for words or facets change: all products are reindexed.
inline constexpr int search_words_version = 2;

inline constexpr std::size_t search_words_max = 16;  ///< of a query; the others are ignored
/// Separator for characters separated only by markup, which may be one word or two.
inline constexpr char soft_joint = '\x1f';

/// The words of letters, marks and digits, separated by one space.
std::string index_words(std::string_view text);

/// Consecutive words; with `prefix` the last one is a prefix of a word.
struct search_term {
  std::vector<std::string> words;
  bool prefix = false;
  bool operator==(const search_term&) const = default;
};
/// Alternatives: a product matches if it has any of the terms.
struct search_word {
  std::vector<search_term> any_of;
  bool operator==(const search_word&) const = default;
};

/// Parses a query: a product matches if it has all words, the last one as a prefix. Empty if the
/// text contains no word.
std::vector<search_word> query_words(std::string_view text);

}  // namespace stoa::catalog
