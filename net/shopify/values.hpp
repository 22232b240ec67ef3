#pragma once
// Parsers and formatters of the cell values in Shopify's product CSV.

#include "actors/catalog/import_messages.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

/// The reason for rejecting a cell's value; empty if it is accepted. Always a string literal.
using refusal = std::string_view;

/// Trims white space (text::without_white_ends).
std::string_view trim(std::string_view text);
/// Lowers ASCII letters.
std::string lower(std::string_view text);
/// Number of Unicode code points of valid UTF-8.
std::size_t code_points(std::string_view text);
/// At most `max` code points of the text, followed by "..." if it was longer.
std::string shortened(std::string_view text, std::size_t max);

/// Parses "12.99" to minor units of a currency with `exponent` decimals. Further decimals must be
/// zeros.
refusal parse_price(std::string_view text, int exponent, std::int64_t& minor_units);
/// The reverse: 1299 with 2 decimals is "12.99".
std::string format_price(std::int64_t minor_units, int exponent);
/// A whole number, optionally with a sign and, as spreadsheets write it, zero decimals.
refusal parse_integer(std::string_view text, std::int64_t& number);
/// A weight in grams; decimals are rounded to whole grams.
refusal parse_grams(std::string_view text, std::int64_t& grams);
/// true, false, yes, no, 1, 0, in any case.
refusal parse_bool(std::string_view text, bool& value);
/// active is visible; draft, archived and unlisted are not; in any case.
refusal parse_status(std::string_view text, bool& visible);
/// Whether the status is archived, in any case.
bool is_archived(std::string_view status);
/// Normalises a URL like browsers: "//host/path" becomes https, and characters not allowed by RFC
/// 3986, such as spaces, are percent-encoded.
std::string web_url(std::string_view text);
/// Checks that the catalogue accepts the URL (json::format::uri).
refusal check_url(std::string_view url);
/// Checks for a single line of at most `max` code points without control characters.
refusal check_line(std::string_view text, std::size_t max);
/// Whether it is a weight unit: empty, g, kg, lb, oz.
bool is_weight_unit(std::string_view text);
/// Whether a single-line cell preserves the text.
bool is_cell_line(std::string_view text, std::size_t max = catalog::name_length_max);
/// Removes control characters other than line breaks and tabs.
std::string without_control(std::string_view text);
/// "a, b, a" -> {"a", "b"}.
refusal parse_tags(std::string_view text, std::vector<std::string>& tags);

inline constexpr std::size_t name_length_max = catalog::name_length_max;
/// A category's path with all names escaped and separated.
inline constexpr std::size_t type_length_max =
    catalog::category_depth_max * (2 * catalog::name_length_max + 3);
inline constexpr std::int64_t grams_max = 1'000'000'000;
inline constexpr std::size_t alt_length_max = catalog::alt_text_length_max;
inline constexpr std::size_t tags_max = 250;

}  // namespace stoa::shopify
