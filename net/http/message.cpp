#include "net/http/message.hpp"

#include <algorithm>
#include <array>

namespace stoa::http {

namespace {

constexpr std::array<std::pair<method, std::string_view>, 7> method_names{{
    {method::get, "GET"},
    {method::head, "HEAD"},
    {method::post, "POST"},
    {method::put, "PUT"},
    {method::patch, "PATCH"},
    {method::del, "DELETE"},
    {method::options, "OPTIONS"},
}};

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

std::string_view to_string(method m) {
  for (const auto& [value, name] : method_names) {
    if (value == m) return name;
  }
  return "?";
}

std::optional<method> parse_method(std::string_view name) {
  for (const auto& [value, text] : method_names) {
    if (text == name) return value;
  }
  return std::nullopt;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

void header_list::reserve(std::size_t bytes, std::size_t fields) {
  text_.reserve(bytes);
  fields_.reserve(fields);
}

void header_list::add(std::string_view name, std::string_view value) {
  const auto begin = static_cast<std::uint32_t>(text_.size());
  text_.append(name);
  const auto middle = static_cast<std::uint32_t>(text_.size());
  text_.append(value);
  fields_.push_back({begin, middle, static_cast<std::uint32_t>(text_.size())});
}

std::string_view header_list::name(std::size_t index) const {
  const field& f = fields_.at(index);
  return std::string_view(text_).substr(f.name_begin, f.value_begin - f.name_begin);
}

std::string_view header_list::value(std::size_t index) const {
  const field& f = fields_.at(index);
  return std::string_view(text_).substr(f.value_begin, f.value_end - f.value_begin);
}

std::optional<std::string_view> header_list::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (equals_ignoring_case(this->name(i), name)) return value(i);
  }
  return std::nullopt;
}

std::size_t header_list::count(std::string_view name) const {
  std::size_t found = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (equals_ignoring_case(this->name(i), name)) ++found;
  }
  return found;
}

}  // namespace stoa::http
