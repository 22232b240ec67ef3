#include "tests/support/tidy.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

namespace stoa::tidy {
namespace {

constexpr int lines_max = 500;
constexpr std::array<std::string_view, 5> layers = {"storage/base", "config", "storage", "actors",
                                                    "net"};

std::string at(std::string_view path, int line, const std::string& what) {
  return std::string(path) + ":" + std::to_string(line) + ": " + what;
}

void for_each_line(std::string_view text, const std::function<void(int, std::string_view)>& f) {
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    f(number, text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::string_view first_folder(std::string_view path) {
  const auto slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

/// The layer's position, counted from the left; nothing for other folders.
std::optional<std::size_t> layer_of(std::string_view path) {
  const auto folder = path.starts_with("storage/base/") ? layers[0] : first_folder(path);
  const auto found = std::ranges::find(layers, folder);
  if (found == layers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - layers.begin());
}

bool is_cpp(std::string_view path) {
  return path.ends_with(".cpp") || path.ends_with(".hpp");
}

/// Source files, whose length is limited.
bool is_code(std::string_view path) {
  return is_cpp(path) || path.ends_with(".js") || path.ends_with(".mjs") || path.ends_with(".css");
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

struct include_line {
  std::string_view target;
  bool is_quoted = false;
};

/// The file of an #include line; nothing for other lines.
std::optional<include_line> included(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('#')) return std::nullopt;
  line = trim(line.substr(1));
  if (!line.starts_with("include")) return std::nullopt;
  line = trim(line.substr(7));
  if (line.size() < 3 || (line.front() != '"' && line.front() != '<')) return std::nullopt;
  const auto end = line.find(line.front() == '"' ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return include_line{line.substr(1, end - 1), line.front() == '"'};
}

bool is_free(std::string_view path) {
  const auto folder = first_folder(path);
  return folder == "tests" || folder == "bench" || path == "main.cpp";
}

/// Why `target` may not be included; empty when it may.
std::string include_error(std::string_view path, const include_line& include) {
  const auto from = layer_of(path);
  const auto to = layer_of(include.target);
  const std::string name(include.target);
  const bool is_caf = include.target.starts_with("caf/");
  const bool is_beast = include.target.starts_with("boost/beast");
  if (include.target.find("../") != std::string_view::npos)
    return "include paths start at the root: " + name;
  if (from && (include.target.starts_with("tests/") || include.target.starts_with("bench/"))) {
    return "the program must not include test code: " + name;
  }
  if (from && to && *to > *from) return "includes point leftwards only: " + name;
  if (to && !include.is_quoted) return "include own headers in quotes: " + name;
  if (is_caf && !is_free(path) && !path.starts_with("actors/kernel/")) {
    return "CAF's headers stay in actors/kernel: " + name;
  }
  // ICU's headers are large and define macros; text.hpp wraps what is needed.
  if (include.target.starts_with("unicode/") && path.ends_with(".hpp")) {
    return "ICU's headers stay in .cpp files: " + name;
  }
  if (is_beast && !is_free(path) && !path.starts_with("net/http/")) {
    return "Beast's headers stay in net/http: " + name;
  }
  return {};
}

}  // namespace

findings check_includes(std::string_view path, std::string_view text) {
  findings found;
  for_each_line(text, [&](int number, std::string_view line) {
    const auto include = included(line);
    if (!include) return;
    if (auto error = include_error(path, *include); !error.empty()) {
      found.push_back(at(path, number, error));
    }
  });
  return found;
}

findings check_text(std::string_view path, std::string_view text) {
  findings found;
  // Concatenated, so that this file passes its own check.
  static const std::array<std::string, 4> marks = {
      std::string("TO") + "DO", std::string("FIX") + "ME", std::string("XX") + "X",
      std::string("HA") + "CK"};
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  int lines = 0;
  for_each_line(text, [&](int number, std::string_view line) {
    lines = number;
    if (line.find('\t') != std::string_view::npos) found.push_back(at(path, number, "a tab"));
    if (line.ends_with('\r')) found.push_back(at(path, number, "a carriage return"));
    if (line.ends_with(' ')) found.push_back(at(path, number, "trailing spaces"));
    for (const auto& mark : marks) {
      const auto place = line.find(mark);
      if (place == std::string_view::npos) continue;
      const auto end = place + mark.size();
      const bool is_word = (place == 0 || !is_letter(line[place - 1])) &&
                           (end == line.size() || !is_letter(line[end]));
      // A literal is data: an ISO 4217 code looks like a mark.
      const bool is_literal =
          place > 0 && line[place - 1] == '"' && end < line.size() && line[end] == '"';
      if (is_word && !is_literal) found.push_back(at(path, number, "unfinished work: " + mark));
    }
  });
  if (!text.empty() && !text.ends_with('\n')) {
    found.push_back(at(path, lines, "no newline at the end of the file"));
  }
  if (is_code(path) && lines > lines_max) {
    found.push_back(at(path, lines, "more than " + std::to_string(lines_max) + " lines"));
  }
  return found;
}

findings check_header(std::string_view path, std::string_view text) {
  if (!path.ends_with(".hpp")) return {};
  std::string_view first;
  for_each_line(text, [&](int, std::string_view line) {
    if (first.empty() && !trim(line).empty() && !trim(line).starts_with("//")) first = trim(line);
  });
  if (first == "#pragma once") return {};
  return {at(path, 1, "a header's first line of code is #pragma once")};
}

findings check_awaits(std::string_view path, std::string_view text) {
  findings found;
  const auto folder = first_folder(path);
  if (folder != "net" && folder != "actors") return found;
  // Concatenated, so that this file passes its own check.
  static const std::string await = std::string("co_") + "await ";
  for (auto from = text.find(await); from != text.npos; from = text.find(await, from + 1)) {
    const auto statement = text.substr(from, text.substr(from).find(';'));
    const auto brace = statement.find('{');
    if (brace == statement.npos || brace == 0 || brace + 1 == statement.size()) continue;
    const char before = statement[brace - 1];
    const bool is_aggregate = before != ' ' && before != '(' && statement[brace + 1] != '}';
    if (!is_aggregate) continue;
    const auto line =
        1 + static_cast<int>(
                std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(from), '\n'));
    found.push_back(at(path, line, "name the message first: GCC 12 destroys it twice"));
  }
  return found;
}

findings check(std::string_view path, std::string_view text) {
  findings all;
  const auto add = [&](findings more) { all.insert(all.end(), more.begin(), more.end()); };
  if (is_cpp(path)) {
    add(check_includes(path, text));
    add(check_header(path, text));
    add(check_awaits(path, text));
  }
  add(check_text(path, text));
  return all;
}

}  // namespace stoa::tidy
