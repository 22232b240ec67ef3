#pragma once
// The text of HTML, for the full-text search.

#include <cstddef>
#include <string>
#include <string_view>

namespace stoa::catalog {

/// Bytes of a product's description that are indexed; words behind them are not found.
inline constexpr std::size_t search_text_max = 16 * 1024;

/// The text of an HTML fragment: comments, scripts, styles and tags become spaces, character
/// references their characters. A tag that only formats what stands within a line (as <b>) becomes
/// a `soft_joint` (search_words.hpp) where it stands between two characters. Text without markup
/// comes back with its white space joined.
std::string plain_text(std::string_view html);

}  // namespace stoa::catalog
