#include "net/shopify/file_columns.hpp"

#include "net/shopify/values.hpp"

#include <algorithm>
#include <array>

namespace stoa::shopify {

file_columns file_columns::all() {
  file_columns made;
  made.known_.set();
  return made;
}

void file_columns::add_extra(std::string name) {
  extras_.push_back(std::move(name));
}

bool file_columns::has_extra(std::string_view name) const {
  return std::any_of(extras_.begin(), extras_.end(),
                     [wanted = lower(name)](const std::string& e) { return lower(e) == wanted; });
}

std::size_t file_columns::options() const {
  constexpr std::array<column, 3> values{column::option1_value, column::option2_value,
                                         column::option3_value};
  return static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [this](column c) { return has(c); }));
}

std::vector<std::string> file_columns::updated() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < column_count; ++i) {
    if (known_.test(i) && i != static_cast<std::size_t>(column::handle)) {
      names.emplace_back(name_of(static_cast<column>(i)));
    }
  }
  names.insert(names.end(), extras_.begin(), extras_.end());
  return names;
}

std::vector<std::string> file_columns::kept() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < column_count; ++i) {
    if (!known_.test(i)) names.emplace_back(name_of(static_cast<column>(i)));
  }
  if (!has_extra(status_column)) names.emplace_back(status_column);
  return names;
}

}  // namespace stoa::shopify
