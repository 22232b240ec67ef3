#include "net/shopify/file_columns.hpp"

#include "net/shopify/values.hpp"

#include <algorithm>

namespace stoa::shopify {

file_columns file_columns::all() {
  file_columns made;
  made.known_.set();
  for (auto own = static_cast<std::size_t>(column::attributes); own < column_count; ++own) {
    made.known_.reset(own);
  }
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
  std::size_t found = 0;
  for (std::size_t i = 0; i < options_max; ++i) found += has(option_value_column(i)) ? 1 : 0;
  return found;
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
    const auto which = static_cast<column>(i);
    if (!known_.test(i) && is_shopifys(which)) names.emplace_back(name_of(which));
  }
  if (!has_extra(status_column)) names.emplace_back(status_column);
  return names;
}

}  // namespace stoa::shopify
