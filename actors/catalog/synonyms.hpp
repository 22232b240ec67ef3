#pragma once
// Synonyms in searches.

#include "storage/catalog/search_words.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::catalog {

/// The search words of a phrase, separated by spaces: the form in which phrases are compared.
std::string phrase_of(std::string_view text);

/// For each phrase of the groups those of the others that mean the same.
std::map<std::string, std::vector<std::string>> expansions_of(
    const std::vector<std::vector<std::string>>& groups);

/// The phrases of a query that may have synonyms: up to 4 consecutive words.
std::vector<std::string> phrases_in(const std::vector<search_word>& words);

/// Adds the synonyms as alternatives. A phrase of several words becomes one search word, which
/// products match that have these words next to each other, or a synonym.
void add_synonyms(std::vector<search_word>& words,
                  const std::map<std::string, std::vector<std::string>>& synonyms);

}  // namespace stoa::catalog
