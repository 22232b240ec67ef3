#include "net/http/field_list.hpp"

#include "storage/base/text.hpp"

#include <algorithm>

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

std::optional<int> weight_of(std::string_view parameter) {
  if (!equals_ignoring_case(parameter.substr(0, 2), "q=")) return std::nullopt;
  const auto text = parameter.substr(2);
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = text[0] == '1' ? full_weight : 0;
  int unit = full_weight / 10;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9') return std::nullopt;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  if (weight > full_weight) return std::nullopt;
  return weight;
}

bool has_field(const response& answer, std::string_view name) {
  return std::any_of(answer.headers.begin(), answer.headers.end(),
                     [&](const auto& f) { return equals_ignoring_case(f.first, name); });
}

void add_vary(response& answer, std::string_view name) {
  for (auto& [field, value] : answer.headers) {
    if (!equals_ignoring_case(field, "Vary")) continue;
    value.append(", ").append(name);
    return;
  }
  answer.headers.emplace_back("Vary", name);
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
    if (const auto part = text::trim_blanks(value.substr(begin, i - begin)); !part.empty()) {
      parts.push_back(part);
    }
    begin = i + 1;
  }
  return parts;
}

}  // namespace stoa::http
