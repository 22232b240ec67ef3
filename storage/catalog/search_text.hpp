#pragma once
// Text for the full-text search: what is indexed, and the query made of what a visitor types.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::catalog {

inline constexpr std::size_t search_words_max = 16;
/// Bytes of a product's text that are indexed; words behind them are not found.
inline constexpr std::size_t search_text_max = 16 * 1024;

/// The text of an HTML fragment: tags, comments, scripts and styles become spaces, common character
/// references their characters. Text without markup comes back with its white space joined.
std::string plain_text(std::string_view html);

/// An FTS5 expression that asks for all words of the text, the last one as the beginning of a word.
/// Whatever the text, the expression is valid. Nothing when the text holds no word.
std::optional<std::string> match_expression(std::string_view text);

}  // namespace stoa::catalog
