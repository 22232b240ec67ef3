#include "net/http/field_list.hpp"

namespace stoa::http {

std::optional<std::string> joined_fields(const header_list& headers, std::string_view name) {
  std::optional<std::string> all;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!equals_ignoring_case(headers.name(i), name)) continue;
    if (all) {
      all->append(", ").append(headers.value(i));
    } else {
      all = std::string(headers.value(i));
    }
  }
  return all;
}

void add_vary(response& answer, std::string_view name) {
  for (auto& [field, value] : answer.headers) {
    if (!equals_ignoring_case(field, "Vary")) continue;
    value.append(", ").append(name);
    return;
  }
  answer.headers.emplace_back("Vary", name);
}

std::string_view trim_field(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split_list(std::string_view value, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    if (i < value.size()) {
      if (quoted && value[i] == '\\') {
        ++i;
        continue;
      }
      if (value[i] == '"') quoted = !quoted;
      if (quoted || value[i] != separator) continue;
    }
    if (const auto part = trim_field(value.substr(begin, i - begin)); !part.empty()) {
      parts.push_back(part);
    }
    begin = i + 1;
  }
  return parts;
}

}  // namespace stoa::http
