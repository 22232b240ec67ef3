#include "storage/db/redis_handlers.hpp"

#include "storage/base/text.hpp"

#include <charconv>

namespace stoa::db {

namespace {

[[noreturn]] void not_ours() {
  throw error(error_kind::programming, "", "a record in Redis cannot be read: not written by Stoa");
}

/// Base 16 keeps all bits, and is read back whatever the locale.
std::string exact(double d) {
  std::array<char, 40> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), d, std::chars_format::hex);
  return {text.data(), end.ptr};
}

template <class T, class... Form>
T number(std::string_view text, Form... form) {
  T v{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), v, form...);
  if (code != std::errc() || end != text.data() + text.size()) not_ours();
  return v;
}

uuid uuid_of(std::string_view hex) {
  if (hex.size() != 32) not_ours();
  uuid u;
  for (std::size_t i = 0; i < 16; ++i) {
    const auto part = hex.substr(2 * i, 2);
    const auto [end, code] = std::from_chars(part.data(), part.data() + 2, u.bytes[i], 16);
    if (code != std::errc() || end != part.data() + 2) not_ours();
  }
  return u;
}

struct column_writer {
  std::string& out;
  void operator()(std::monostate) const { out += 'n'; }
  void operator()(std::int64_t v) const { out += 'i' + std::to_string(v); }
  void operator()(double v) const { out += 'd' + exact(v); }
  void operator()(const std::string& v) const {
    out += 's' + std::to_string(v.size()) + ':';
    out += v;
  }
  void operator()(const uuid& v) const {
    out += 'u';
    out += text::hex({reinterpret_cast<const char*>(v.bytes.data()), v.bytes.size()});
  }
};

}  // namespace

std::string encode_columns(std::span<const value> columns) {
  std::string out;
  for (const auto& v : columns) {
    std::visit(column_writer{out}, v);
    out += ';';
  }
  return out;
}

std::vector<value> decode_columns(std::string_view text) {
  std::vector<value> columns;
  while (!text.empty()) {
    const char type = text.front();
    text.remove_prefix(1);
    std::size_t size = 0;
    if (type == 's') {
      const auto colon = text.find(':');
      if (colon == std::string_view::npos) not_ours();
      size = number<std::size_t>(text.substr(0, colon));
      text.remove_prefix(colon + 1);
    } else {
      size = text.find(';');
    }
    if (size >= text.size() || text[size] != ';') not_ours();
    const auto content = text.substr(0, size);
    text.remove_prefix(size + 1);
    switch (type) {
      case 'n':
        columns.emplace_back();
        break;
      case 'i':
        columns.emplace_back(number<std::int64_t>(content));
        break;
      case 'd':
        columns.emplace_back(number<double>(content, std::chars_format::hex));
        break;
      case 's':
        columns.emplace_back(std::string(content));
        break;
      case 'u':
        columns.emplace_back(uuid_of(content));
        break;
      default:
        not_ours();
    }
  }
  return columns;
}

void redis_handlers::on(const std::string& statement_name, redis_query handler) {
  queries_.insert_or_assign(statement_name, std::move(handler));
}

void redis_handlers::on(const std::string& statement_name, redis_change handler) {
  changes_.insert_or_assign(statement_name, std::move(handler));
}

const redis_query& redis_handlers::query(const sql& what) const {
  if (const auto it = queries_.find(what.name); it != queries_.end()) return it->second;
  throw error(error_kind::programming, what.name, "redis: no such query: " + what.name);
}

const redis_change& redis_handlers::change(const sql& what) const {
  if (const auto it = changes_.find(what.name); it != changes_.end()) return it->second;
  throw error(error_kind::programming, what.name, "redis: no such change: " + what.name);
}

void redis_handlers::forget() const {
  for (const auto& handler : forget_) handler();
}

}  // namespace stoa::db
