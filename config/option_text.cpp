// Settings as text: parsing and formatting of values, --help and the example file.

#include "config/options.hpp"
#include "storage/base/text.hpp"
#include "storage/base/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace stoa::config {
namespace {

constexpr std::size_t value_bytes_max = 4096;
constexpr std::size_t list_elements_max = 100;

template <class... F>
struct overloaded : F... {
  using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

bool is_one_of(std::string_view value, std::string_view allowed) {
  while (true) {
    const auto bar = allowed.find('|');
    if (value == allowed.substr(0, bar)) return true;
    if (bar == std::string_view::npos) return false;
    allowed.remove_prefix(bar + 1);
  }
}

std::optional<std::string> assign_bool(std::string_view text, bool& into) {
  const auto truth = parse_boolean(text);
  if (!truth) return "is not a boolean";
  into = *truth;
  return std::nullopt;
}

std::optional<std::string> assign_integer(const option& o, std::string_view text,
                                          std::int64_t& into) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range && at == end) return "is out of range";
  if (text.empty() || error != std::errc{} || at != end) return "is not an integer";
  if (number < o.min || number > o.max) return "is out of range";
  into = number;
  return std::nullopt;
}

std::optional<std::string> assign_text(const option& o, std::string_view text, std::string& into) {
  if (!o.allowed.empty() && !is_one_of(text, o.allowed)) return "is not an allowed value";
  if (o.check != nullptr && !o.check(text)) return "has an invalid format";
  into = text;
  return std::nullopt;
}

std::optional<std::string> assign_list(const option& o, std::string_view text,
                                       std::vector<std::string>& into) {
  std::vector<std::string> elements;
  while (!text::trim_blanks(text).empty()) {
    const auto comma = text.find(',');
    const auto element = text::trim_blanks(text.substr(0, comma));
    if (element.empty()) return "has an empty element";
    if (o.check != nullptr && !o.check(element)) return "has an element with an invalid format";
    if (elements.size() == list_elements_max) return "has more than 100 elements";
    elements.emplace_back(element);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
    if (text::trim_blanks(text).empty()) return "has an empty element";
  }
  into = std::move(elements);
  return std::nullopt;
}

/// Writes `text` as wrapped comment lines.
void comment(std::ostream& out, std::string_view text) {
  constexpr std::size_t width = 90;
  while (text.size() > width) {
    const auto space = text.rfind(' ', width);
    if (space == std::string_view::npos) break;
    out << "# " << text.substr(0, space) << '\n';
    text.remove_prefix(space + 1);
  }
  out << "# " << text << '\n';
}

std::string unit_of(std::string_view key) {
  if (key.find("_ms") != std::string_view::npos) return " milliseconds";
  if (key.ends_with("_s")) return " seconds";
  if (key.find("_bytes") != std::string_view::npos) return " bytes";
  return "";
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
  for (const std::string_view yes : {"true", "on", "yes", "1"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"false", "off", "no", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::string allowed_values(const option& o) {
  settings s;
  return std::visit(overloaded{[](bool*) { return std::string("true or false"); },
                               [&](std::int64_t*) {
                                 return std::to_string(o.min) + ".." + std::to_string(o.max) +
                                        unit_of(o.key);
                               },
                               [&](auto*) {
                                 if (!o.allowed.empty()) return std::string(o.allowed);
                                 return std::string(o.form.empty() ? "any text" : o.form);
                               }},
                    o.at(s));
}

std::optional<std::string> assign(const option& o, std::string_view text, settings& into) {
  if (text.size() > value_bytes_max) return "is longer than 4096 bytes";
  if (printable(text) != text) return "contains control characters or invalid UTF-8";
  return std::visit(
      overloaded{[&](bool* v) { return assign_bool(text, *v); },
                 [&](std::int64_t* v) { return assign_integer(o, text, *v); },
                 [&](std::string* v) { return assign_text(o, text, *v); },
                 [&](std::vector<std::string>* v) { return assign_list(o, text, *v); }},
      o.at(into));
}

std::string value_text(const option& o, const settings& from) {
  settings copy = from;
  const auto quoted = [](const std::string& text) {
    const bool plain =
        text::trim_blanks(text) == text && text.find_first_of("#\"") == std::string::npos;
    if (plain) return text;
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + "\"";
  };
  return std::visit(overloaded{[](bool* v) { return std::string(*v ? "true" : "false"); },
                               [](std::int64_t* v) { return std::to_string(*v); },
                               [&](std::string* v) { return quoted(*v); },
                               [&](std::vector<std::string>* v) {
                                 std::string joined;
                                 for (const auto& element : *v) {
                                   joined += (joined.empty() ? "" : ", ") + element;
                                 }
                                 return quoted(joined);
                               }},
                    o.at(copy));
}

std::string help_text() {
  std::ostringstream out;
  out << "Settings (flag > environment > file > default):\n"
         "  --config FILE\n"
         "      The settings file. Environment: STOA_CONFIG\n"
         "  A boolean flag without a value means true. The next argument is its value only if it\n"
         "  is true, on, yes, 1, false, off, no or 0.\n";
  for (const auto& o : options()) {
    const std::string default_text = value_text(o, settings{});
    out << "  " << flag_name(o);
    if (!o.alias.empty()) out << ", --" << o.alias;
    out << "\n      " << o.help << "\n      " << allowed_values(o)
        << "; default: " << (default_text.empty() ? "empty" : default_text)
        << "; environment: " << env_name(o) << '\n';
  }
  return out.str();
}

std::string example_file() {
  std::ostringstream out;
  out << "# Settings of Stoa, each with its default. Use: stoa serve --config FILE\n"
         "# A flag (--http-listen) overrides an environment variable (STOA_HTTP_LISTEN), which\n"
         "# overrides this file. Remove the # to set a value; a value that contains # or \" must\n"
         "# be in \"quotes\".\n"
         "# This file is generated from the table in config/options_*.cpp; a test compares them.\n";
  std::string_view section;
  for (const auto& o : options()) {
    const auto dot = o.key.find('.');
    if (o.key.substr(0, dot) != section) {
      section = o.key.substr(0, dot);
      out << "\n[" << section << "]\n";
    }
    out << '\n';
    comment(out, std::string(o.help) + " Allowed: " + allowed_values(o) + ".");
    const std::string value = value_text(o, settings{});
    out << "#" << o.key.substr(dot + 1) << " =" << (value.empty() ? "" : " ") << value << '\n';
  }
  return out.str();
}

}  // namespace stoa::config
