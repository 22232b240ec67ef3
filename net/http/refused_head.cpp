#include "net/http/refused_head.hpp"

#include "net/http/field_list.hpp"
#include "net/http/percent.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::http {

namespace {

/// Longer than any registered method; anything longer is not HTTP.
constexpr std::size_t method_bytes_max = 32;
/// Maximum length of a target in the log.
constexpr std::size_t target_bytes_max = 2048;

constexpr bool is_method_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/// Invalid escapes are left as they are.
std::string decoded(std::string_view raw) {
  std::string out;
  std::string byte;
  while (!raw.empty()) {
    const auto escape = raw.substr(0, 3);
    const auto wrong =
        escape.front() == '%' ? percent_decode(escape, false, byte) : decode_error::bad_escape;
    // A single byte of a multi-byte character is not UTF-8.
    const bool is_byte = wrong == decode_error::none || wrong == decode_error::not_utf8;
    out += is_byte ? byte : std::string(1, raw.front());
    raw.remove_prefix(is_byte ? escape.size() : 1);
  }
  return out;
}

/// Without the scheme and host of an absolute-form target.
std::string_view path_of(std::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  constexpr std::string_view mark = "://";
  const auto scheme = target.find(mark);
  if (target.starts_with('/') || scheme == target.npos) return target;
  const auto slash = target.find('/', scheme + mark.size());
  return slash == target.npos ? "/" : target.substr(slash);
}

}  // namespace

std::optional<std::string_view> find_field(std::string_view head, std::string_view name) {
  for (auto end = head.find('\n'); end != head.npos; end = head.find('\n')) {
    head.remove_prefix(end + 1);
    const auto line_end = head.find('\r');
    if (line_end == head.npos) break;
    const auto line = head.substr(0, line_end);
    const auto colon = line.find(':');
    if (colon == line.npos || !equals_ignoring_case(line.substr(0, colon), name)) continue;
    return text::trim_blanks(line.substr(colon + 1));
  }
  return std::nullopt;
}

request_line find_request_line(std::string_view head) {
  const auto line = head.substr(0, std::min(head.find_first_of("\r\n"), head.size()));
  const auto space = line.find(' ');
  const auto method = line.substr(0, space);
  if (space == line.npos || method.empty() || method.size() > method_bytes_max ||
      !std::ranges::all_of(method, is_method_character)) {
    return {};
  }
  // A target that contains a space ends at the version.
  auto target = line.substr(space + 1);
  if (const auto version = target.rfind(" HTTP/"); version != target.npos) {
    target = target.substr(0, version);
  }
  return {std::string(method), decoded(path_of(target.substr(0, target_bytes_max)))};
}

}  // namespace stoa::http
