#include "actors/catalog/product_cursor.hpp"

#include "storage/base/text.hpp"

#include <bit>
#include <charconv>

namespace stoa::catalog {

namespace {

constexpr std::size_t check_bytes = 8;
constexpr std::size_t id_bytes = 16;

/// Ties the cursor to its list. It protects nothing, but a cursor that was mistyped, or belongs to
/// another list, would otherwise give a page from nowhere.
std::string checksum(const list_products& list, product_sort sort, std::string_view body) {
  std::string text = "stoa product cursor 1";
  auto part = [&text](const std::string& value) { text += '\0' + value; };
  part(list.q.value_or(""));
  part(list.category_id ? list.category_id->str() : "");
  part(list.min_price ? std::to_string(*list.min_price) : "");
  part(list.max_price ? std::to_string(*list.max_price) : "");
  part(list.in_stock ? (*list.in_stock ? "yes" : "no") : "");
  part(list.status ? std::string(enum_name(*list.status)) : "");
  part(list.for_staff ? "staff" : "");
  part(std::to_string(static_cast<int>(sort)));
  part(std::string(body));
  return text::hash(text).substr(0, check_bytes);
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

std::string make_cursor(const list_products& list, product_sort sort,
                        const list_position& position) {
  const auto& bytes = position.product_id.value.bytes;
  std::string body(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  body += key_text(position.key);
  return text::base64url(checksum(list, sort, body) + body);
}

std::optional<list_position> read_cursor(const list_products& list, product_sort sort,
                                         std::string_view cursor) {
  if (cursor.size() > 1024) return std::nullopt;
  auto bytes = text::from_base64url(cursor);
  if (!bytes || bytes->size() <= check_bytes + id_bytes) return std::nullopt;
  std::string_view body = std::string_view(*bytes).substr(check_bytes);
  if (bytes->substr(0, check_bytes) != checksum(list, sort, body)) return std::nullopt;
  list_position position;
  std::memcpy(position.product_id.value.bytes.data(), body.data(), id_bytes);
  auto key = read_key(body.substr(id_bytes));
  if (!key) return std::nullopt;
  position.key = std::move(*key);
  return position;
}

}  // namespace stoa::catalog
