#include "net/http/serialize.hpp"

#include "net/http/problem_response.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace stoa::http {

namespace {

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool is_safe_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

bool is_safe_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
  });
}

bool frames_the_message(std::string_view name) {
  constexpr std::array<std::string_view, 4> names{"Content-Length", "Transfer-Encoding",
                                                  "Connection", "Date"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view n) { return equals_ignoring_case(n, name); });
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(status));
  out.append(" ").append(reason_phrase(status)).append("\r\n");
}

}  // namespace

bool has_body(const response& answer, const wire_options& options) {
  return !options.head_only && answer.status != 204 && answer.status != 304;
}

bool write_head(const response& answer, const wire_options& options, std::string_view date,
                std::string& out) {
  if (answer.status < 200 || answer.status > 599) return false;
  out.clear();
  append_status_line(out, answer.status);
  append_field(out, "Date", date);
  if (!answer.content_type.empty()) {
    if (!is_safe_value(answer.content_type)) return false;
    append_field(out, "Content-Type", answer.content_type);
  }
  // RFC 9110, section 8.6: never with 204; with 304 it would have to be the length of the omitted
  // body.
  if (answer.status != 204 && answer.status != 304) {
    out.append("Content-Length: ");
    append_number(out, answer.content().size());
    out.append("\r\n");
  }
  out.append("X-Content-Type-Options: nosniff\r\n");
  for (const auto& [name, value] : answer.headers) {
    if (!is_safe_name(name) || !is_safe_value(value)) return false;
    if (!frames_the_message(name)) append_field(out, name, value);
  }
  if (options.close) {
    out.append("Connection: close\r\n");
  } else if (options.send_keep_alive) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
  return true;
}

std::string http_date(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  // The process never changes LC_TIME from "C", so the names are English as the RFC requires.
  const auto length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), length};
}

}  // namespace stoa::http
