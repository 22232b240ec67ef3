#pragma once
// The cells of Stoa's product CSV: how values are written so that a spreadsheet shows them, runs
// none of them as a formula, and an import reads the same values.

#include "net/shopify/values.hpp"
#include "storage/base/json_value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::product_csv {

/// A cell that a spreadsheet would run as a formula gets an apostrophe in front; so does one that
/// begins with apostrophes before such a text, which keeps plain_cell exact.
std::string safe_cell(std::string_view text);
/// The reverse.
std::string_view plain_cell(std::string_view cell);

/// "a, b": a comma or backslash within an item has a backslash in front, and so has white space at
/// its ends.
std::string join_list(const std::vector<std::string>& items);
/// The reverse; empty items are left out.
std::vector<std::string> split_list(std::string_view cell);

/// A JSON value other than a text is written as JSON; so is a text that would be read as another
/// value, such as "5", "true" or "". Numbers need no apostrophe.
std::string attribute_cell(const json::value& v);
/// The reverse. TRUE and FALSE, as spreadsheets write them, are booleans.
json::value read_attribute(std::string_view cell);

}  // namespace stoa::product_csv
