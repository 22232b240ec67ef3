// `stoa config print`: the settings with their origins, as text and as JSON.

#include "config/load.hpp"
#include "config/mask.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

namespace stoa::config {
namespace {

constexpr const char* hidden = "********";

using json_writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

std::string without_password(const std::string& text) {
  return text.find("://") == std::string::npos ? text : log::masked_setting(text);
}

struct value_writer {
  json_writer& out;
  bool secret;

  void operator()(const bool* v) const { out.Bool(*v); }
  void operator()(const std::int64_t* v) const { out.Int64(*v); }
  void operator()(const std::string* v) const {
    out.String(secret && !v->empty() ? hidden : without_password(*v));
  }
  void operator()(const std::vector<std::string>* v) const {
    out.StartArray();
    for (const auto& element : *v) out.String(secret ? hidden : without_password(element));
    out.EndArray();
  }
};

}  // namespace

std::string print(const loaded& l, std::span<const option> table) {
  constexpr std::size_t origin_column = 44;
  std::string out;
  std::string_view section;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& o = table[i];
    const auto dot = o.key.find('.');
    if (o.key.substr(0, dot) != section) {
      section = o.key.substr(0, dot);
      out += (out.empty() ? "[" : "\n[") + std::string(section) + "]\n";
    }
    std::string value = value_text(o, l.values);
    value = o.secret && !value.empty() ? hidden : without_password(value);
    std::string line = std::string(o.key.substr(dot + 1)) + " = " + value;
    if (line.size() < origin_column) line.resize(origin_column, ' ');
    out += line + "  # " + l.origins[i] + "\n";
  }
  return out;
}

std::string print_json(const loaded& l, std::span<const option> table) {
  rapidjson::StringBuffer text;
  json_writer out(text);
  out.SetIndent(' ', 2);
  settings given = l.values;
  settings defaults;
  out.StartObject();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& o = table[i];
    out.Key(o.key.data(), static_cast<rapidjson::SizeType>(o.key.size()));
    out.StartObject();
    out.Key("value");
    std::visit(value_writer{out, o.secret}, o.at(given));
    out.Key("default");
    std::visit(value_writer{out, o.secret}, o.at(defaults));
    out.Key("origin");
    out.String(l.origins[i]);
    out.EndObject();
  }
  out.EndObject();
  return std::string(text.GetString(), text.GetSize()) + "\n";
}

}  // namespace stoa::config
