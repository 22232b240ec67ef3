#pragma once
// Text extraction from HTML, for the full-text search.

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::catalog {

/// Maximum indexed bytes of a product's description; later words are not found.
inline constexpr std::size_t search_text_max = 16 * 1024;

/// The text of an HTML fragment: comments, scripts, styles and tags become spaces, character
/// references become characters. An inline formatting tag (such as <b>) between two characters
/// becomes a `soft_joint` (search_words.hpp). White space is collapsed, also in text without
/// markup.
std::string plain_text(std::string_view html);

}  // namespace stoa::catalog
