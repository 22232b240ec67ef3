#pragma once
// What customers write: notes on carts, on their lines and on orders, and properties of lines, such
// as the text of an engraving. Lines of one product with other properties are separate lines.

#include "storage/base/json.hpp"
#include "storage/base/problem.hpp"

#include <map>
#include <string>
#include <vector>

namespace stoa {

inline constexpr std::size_t line_properties_max = 20;          ///< of one line
inline constexpr std::size_t line_property_name_max = 100;      ///< characters
inline constexpr std::size_t line_property_value_max = 500;     ///< characters
inline constexpr std::size_t line_properties_bytes_max = 8192;  ///< total of names and values
inline constexpr std::size_t note_length_max = 1000;            ///< characters

/// Values by name. Both are single lines of text, and neither is empty.
using line_properties = std::map<std::string, std::string>;

/// For the rules of each struct with a field `properties`.
inline constexpr json::rule line_properties_rule{
    .field = "properties",
    .length_max = line_properties_max,
    .description =
        "What the customer wants for this line, such as the text of an engraving. Lines of a "
        "product with other properties are separate lines. At most 20, and 8192 bytes in "
        "total; a name has 1 to 100 characters, a value 1 to 500.",
    .example = R"({"Engraving":"For Ada"})",
    .key_form = json::format::line,
    .each_length_max = line_property_value_max};

/// For the rules of each struct with a field `note`.
inline constexpr json::rule note_rule{.field = "note",
                                      .length_max = note_length_max,
                                      .form = json::format::text,
                                      .description = "A text of the customer for the store."};

/// Adds what is wrong with names and values beyond line_properties_rule.
void check_properties(const line_properties& all, const std::string& pointer,
                      std::vector<field_error>& errors);

/// Without white space at the ends of names and values.
line_properties stored_properties(const line_properties& given);

/// The bytes of names and values.
std::size_t bytes_of(const line_properties& all);

/// Both notes, the own one first; the own one alone if they are equal or too long together.
std::optional<std::string> joined_notes(const std::optional<std::string>& own,
                                        const std::optional<std::string>& other);

}  // namespace stoa
