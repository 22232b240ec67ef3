#include "actors/catalog/specifications.hpp"

#include "actors/catalog/attribute_merge.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace stoa::catalog {

namespace {

constexpr std::size_t text_bytes_max = 4096;

bool is_key(std::string_view key) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !key.empty() && is_letter(key.front()) && std::ranges::all_of(key, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Members of attributes with another meaning.
bool is_taken(std::string_view key) {
  constexpr std::string_view taken[] = {"vendor",  "tags",      "type",         "columns",
                                        "variant", "published", "draft_reason", "sku"};
  return std::ranges::find(taken, key) != std::end(taken);
}

/// YYYY-MM-DD of the Gregorian calendar.
bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  const std::chrono::year_month_day day{
      std::chrono::year{std::stoi(text.substr(0, 4))},
      std::chrono::month(static_cast<unsigned>(std::stoi(text.substr(5, 2)))),
      std::chrono::day(static_cast<unsigned>(std::stoi(text.substr(8, 2))))};
  return day.ok();
}

/// Why the value does not have the declared type; empty if it has.
std::string fault_of(const attribute_definition& a, const json::value& v) {
  const auto* text = v.if_string();
  if (text && text->size() > text_bytes_max) {
    return "This must have at most " + std::to_string(text_bytes_max) + " bytes.";
  }
  switch (a.type) {
    case attribute_type::text:
      return text ? "" : "This must be a text.";
    case attribute_type::number:
      return v.if_int64() || v.if_uint64() || v.if_double() ? "" : "This must be a number.";
    case attribute_type::boolean:
      return v.if_bool() ? "" : "This must be true or false.";
    case attribute_type::date:
      return text && is_date(*text) ? "" : "This must be a date: YYYY-MM-DD.";
    case attribute_type::choice:
      return text && std::ranges::find(a.choices, *text) != a.choices.end()
                 ? ""
                 : "This must be one of the choices of the product type.";
    case attribute_type::url:
      return text && json::has_form(*text, json::format::uri) ? "" : "This must be a URL.";
  }
  return "Unknown type.";
}

}  // namespace

std::optional<problem> check_definitions(const std::vector<attribute_definition>& all) {
  std::set<std::string_view> keys;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& a = all[i];
    const auto at = "/attributes/" + std::to_string(i);
    if (!is_key(a.key)) {
      return invalid_field(at + "/key", "format",
                           "A key has lower-case letters, digits and _, and begins with a letter.");
    }
    if (is_taken(a.key)) {
      return invalid_field(at + "/key", "reserved", "This attribute has another meaning.");
    }
    if (!keys.insert(a.key).second) {
      return invalid_field(at + "/key", "duplicate", "Another attribute has this key.");
    }
    if ((a.type == attribute_type::choice) != !a.choices.empty()) {
      return invalid_field(at + "/choices", "choices",
                           "The type choice, and no other, has a list of choices.");
    }
    const std::set<std::string_view> different(a.choices.begin(), a.choices.end());
    if (different.size() != a.choices.size()) {
      return invalid_field(at + "/choices", "duplicate", "A choice is listed twice.");
    }
    if (a.unit && a.type != attribute_type::number) {
      return invalid_field(at + "/unit", "not_a_number", "Only numbers have a unit.");
    }
  }
  return std::nullopt;
}

std::optional<problem> check_attributes(const std::vector<attribute_definition>& all,
                                        const std::string& attributes, bool complete) {
  const auto object = object_of(attributes);
  for (const auto& a : all) {
    const auto* v = object.find(a.key);
    if (!v && a.required && complete) {
      return invalid_field("/attributes/" + a.key, "required",
                           "An active product of this type must have it.");
    }
    if (!v) continue;
    if (auto why = fault_of(a, *v); !why.empty()) {
      return invalid_field("/attributes/" + a.key, "type", why);
    }
  }
  return std::nullopt;
}

std::vector<specification> specifications_of(const std::vector<attribute_definition>& all,
                                             const std::string& attributes) {
  std::vector<specification> found;
  const auto object = object_of(attributes);
  for (const auto& a : all) {
    const auto* v = object.find(a.key);
    if (!v || !fault_of(a, *v).empty()) continue;
    found.push_back({a.key, a.name, json::raw{json::write(*v)}, a.unit});
  }
  return found;
}

std::string shown_value(const specification& one) {
  const auto parsed = json::parse(one.value.text);
  if (!parsed) return one.value.text;
  if (const auto* text = parsed->if_string()) return *text;
  if (const auto* flag = parsed->if_bool()) return *flag ? "yes" : "no";
  return one.value.text + (one.unit ? " " + *one.unit : "");
}

}  // namespace stoa::catalog
