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

/// A term of a search, with its words separated by spaces.
struct ranked_term {
  std::string text;
  bool prefix = false;
};

/// The ranks of the products that match a search.
class search_ranking {
 public:
  explicit search_ranking(const std::vector<search_word>& words);

  /// Higher is better. It depends only on the search and the product's words, which are separated
  /// by a space, so that changes of other products do not move it in a list. Names count most, then
  /// keywords, then the description; whole words more than prefixes; a name with few other words
  /// more than a long one.
  std::int64_t rank_of(std::string_view name, std::string_view keywords) const;

 private:
  std::vector<std::vector<ranked_term>> words_;  ///< of each word the alternatives
};

}  // namespace stoa::catalog
