#pragma once
// What a search asks for, in the words of each database, and how well a product fits it.

#include "storage/catalog/search_words.hpp"

#include <cstdint>

namespace stoa::catalog {

/// An expression of SQLite's FTS5. Words hold letters, marks and digits alone, so that nothing in
/// them means anything else.
std::string fts5_expression(const std::vector<search_word>& words);
std::string fts5_expression(const search_term& term);
/// The text of a PostgreSQL tsquery.
std::string tsquery_text(const std::vector<search_word>& words);
std::string tsquery_text(const search_term& term);

/// How well a product fits a search that it matches; more is better. It follows from the search and
/// from this product's own words alone, so that no other product's change moves it in a list.
/// Names count most, then keywords, then the description; whole words more than beginnings; a name
/// of few other words more than a long one.
std::int64_t search_rank(const std::vector<search_word>& words, std::string_view name_words,
                         std::string_view keyword_words);

}  // namespace stoa::catalog
