#include "actors/catalog/product_cursor.hpp"

#include "storage/base/text.hpp"

#include <bit>
#include <charconv>

namespace stoa::catalog {

namespace {

constexpr std::size_t id_bytes = 16;

/// The kind of the list's keys: a database refuses to compare its column with any other.
char kind_of(product_sort sort) {
  if (sort == product_sort::relevance) return 'd';
  return sort == product_sort::name ? 't' : 'i';
}

/// The kind of key, and the key: i (integer), d (the bits of a real number) or t (text).
std::string key_text(const db::value& key) {
  if (const auto* i = std::get_if<std::int64_t>(&key)) return "i" + std::to_string(*i);
  if (const auto* d = std::get_if<double>(&key)) {
    return "d" + std::to_string(std::bit_cast<std::int64_t>(*d));
  }
  const auto* t = std::get_if<std::string>(&key);
  return "t" + (t ? *t : std::string());
}

std::optional<db::value> read_key(std::string_view text) {
  if (text.empty()) return std::nullopt;
  char kind = text[0];
  text.remove_prefix(1);
  if (kind == 't') return db::value(std::string(text));
  std::int64_t number = 0;
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (kind == 'i') return db::value(number);
  if (kind == 'd') return db::value(std::bit_cast<double>(number));
  return std::nullopt;
}

}  // namespace

std::string make_cursor(const list_position& position) {
  const auto& bytes = position.product_id.value.bytes;
  std::string body(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  body += key_text(position.key);
  return text::base64url(body);
}

std::optional<list_position> read_cursor(product_sort sort, std::string_view cursor) {
  auto bytes = text::from_base64url(cursor);
  if (!bytes || bytes->size() <= id_bytes) return std::nullopt;
  const std::string_view body = *bytes;
  if (body[id_bytes] != kind_of(sort)) return std::nullopt;
  list_position position;
  std::memcpy(position.product_id.value.bytes.data(), body.data(), id_bytes);
  auto key = read_key(body.substr(id_bytes));
  if (!key) return std::nullopt;
  position.key = std::move(*key);
  return position;
}

}  // namespace stoa::catalog
