#include "net/routes/language.hpp"

#include "net/http/field_list.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

constexpr std::size_t entries_max = 32;  // of the field, which are read

}  // namespace

void check_locale(const std::optional<std::string>& locale, std::vector<field_error>& errors) {
  if (locale && !text::canonical_language(*locale)) {
    errors.push_back({"/locale", "format", "This must be a language tag, such as \"de-AT\"."});
  }
}

std::optional<std::string> preferred_language(std::string_view accept_language) {
  std::optional<std::string> best;
  int best_weight = 0;
  auto entries = http::split_list(accept_language);
  entries.resize(std::min(entries.size(), entries_max));
  for (const auto entry : entries) {
    const auto parts = http::split_list(entry, ';');
    if (parts.empty() || parts.size() > 2) continue;
    const int weight =
        parts.size() == 1 ? http::full_weight : http::weight_of(parts[1]).value_or(0);
    if (weight <= best_weight) continue;
    if (auto tag = text::canonical_language(parts.front())) {
      best = std::move(tag);
      best_weight = weight;
    }
  }
  return best;
}

std::optional<std::string> preferred_language(const exchange& x) {
  const auto field = http::joined_fields(x.request->headers, "Accept-Language");
  return field ? preferred_language(*field) : std::nullopt;
}

std::optional<std::string> canonical_locale(const std::optional<std::string>& locale) {
  return locale ? text::canonical_language(*locale) : std::nullopt;
}

}  // namespace stoa::front
