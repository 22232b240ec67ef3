#include "actors/catalog/product_cursor.hpp"

#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

namespace stoa::catalog {

namespace {

/// The JSON content of a cursor.
struct cursor_body {
  std::string sort;
  stoa::product_id id;
  std::optional<std::int64_t> number;  ///< the sort key: time, price or rank
  std::optional<std::string> text;     ///< the sort key: name
  std::optional<std::int64_t> row;
  std::optional<ranked_range> ranked;
  std::vector<correction> corrections;
};
BOOST_DESCRIBE_STRUCT(cursor_body, (), (sort, id, number, text, row, ranked, corrections))

/// The list's order and the type of its keys, which must match the compared column. "name" was used
/// by earlier versions for sort keys of another form.
std::string_view name_of(product_sort sort) {
  switch (sort) {
    case product_sort::relevance:
      return "rank";
    case product_sort::newest:
      return "newest";
    case product_sort::price_up:
    case product_sort::price_down:
      return "price";
    case product_sort::name:
      return "collation";
    case product_sort::updated:
      return "updated";
    case product_sort::position:
      return "position";
  }
  return {};
}

}  // namespace

std::string make_cursor(product_sort sort, const product_cursor& cursor) {
  const auto& p = cursor.position;
  cursor_body body{std::string(name_of(sort)),
                   p.product_id,
                   std::nullopt,
                   std::nullopt,
                   std::nullopt,
                   std::nullopt,
                   cursor.corrections};
  if (const auto* number = std::get_if<std::int64_t>(&p.key)) body.number = *number;
  if (const auto* key = std::get_if<std::string>(&p.key)) body.text = *key;
  if (sort == product_sort::relevance) {
    body.row = p.row_number;
    body.ranked = p.ranked;
  }
  return text::base64url(json::write(body));
}

std::optional<product_cursor> read_cursor(product_sort sort, std::string_view cursor) {
  const auto bytes = text::from_base64url(cursor);
  if (!bytes) return std::nullopt;
  auto body = json::read_lenient<cursor_body>(*bytes);
  if (!body || body->sort != name_of(sort)) return std::nullopt;
  const bool by_text = sort == product_sort::name;
  if (by_text ? !body->text : !body->number) return std::nullopt;
  product_cursor read;
  auto& p = read.position;
  p.key = by_text ? db::value(std::move(*body->text)) : db::value(*body->number);
  p.product_id = body->id;
  if (sort == product_sort::relevance) {
    if (!body->row || !body->ranked) return std::nullopt;
    p.row_number = *body->row;
    p.ranked = *body->ranked;
  }
  read.corrections = std::move(body->corrections);
  return read;
}

}  // namespace stoa::catalog
