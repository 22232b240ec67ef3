#pragma once
// Search expressions of each database, and the rank of a product.

#include "storage/catalog/search_words.hpp"

#include <cstdint>

namespace stoa::catalog {

/// An expression of SQLite's FTS5. Words contain only letters, marks and digits, so no escaping is
/// needed.
std::string fts5_expression(const std::vector<search_word>& words);
std::string fts5_expression(const search_term& term);
/// The text of a PostgreSQL tsquery.
std::string tsquery_text(const std::vector<search_word>& words);
std::string tsquery_text(const search_term& term);

/// The rank of a matching product; higher is better. It depends only on the search and the
/// product's words, so that changes of other products do not move it in a list. Names count most,
/// then keywords, then the description; whole words more than prefixes; a name with few other words
/// more than a long one.
std::int64_t search_rank(const std::vector<search_word>& words, std::string_view name_words,
                         std::string_view keyword_words);

}  // namespace stoa::catalog
