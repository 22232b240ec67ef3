#include "tests/support/http_answer.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace stoa::test {
namespace {

constexpr std::size_t chunk_bytes_max = std::size_t{64} << 20;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

/// Calls f(name, value) for each field of the head until it returns true.
template <class F>
void for_each_field(std::string_view head, F f) {
  for (auto at = head.find("\r\n"); at != head.npos && at + 2 < head.size();) {
    const auto begin = at + 2;
    at = head.find("\r\n", begin);
    const auto line = head.substr(begin, at == head.npos ? at : at - begin);
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    auto value = line.substr(colon + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    if (f(line.substr(0, colon), value)) return;
  }
}

template <class Number>
Number number_of(std::string_view text, const char* what) {
  Number n{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error(std::string("not an HTTP answer: ") + what + " is '" +
                             std::string(text) + "'");
  }
  return n;
}

}  // namespace

std::string_view field_of(std::string_view head, std::string_view name) {
  std::string_view found;
  for_each_field(head, [&](std::string_view field, std::string_view value) {
    if (!same_name(field, name)) return false;
    found = value;
    return true;
  });
  return found;
}

std::string_view text_member(std::string_view json, std::string_view name) {
  for (auto at = json.find(name); at != json.npos; at = json.find(name, at + 1)) {
    const auto end = at + name.size();
    if (at == 0 || json[at - 1] != '"' || json.substr(end, 3) != "\":\"") continue;
    const auto begin = end + 3;
    return json.substr(begin, json.find('"', begin) - begin);
  }
  return {};
}

std::string http_answer::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (same_name(field, name)) return value;
  }
  return {};
}

json::value http_answer::json() const {
  // The API document is larger than a request may be.
  auto parsed = json::parse(body, {.bytes_max = 8 << 20});
  if (!parsed) throw std::runtime_error("not JSON: " + parsed.error().detail + ": " + body);
  return std::move(*parsed);
}

bool answer_reader::ready() {
  if (head_size_ == 0) {
    const auto end = received_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    head_size_ = end + 4;
    read_head();
  }
  // It stays ready until next().
  if (is_chunked_) return is_complete_ = is_complete_ || read_chunks();
  return received_.size() >= head_size_ + body_size_;
}

void answer_reader::read_head() {
  const auto text = head();
  if (!text.starts_with("HTTP/1.1 ") || text.size() < 12) {
    throw std::runtime_error("not an HTTP answer: " + std::string(text.substr(0, 80)));
  }
  status_ = number_of<int>(text.substr(9, 3), "the status");
  body_size_ = 0;
  closes_ = false;
  is_chunked_ = is_complete_ = false;
  chunks_.clear();
  bool has_length = false;
  bool is_coded = false;
  for_each_field(text, [&](std::string_view field, std::string_view value) {
    if (same_name(field, "Content-Length")) {
      body_size_ = number_of<std::size_t>(value, "Content-Length");
      has_length = true;
    }
    is_chunked_ |= same_name(field, "Transfer-Encoding") && same_name(value, "chunked");
    is_coded |= same_name(field, "Transfer-Encoding") && !same_name(value, "chunked");
    closes_ |= same_name(field, "Connection") && same_name(value, "close");
    return false;
  });
  const bool has_no_body = status_ == 204 || status_ == 304;
  if (is_coded || status_ < 200 || (!has_length && !has_no_body && !is_chunked_)) {
    throw std::runtime_error("unsupported HTTP answer: " + std::string(text.substr(0, 80)));
  }
}

/// True at the end of the last chunk. Trailer fields are skipped.
bool answer_reader::read_chunks() {
  for (;;) {
    const std::string_view rest = std::string_view(received_).substr(head_size_ + body_size_);
    const auto line = rest.find("\r\n");
    if (line == rest.npos) return false;
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + line, size, 16);
    const bool is_size = error == std::errc{} && (end == rest.data() + line || *end == ';');
    if (!is_size || size > chunk_bytes_max) throw std::runtime_error("not a chunk");
    if (size == 0) {
      // The line, fields, and an empty line.
      const auto last = rest.find("\r\n\r\n", line);
      if (last == rest.npos) return false;
      body_size_ += last + 4;
      return true;
    }
    if (rest.size() < line + 2 + size + 2) return false;
    chunks_.append(rest.substr(line + 2, size));
    body_size_ += line + 2 + size + 2;
  }
}

void answer_reader::next() {
  received_.erase(0, head_size_ + body_size_);
  head_size_ = body_size_ = 0;
}

void answer_reader::reset() {
  received_.clear();
  head_size_ = body_size_ = 0;
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         const header_list& headers) {
  std::string text;
  text.reserve(256 + body.size());
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  bool has_type = false;
  for (const auto& [name, value] : headers) {
    has_type |= same_name(name, "Content-Type");
    text.append(name).append(": ").append(value).append("\r\n");
  }
  if (!body.empty() && !has_type) text.append("Content-Type: application/json\r\n");
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  return text.append("\r\n").append(body);
}

}  // namespace stoa::test
