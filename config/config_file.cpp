#include "config/config_file.hpp"

#include "storage/base/text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

namespace stoa::config {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;
constexpr std::size_t errors_max = 50;

bool is_name(std::string_view text, bool dots) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (dots && c == '.');
  });
}

/// The value after '=', without comment and quotes; sets `error` if it is malformed.
std::optional<std::string> read_value(std::string_view text, std::string& error) {
  text = text::trim_blanks(text);
  if (!text.starts_with('"')) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) {
        text = text::trim_blanks(text.substr(0, i));
        break;
      }
    }
    return std::string(text);
  }
  std::string value;
  std::size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\') {
      ++i;
      if (i == text.size() || (text[i] != '"' && text[i] != '\\')) {
        error = "in quotes, a backslash must be followed by a quote or a backslash";
        return std::nullopt;
      }
    }
    value += text[i];
  }
  if (i >= text.size()) {
    error = "the closing quote is missing";
    return std::nullopt;
  }
  const auto rest = text::trim_blanks(text.substr(i + 1));
  if (!rest.empty() && rest.front() != '#') {
    error = "unexpected text after the closing quote";
    return std::nullopt;
  }
  return value;
}

class file_parser {
 public:
  explicit file_parser(std::string_view path) : path_(path) {}

  void line(std::string_view text, int number) {
    number_ = number;
    if (text.ends_with('\r')) text.remove_suffix(1);
    const bool has_control = std::ranges::any_of(text, [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
    if (has_control) return fail("the line contains control characters");
    text = text::trim_blanks(text);
    if (text.empty() || text.front() == '#') return;
    if (text.front() == '[') return section(text);
    entry(text);
  }

  file_content take() { return std::move(content_); }

 private:
  void section(std::string_view text) {
    const auto close = text.find(']');
    const auto rest =
        close == std::string_view::npos ? text : text::trim_blanks(text.substr(close + 1));
    const auto name =
        text::trim_blanks(text.substr(1, close == std::string_view::npos ? close : close - 1));
    if (close == std::string_view::npos || (!rest.empty() && rest.front() != '#') ||
        !is_name(name, true)) {
      return fail(
          "a section must be [name] with a name of lower-case letters, digits, '_' and '.'");
    }
    prefix_ = std::string(name) + ".";
  }

  void entry(std::string_view text) {
    const auto equals = text.find('=');
    const auto name = text::trim_blanks(text.substr(0, equals));
    if (equals == std::string_view::npos || !is_name(name, true)) {
      return fail("expected 'key = value', [section] or # comment");
    }
    std::string error;
    auto value = read_value(text.substr(equals + 1), error);
    const std::string key = prefix_ + std::string(name);
    if (!value) return fail(key + ": " + error);
    const auto [seen, is_new] = seen_.emplace(key, number_);
    if (!is_new) return fail(key + " is already set on line " + std::to_string(seen->second));
    content_.entries.push_back({key, std::move(*value), number_});
  }

  void fail(const std::string& what) {
    if (content_.errors.size() >= errors_max) return;
    content_.errors.push_back(path_ + ":" + std::to_string(number_) + ": " + what);
  }

  std::string path_;
  std::string prefix_;
  int number_ = 0;
  std::map<std::string, int> seen_;
  file_content content_;
};

file_content unreadable(const std::string& path, const std::string& why) {
  return {{}, {"cannot read the settings file " + path + ": " + why}};
}

}  // namespace

file_content parse_file(std::string_view text, std::string_view path) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  file_parser parser(path);
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    parser.line(text.substr(0, end), number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parser.take();
}

file_content read_file(const std::string& path) {
  std::error_code error;
  // Reading a device or a pipe may not terminate.
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    return unreadable(path, "not a regular file");
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return unreadable(path, std::strerror(errno));
  std::string text(file_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return unreadable(path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > file_bytes_max) return unreadable(path, "larger than 1 MiB");
  return parse_file(text, path);
}

}  // namespace stoa::config
