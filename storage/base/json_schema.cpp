#include "storage/base/json_schema.hpp"

#include "storage/base/json_rules.hpp"
#include "storage/base/json_write.hpp"

#include <boost/core/demangle.hpp>

namespace stoa::json {

namespace detail {

namespace {

std::string in_quotes(std::string_view text) {
  return write(text);
}

/// Adds the keyword unless it is there.
void add(keywords& words, std::string_view keyword, std::string text) {
  for (const auto& [name, value] : words) {
    if (name == keyword) return;
  }
  words.emplace_back(keyword, std::move(text));
}

bool has(const keywords& words, std::string_view keyword, std::string_view text) {
  for (const auto& [name, value] : words) {
    if (name == keyword) return value == text;
  }
  return false;
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
      add(words, "pattern", "\"^[+][0-9 ()\\\\-]+$\"");
      add(words, "maxLength", "32");
      return;
    case format::username:
      add(words, "minLength", "3");
      add(words, "maxLength", "64");
      return;
    case format::sku:
      add(words, "minLength", "1");
      add(words, "maxLength", "255");
      return;
    case format::none:
    case format::no_control:
      return;
  }
}

/// Without the namespaces before each name, those of template arguments too.
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
  if (is_text) add_form(words, limit.form);
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
    // A reference says nothing but the other schema, so null is a second alternative beside it.
    std::string reference = to_text({{name, text}});
    name = "anyOf";
    text = "[" + reference + ",{\"type\":\"null\"}]";
  }
  return words;
}

std::string string_list(const std::vector<std::string_view>& names) {
  std::string out;
  write_array(out, names);
  return out;
}

std::string object_schema(const std::vector<std::pair<std::string, std::string>>& properties,
                          const std::vector<std::string_view>& required) {
  auto words = simple("object");
  words.emplace_back("properties", to_text(properties));
  if (!required.empty()) words.emplace_back("required", string_list(required));
  words.emplace_back("additionalProperties", "false");
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
  auto known = names_.find(type);
  is_new = known == names_.end();
  if (!is_new) return known->second;
  if (wanted.empty()) wanted = detail::component_name(type);
  std::string name = wanted;
  for (int i = 2; !schemas_.try_emplace(name).second; ++i) name = wanted + std::to_string(i);
  names_.emplace(type, name);
  return name;
}

std::string schema_set::components() const {
  return detail::to_text({schemas_.begin(), schemas_.end()});
}

}  // namespace stoa::json
