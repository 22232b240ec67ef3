#include "storage/base/json_schema.hpp"

#include "storage/base/blank.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/json_write.hpp"

#include <boost/core/demangle.hpp>

#include <algorithm>

namespace stoa::json {

namespace detail {

namespace {

std::string in_quotes(std::string_view text) {
  return write(text);
}

/// Adds the keyword if it is missing.
void add(keywords& words, std::string_view keyword, std::string text) {
  for (const auto& [name, value] : words) {
    if (name == keyword) return;
  }
  words.emplace_back(keyword, std::move(text));
}

/// Adds the keyword or replaces its value.
void set(keywords& words, std::string_view keyword, std::string text) {
  for (auto& [name, value] : words) {
    if (name == keyword) {
      value = std::move(text);
      return;
    }
  }
  words.emplace_back(keyword, std::move(text));
}

bool has(const keywords& words, std::string_view keyword, std::string_view text) {
  for (const auto& [name, value] : words) {
    if (name == keyword) return value == text;
  }
  return false;
}

using ranges = std::vector<text::code_range>;

/// A character class of a regular expression, limited to the Basic Multilingual Plane, because
/// engines have no common notation for the other planes.
std::string characters(const ranges& of) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  auto escape = [&](char32_t code) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) out.push_back(digits[(code >> shift) & 0xF]);
  };
  for (const auto& range : of) {
    escape(range.first);
    if (range.last == range.first) continue;
    out.push_back('-');
    escape(range.last);
  }
  return out;
}

bool contains(const ranges& set, char32_t code) {
  return std::any_of(set.begin(), set.end(),
                     [&](const auto& r) { return code >= r.first && code <= r.last; });
}

/// The invisible characters of the Basic Multilingual Plane, without the forbidden ones.
std::string blank_but(const ranges& forbidden) {
  ranges out;
  for (const auto& range : text::blank_ranges) {
    for (char32_t code = range.first; code <= range.last && code <= 0xFFFF; ++code) {
      if (contains(forbidden, code)) continue;
      if (out.empty() || out.back().last + 1 != code) out.push_back({code, code});
      out.back().last = code;
    }
  }
  return characters(out);
}

/// The condition of has_form as a regular expression that every engine matches in linear time.
std::string text_pattern(format form) {
  const ranges lines{{0x00, 0x1F}, {0x7F, 0x9F}, {0x2028, 0x2029}};
  const ranges controls{{0x00, 0x08}, {0x0B, 0x0C}, {0x0E, 0x1F}, {0x7F, 0x9F}};
  // The characters not allowed in new passwords that other software may insert.
  const ranges hidden{{0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},
                      {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E},
                      {0x2060, 0x206F}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}};
  if (form == format::password) return "^[^" + characters(hidden) + "]*$";
  const ranges& forbidden = form == format::text ? controls : lines;
  std::string no = characters(forbidden);
  std::string blank = blank_but(forbidden);
  std::string visible = "[^" + no + blank + "]";
  return "^([" + blank + "]*" + visible + "[^" + no + "]*)?$";
}

