#include "net/product_csv/csv_cells.hpp"

#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <array>

namespace stoa::product_csv {

namespace {

/// With what a formula begins (OWASP, CSV injection): = + - @, tab and line breaks, and the
/// full-width forms that Japanese spreadsheets accept.
constexpr std::array<std::string_view, 11> formula_starts{
    "=",           "+", "-", "@", "\t", "\r", "\n", "\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D",
    "\xEF\xBC\xA0"};

bool starts_formula(std::string_view text) {
  return std::ranges::any_of(formula_starts,
                             [&](std::string_view start) { return text.starts_with(start); });
}

/// Whether the text is a formula behind any number of apostrophes.
bool hides_formula(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of('\''), text.size());
  return starts_formula(text.substr(begin));
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

std::string safe_cell(std::string_view text) {
  return (hides_formula(text) ? "'" : "") + std::string(text);
}

std::string_view plain_cell(std::string_view cell) {
  return cell.starts_with('\'') && hides_formula(cell) ? cell.substr(1) : cell;
}

std::string join_list(const std::vector<std::string>& items) {
  std::string cell;
  for (const auto& item : items) {
    if (!cell.empty()) cell += ", ";
    for (std::size_t i = 0; i < item.size(); ++i) {
      const bool at_end = i == 0 || i + 1 == item.size();
      if (item[i] == ',' || item[i] == '\\' || (at_end && is_space(item[i]))) cell += '\\';
      cell += item[i];
    }
  }
  return cell;
}

std::vector<std::string> split_list(std::string_view cell) {
  std::vector<std::string> items;
  std::string item;
  std::size_t kept = 0;  // up to here white space belongs to the item
  const auto end_item = [&] {
    while (item.size() > kept && is_space(item.back())) item.pop_back();
    if (!item.empty()) items.push_back(std::move(item));
    item.clear();
    kept = 0;
  };
  for (std::size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] == ',') {
      end_item();
    } else if (cell[i] == '\\' && i + 1 < cell.size()) {
      item += cell[++i];
      kept = item.size();
    } else if (!is_space(cell[i]) || !item.empty()) {
      item += cell[i];
    }
  }
  end_item();
  return items;
}

std::string attribute_cell(const json::value& v) {
  if (const auto* text = v.if_string()) {
    const auto read = read_attribute(*text);
    const bool is_same = read.if_string() && *read.if_string() == *text;
    if (is_same && !shopify::trim(*text).empty()) return safe_cell(*text);
  }
  return json::write(v);
}

json::value read_attribute(std::string_view cell) {
  const auto text = shopify::trim(cell);
  if (text == "TRUE") return json::value(true);
  if (text == "FALSE") return json::value(false);
  if (!text.empty()) {
    if (auto parsed = json::parse(text)) return std::move(*parsed);
  }
  return json::value(std::string(cell));
}

}  // namespace stoa::product_csv
