#pragma once
// The words of texts, as the full-text search compares them: the same for what is indexed and for
// what a visitor types, and the same for all databases, which only store and find them.
//
//   case       does not matter, nor do compatibility forms (NFKC_Casefold: ß and ss, ﬁ and fi)
//   marks      on Latin, Greek, Arabic and Hebrew letters do not matter, nor does the dieresis on
//              Cyrillic ones
//   letters    of Latin stand for their nearest ASCII letters: ł l, ø o, æ ae, đ d, ı i, þ th
//   compounds  as "t-shirt" or "men's" are found by their parts and written as one word
//   scripts    that are written without spaces (Chinese, Japanese, Thai, ...), and Korean, are cut
//              into overlapping pairs of characters: any part of a text finds it

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::catalog {

/// Raise it when the words of a text change: all products are indexed again.
inline constexpr int search_words_version = 1;

inline constexpr std::size_t search_words_max = 16;  ///< of a query; the others are ignored
/// Stands in a text between two characters that markup parts, and that are one word or two.
inline constexpr char soft_joint = '\x1f';

/// The words, with one space between them: letters, marks and digits.
std::string index_words(std::string_view text);

/// Words that follow each other; with `prefix` the last one is the beginning of a word.
struct search_term {
  std::vector<std::string> words;
  bool prefix = false;
  bool operator==(const search_term&) const = default;
};
/// A product matches when it has any of the terms.
struct search_word {
  std::vector<search_term> any_of;
  bool operator==(const search_word&) const = default;
};

/// What a search asks for: a product matches that has all words, the last one as a beginning.
/// Empty when the text holds no word.
std::vector<search_word> query_words(std::string_view text);

}  // namespace stoa::catalog
