#pragma once
// The parts of a text that match a search.

#include "storage/catalog/search_words.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::catalog {

/// The text as HTML with the matching words in <em>; of a text longer than `bytes_max` the part
/// around the first match. None if no word matches. Punctuation around a word is not marked.
std::optional<std::string> highlighted(std::string_view text, const std::vector<search_word>& words,
                                       std::size_t bytes_max);

}  // namespace stoa::catalog
