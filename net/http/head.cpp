#include "net/http/head.hpp"

#include "net/http/characters.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::http {

namespace {

problem malformed_head(std::string detail) {
  return {400, "malformed_head", std::move(detail), {}};
}
problem bad_framing(std::string detail) {
  return {400, "ambiguous_length", std::move(detail), {}};
}
problem bad_host(std::string detail) {
  return {400, "invalid_host", std::move(detail), {}};
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}
/// RFC 9110, section 5.5: visible ASCII, space, tab and bytes above ASCII.
constexpr bool is_value_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
}

bool is_host_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && text.size() <= 5 &&
         port <= 65535;
}

/// A DNS name, an IPv4 address or an IPv6 address in brackets, with or without a port. Stricter
/// than the host of RFC 3986 (no percent-encoding, no sub-delimiters, which real clients do not
/// send).
bool is_host(std::string_view text) {
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos || close < 3) return false;
    for (const char c : text.substr(1, close - 1)) {
      if (hex_digit(c) < 0 && c != ':' && c != '.') return false;
    }
    rest = text.substr(close + 1);
  } else {
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    if (name.empty() || name.size() > 253) return false;
    for (const char c : name) {
      if (!is_alnum(c) && c != '-' && c != '.' && c != '_') return false;
    }
    rest = colon == text.npos ? std::string_view{} : text.substr(colon);
  }
  return rest.empty() || (rest.front() == ':' && is_host_port(rest.substr(1)));
}

/// A length as a result. (std::size_t does not convert implicitly: C++20 could also make a problem
/// of it.)
result<std::size_t> found(std::size_t length) {
  return {boost::system::in_place_value, length};
}

/// Collects the fields about the message's length and the connection.
class head_validator {
 public:
  result<void> request_line(std::string_view line);
  result<void> field(std::string_view line);
  result<framing> finish();

 private:
  result<void> content_length(std::string_view value);
  result<void> transfer_encoding(std::string_view value);
  result<void> host(std::string_view value);
  void connection(std::string_view value);

  framing framing_;
  bool has_length_ = false;
  bool has_host_ = false;
  bool close_ = false;
  bool keep_alive_ = false;
  bool expects_other_ = false;
  std::size_t fields_ = 0;
};

result<void> head_validator::request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == last)
    return malformed_head("The request line does not have three parts.");
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(line.substr(0, first))) return malformed_head("The method is not a token.");
  for (const char c : target) {
    if (c <= 0x20 || c == 0x7F)
      return malformed_head("The target contains a character that must be encoded.");
  }
  if (target.empty()) return malformed_head("The request line has no target.");
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7])) {
    return malformed_head("The request line does not end with an HTTP version.");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return problem{505, "version_not_supported", "Only HTTP/1.1 and HTTP/1.0 are supported.", {}};
  }
  framing_.http_1_0 = version == "HTTP/1.0";
  return {};
}

result<void> head_validator::field(std::string_view line) {
  if (++fields_ > header_fields_max) {
    return problem{
        431,
        "head_too_large",
        "A request can have at most " + std::to_string(header_fields_max) + " header fields.",
        {}};
  }
  if (line.front() == ' ' || line.front() == '\t') {
    return malformed_head("Header field line folding is not supported.");
  }
  const auto colon = line.find(':');
  if (colon == line.npos) return malformed_head("A header line has no colon.");
  const auto name = line.substr(0, colon);
  if (!is_token(name)) return malformed_head("A header field name is not a token.");
  const auto value = text::trim_blanks(line.substr(colon + 1));
  if (!std::all_of(value.begin(), value.end(), is_value_character)) {
    return malformed_head("A header field value contains a control character.");
  }
  if (equals_ignoring_case(name, "Host")) return host(value);
  if (equals_ignoring_case(name, "Content-Length")) return content_length(value);
  if (equals_ignoring_case(name, "Transfer-Encoding")) return transfer_encoding(value);
  if (equals_ignoring_case(name, "Connection")) {
    connection(value);
  } else if (equals_ignoring_case(name, "Content-Encoding")) {
    framing_.coded = framing_.coded || !equals_ignoring_case(value, "identity");
  } else if (equals_ignoring_case(name, "Expect")) {
    framing_.expect_continue = equals_ignoring_case(value, "100-continue");
    expects_other_ = expects_other_ || !framing_.expect_continue;
  }
  return {};
}