void add_form(keywords& words, format form) {
  switch (form) {
    case format::email:
      add(words, "format", "\"email\"");
      add(words, "maxLength", "254");
      return;
    case format::uri:
      add(words, "format", "\"uri\"");
      add(words, "maxLength", "2048");
      return;
    case format::country:
      add(words, "pattern", "\"^[A-Z][A-Z]$\"");
      return;
    case format::currency:
      add(words, "pattern", "\"^[A-Z][A-Z][A-Z]$\"");
      return;
    case format::phone:
      add(words, "pattern",
          R"("^([+]?[ ()./\\-]*([0-9][ ()./\\-]*){5,20}(([eE][xX][tT][.]?|[xX]|#) *[0-9]{1,7})?)?$")");
      add(words, "maxLength", "40");
      return;
    case format::username:
      add(words, "pattern", R"("^[^\\u0001-,/:-@\\[-\\^`{-\\u007F]+$")");
      add(words, "minLength", "3");
      add(words, "maxLength", "64");
      return;
    case format::sku:
      add(words, "minLength", "1");
      add(words, "maxLength", "255");
      add(words, "pattern", in_quotes(text_pattern(form)));
      return;
    case format::metadata_key:
      add(words, "pattern", "\"^[A-Za-z0-9_-]{1,40}$\"");
      return;
    case format::line:
    case format::text:
    case format::password:
      add(words, "pattern", in_quotes(text_pattern(form)));
      return;
    case format::none:
      return;
  }
}

/// For money the rule's range applies to the amount.
void add_amount(keywords& words, const rule& limit) {
  keywords amount;
  if (limit.value_min) amount.emplace_back("minimum", std::to_string(*limit.value_min));
  if (limit.value_max) amount.emplace_back("maximum", std::to_string(*limit.value_max));
  if (amount.empty()) return;
  add(words, "properties", to_text({{"amount", to_text(amount)}}));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> list;
  while (!text.empty()) {
    list.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(std::min(text.size(), list.back().size() + 1));
  }
  return list;
}

/// Removes namespaces, also in template arguments.
std::string without_namespaces(std::string_view text) {
  std::string out;
  std::size_t name = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at, 2) == "::") {
      out.resize(name);
      ++at;
      continue;
    }
    out.push_back(text[at]);
    if (text[at] == '<' || text[at] == ',' || text[at] == ' ') name = out.size();
  }
  return out;
}

}  // namespace

std::string to_text(const keywords& words) {
  std::string out = "{";
  for (const auto& [name, text] : words) {
    if (out.size() > 1) out.push_back(',');
    append(out, std::string_view(name));
    out.append(":").append(text);
  }
  return out + "}";
}

void add_rule(keywords& words, const rule& limit) {
  bool is_text = has(words, "type", "\"string\"");
  bool is_list = has(words, "type", "\"array\"");
  bool is_map = has(words, "type", "\"object\"");
  bool is_number = has(words, "type", "\"integer\"") || has(words, "type", "\"number\"");
  std::string_view unit = is_list ? "Items" : is_map ? "Properties" : "Length";
  if (is_text || is_list || is_map) {
    if (limit.length_min) add(words, "min" + std::string(unit), std::to_string(*limit.length_min));
    if (limit.length_max) add(words, "max" + std::string(unit), std::to_string(*limit.length_max));
  }
  if (is_number) {
    if (limit.value_min) add(words, "minimum", std::to_string(*limit.value_min));
    if (limit.value_max) add(words, "maximum", std::to_string(*limit.value_max));
  }
  if (has(words, "$ref", reference("money")) || has(words, "$ref", reference("money_input"))) {
    add_amount(words, limit);
  }
  if (is_text && !limit.pattern.empty()) add(words, "pattern", in_quotes(limit.pattern));
  if (is_text) add_form(words, limit.form);
  if (is_map && limit.key_form != format::none) {
    auto names = simple("string");
    add_form(names, limit.key_form);
    add(words, "propertyNames", to_text(names));
  }
  // Those of a list are the values of its items.
  if (!is_list && !limit.one_of.empty()) {
    set(words, "enum", string_list(words_of(limit.one_of)));
  }
  if (!limit.default_value.empty()) add(words, "default", std::string(limit.default_value));
  if (!limit.example.empty()) add(words, "examples", "[" + std::string(limit.example) + "]");
  if (!limit.description.empty()) add(words, "description", in_quotes(limit.description));
}

keywords simple(std::string_view type, std::string_view form) {
  keywords words{{"type", in_quotes(type)}};
  if (!form.empty()) words.emplace_back("format", in_quotes(form));
  return words;
}

keywords or_null(keywords words) {
  for (auto& [name, text] : words) {
    if (name == "type") text = "[" + text + ",\"null\"]";
    if (name == "enum") text.insert(text.size() - 1, ",null");
    if (name != "$ref") continue;
    // A reference cannot be combined with a type, so null is a separate alternative.
    std::string reference = to_text({{name, text}});
    name = "anyOf";
    text = "[" + reference + ",{\"type\":\"null\"}]";
  }
  return words;
}

keywords integer(std::size_t size, std::optional<std::int64_t> min, std::optional<std::int64_t> max,
                 const rule* limit) {
  auto words = simple("integer", size == 8 ? "int64" : size == 4 ? "int32" : "");
  if (min && (limit == nullptr || !limit->value_min)) {
    words.emplace_back("minimum", std::to_string(*min));
  }
  if (max && (limit == nullptr || !limit->value_max)) {
    words.emplace_back("maximum", std::to_string(*max));
  }
  return words;
}

std::string string_list(std::span<const std::string_view> names) {
  return write(std::vector<std::string_view>(names.begin(), names.end()));
}

std::string object_schema(const std::vector<std::pair<std::string, std::string>>& properties,
                          const std::vector<std::string_view>& required, bool closed,
                          std::string_view example) {
  auto words = simple("object");
  words.emplace_back("properties", to_text(properties));
  if (!required.empty()) words.emplace_back("required", string_list(required));
  if (closed) words.emplace_back("additionalProperties", "false");
  if (!example.empty()) words.emplace_back("examples", "[" + std::string(example) + "]");
  return to_text(words);
}

std::string component_name(const std::type_info& type) {
  std::string name;
  for (char c : without_namespaces(boost::core::demangle(type.name()))) {
    bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (plain) {
      name.push_back(c);
    } else if (!name.empty() && name.back() != '_') {
      name.push_back('_');
    }
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

std::string reference(std::string_view name) {
  return in_quotes("#/components/schemas/" + std::string(name));
}

}  // namespace detail

std::string schema_set::name_for(const std::type_info& type, std::string wanted, bool& is_new) {
  auto known = names_.find({type, use_});
  is_new = known == names_.end();
  if (!is_new) return known->second;
  if (wanted.empty()) wanted = detail::component_name(type);
  if (use_ == usage::request && names_.contains({type, usage::answer})) wanted += "_input";
  std::string name = wanted;
  for (int i = 2; !schemas_.try_emplace(name).second; ++i) name = wanted + std::to_string(i);
  names_.emplace(std::pair(std::type_index(type), use_), name);
  return name;
}

std::string schema_set::named_struct(const std::type_info& type, std::string_view wanted,
                                     std::span<const member_maker> members,
                                     std::span<const rule> rules, std::string_view example) {
  bool is_new = false;
  std::string name = name_for(type, std::string(wanted), is_new);
  if (!is_new) return name;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<std::string_view> required;
  for (const member_maker& m : members) {
    auto words = (this->*m.make)(m.limit == no_rule ? nullptr : &rules[m.limit]);
    if (m.required || (m.initial != nullptr && use_ == usage::answer)) {
      required.push_back(m.name);
    } else if (m.initial != nullptr) {
      words.emplace_back("default", m.initial());
    }
    properties.emplace_back(m.name, detail::to_text(words));
  }
  schemas_[name] = detail::object_schema(properties, required, use_ == usage::request, example);
  return name;
}

std::vector<schema_set::member_text> schema_set::members_of_table(
    std::span<const member_maker> members, std::span<const rule> rules) {
  std::vector<member_text> list;
  for (const member_maker& m : members) {
    const auto words = (this->*m.make)(m.limit == no_rule ? nullptr : &rules[m.limit]);
    list.push_back({std::string(m.name), detail::to_text(words), m.required});
  }
  return list;
}

detail::keywords schema_set::list_schema(maker element, const rule* limit) {
  auto words = detail::simple("array");
  rule each{.field = {}};
  if (limit != nullptr) {
    each.length_min = limit->each_length_min;
    each.length_max = limit->each_length_max;
    each.form = limit->form;
    each.one_of = limit->one_of;
  }
  words.emplace_back("items", detail::to_text((this->*element)(&each)));
  return words;
}

detail::keywords schema_set::map_schema(maker content, const rule* limit) {
  auto words = detail::simple("object");
  // The reader rejects control characters in every text; a blank value is allowed.
  rule each{.field = {}, .pattern = R"(^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$)"};
  if (limit != nullptr) each.length_max = limit->each_length_max;
  words.emplace_back("additionalProperties", detail::to_text((this->*content)(&each)));
  return words;
}

std::string schema_set::components() const {
  return detail::to_text({schemas_.begin(), schemas_.end()});
}

}  // namespace stoa::json
