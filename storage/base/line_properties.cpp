#include "storage/base/line_properties.hpp"

#include "storage/base/blank.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/text.hpp"

namespace stoa {

void check_properties(const line_properties& all, const std::string& pointer,
                      std::vector<field_error>& errors) {
  for (const auto& [name, value] : all) {
    const auto at = json::detail::path(json::detail::path(), name).pointer();
    const auto length = text::code_points(name);
    const auto plain = text::without_white_ends(name);
    if (plain != name && all.contains(std::string(plain))) {
      errors.push_back({pointer + at, "duplicate", "Another property has this name."});
    } else if (length == 0 || plain.empty() || length > line_property_name_max) {
      errors.push_back(
          {pointer + at, "format",
           "A name must have 1 to " + std::to_string(line_property_name_max) + " characters."});
    } else if (value.empty() || text::is_blank(value) ||
               !json::has_form(value, json::format::line)) {
      errors.push_back({pointer + at, "format",
                        "A value must be one line with at least one visible character."});
    }
  }
  if (bytes_of(all) > line_properties_bytes_max) {
    errors.push_back({pointer, "too_long",
                      "Properties can have at most " + std::to_string(line_properties_bytes_max) +
                          " bytes in total."});
  }
}

line_properties stored_properties(const line_properties& given) {
  line_properties stored;
  for (const auto& [name, value] : given) {
    stored.emplace(text::without_white_ends(name), text::without_white_ends(value));
  }
  return stored;
}

std::size_t bytes_of(const line_properties& all) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : all) bytes += name.size() + value.size();
  return bytes;
}

std::optional<std::string> joined_notes(const std::optional<std::string>& own,
                                        const std::optional<std::string>& other) {
  if (!own) return other;
  if (!other || *own == *other) return own;
  auto both = *own + "\n" + *other;
  return text::code_points(both) <= note_length_max ? std::optional(std::move(both)) : own;
}

}  // namespace stoa