result<void> head_validator::content_length(std::string_view value) {
  if (has_length_) return bad_framing("Content-Length is repeated.");
  has_length_ = true;
  // 18 digits cannot overflow and exceed all limits.
  if (value.empty() || value.size() > 18 || !std::all_of(value.begin(), value.end(), is_digit)) {
    return bad_framing("Content-Length is not a number.");
  }
  std::from_chars(value.data(), value.data() + value.size(), framing_.content_length);
  return {};
}

result<void> head_validator::transfer_encoding(std::string_view value) {
  if (framing_.chunked) return bad_framing("Transfer-Encoding is repeated.");
  // RFC 9112, section 7: names of transfer codings are case-insensitive. Lists and parameters are
  // rejected, because two parsers might disagree on them.
  if (!equals_ignoring_case(value, "chunked")) {
    return problem{501,
                   "transfer_encoding_not_supported",
                   "Only the Transfer-Encoding \"chunked\" is supported.",
                   {}};
  }
  framing_.chunked = true;
  return {};
}

result<void> head_validator::host(std::string_view value) {
  if (has_host_) return bad_host("The Host field is repeated.");
  has_host_ = true;
  if (!is_host(value)) return bad_host("The Host field is not a valid host name or address.");
  return {};
}

void head_validator::connection(std::string_view value) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    const auto option = text::trim_blanks(value.substr(0, comma));
    if (equals_ignoring_case(option, "close")) close_ = true;
    if (equals_ignoring_case(option, "keep-alive")) keep_alive_ = true;
    value = comma == value.npos ? std::string_view{} : value.substr(comma + 1);
  }
}

result<framing> head_validator::finish() {
  if (!has_host_ && !framing_.http_1_0) return bad_host("The Host field is missing.");
  if (framing_.chunked && has_length_) {
    return bad_framing("Content-Length and Transfer-Encoding cannot be combined.");
  }
  if (framing_.chunked && framing_.http_1_0) {
    return bad_framing("Transfer-Encoding is not supported in HTTP/1.0.");
  }
  if (expects_other_) {
    return problem{
        417, "expectation_failed", "The only supported expectation is 100-continue.", {}};
  }
  // RFC 9110, section 10.1.1: HTTP/1.0 clients do not understand 100 responses.
  if (framing_.http_1_0) framing_.expect_continue = false;
  framing_.keep_alive = !close_ && (!framing_.http_1_0 || keep_alive_);
  return framing_;
}

}  // namespace

result<std::size_t> find_head_end(std::string_view bytes, std::size_t bytes_max,
                                  std::size_t& scanned) {
  for (;;) {
    const auto lf = bytes.find('\n', scanned);
    if (lf == bytes.npos || lf >= bytes_max) break;
    if (lf == 0 || bytes[lf - 1] != '\r') return malformed_head("A line does not end in CRLF.");
    if (lf - scanned == 1) return found(lf + 1);
    scanned = lf + 1;
  }
  if (bytes.size() < bytes_max) return found(0);
  const std::string limit = std::to_string(bytes_max) + " bytes.";
  if (scanned == 0) {
    return problem{414, "target_too_long", "The request line is longer than " + limit, {}};
  }
  return problem{431, "head_too_large", "The request line and header are longer than " + limit, {}};
}

result<framing> check_head(std::string_view head) {
  head_validator g;
  bool first = true;
  while (head.size() > 2) {
    const auto end = head.find("\r\n");
    if (end == head.npos || end == 0)
      return malformed_head("The head does not end in an empty line.");
    const auto line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (line.find('\r') != line.npos) return malformed_head("A line contains a bare CR.");
    if (auto ok = first ? g.request_line(line) : g.field(line); !ok) return ok.error();
    first = false;
  }
  if (first) return malformed_head("The request line is missing.");
  return g.finish();
}

}  // namespace stoa::http
