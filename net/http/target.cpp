#include "net/http/target.hpp"

#include "net/http/message.hpp"
#include "net/http/percent.hpp"

namespace stoa::http {

namespace {

problem malformed_target(std::string detail) {
  return {400, "malformed_target", std::move(detail), {}};
}

/// RFC 3986's pchar and '/': characters that a path may contain unescaped.
constexpr bool is_path_character(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("-._~!$&'()*+,;=:@%/").find(c) != std::string_view::npos;
}

/// Browsers send more in a query than RFC 3986 allows: all visible ASCII but these.
constexpr bool is_query_character(char c) {
  return c > 0x20 && c < 0x7F && c != '#' && c != '"' && c != '<' && c != '>';
}

result<std::string> decode_path(std::string_view raw) {
  std::string path;
  path.reserve(raw.size());
  std::string segment;
  while (!raw.empty()) {
    raw.remove_prefix(1);  // the '/'
    const auto slash = raw.find('/');
    if (const auto e = percent_decode(raw.substr(0, slash), false, segment);
        e != decode_error::none) {
      return malformed_target("The path cannot be decoded: " + std::string(describe(e)) + ".");
    }
    if (segment.find_first_of("/\\") != segment.npos) {
      return malformed_target("A path segment contains an encoded '/' or '\\'.");
    }
    if (segment == "." || segment == "..")
      return malformed_target("The path contains a \".\" or \"..\" segment.");
    path.push_back('/');
    path.append(segment);
    raw = slash == raw.npos ? std::string_view{} : raw.substr(slash);
  }
  return path;
}

}  // namespace

result<target_parts> split_target(std::string_view target) {
  if (target == "*") return target_parts{"*", ""};
  if (target.empty() || target.front() != '/')
    return malformed_target("The target must begin with '/'.");
  const auto mark = target.find('?');
  const auto raw_path = target.substr(0, mark);
  for (const char c : raw_path) {
    if (!is_path_character(c))
      return malformed_target("The path contains a character that must be encoded.");
  }
  const auto query = mark == target.npos ? std::string_view{} : target.substr(mark + 1);
  for (const char c : query) {
    if (!is_query_character(c))
      return malformed_target("The query contains a character that must be encoded.");
  }
  auto path = decode_path(raw_path);
  if (!path) return path.error();
  return target_parts{std::move(*path), std::string(query)};
}

result<std::string_view> to_origin_form(std::string_view target, std::string_view host,
                                        std::string_view scheme) {
  if (target.starts_with('/') || target == "*") return target;
  if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
    return malformed_target("The target must begin with '/' or \"" + std::string(scheme) + "\".");
  }
  const auto rest = target.substr(scheme.size());
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.empty() || !equals_ignoring_case(authority, host)) {
    return malformed_target("The target and the Host field have different hosts.");
  }
  const auto origin = rest.substr(authority.size());
  if (origin.empty()) return std::string_view("/");
  if (origin.front() != '/') return malformed_target("The target has no path.");
  return origin;
}

}  // namespace stoa::http
