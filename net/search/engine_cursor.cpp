#include "net/search/engine_cursor.hpp"

#include "actors/catalog/product_cursor.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

namespace stoa::search {

namespace {

using catalog::product_sort;

/// The member `engine` distinguishes it from a cursor of the built-in search, which has `sort`.
struct engine_cursor_body {
  std::string engine;
  engine_position at;
  bool similar = false;
};
BOOST_DESCRIBE_STRUCT(engine_cursor_body, (), (engine, at, similar))

std::string_view order_name(product_sort sort) {
  switch (sort) {
    case product_sort::relevance:
      return "relevance";
    case product_sort::price_up:
      return "price";
    case product_sort::price_down:
      return "-price";
    case product_sort::name:
      return "name";
    case product_sort::newest:
    case product_sort::updated:
    case product_sort::position:
      break;
  }
  return "newest";
}

/// Whether the position has the values of the order.
bool fits(const engine_position& p, product_sort sort) {
  const bool ranked = sort == product_sort::relevance;
  const bool named = sort == product_sort::name;
  return p.score.has_value() == ranked && p.name_words.has_value() == ranked &&
         p.text.has_value() == named && p.number.has_value() == !named;
}

}  // namespace

std::string make_engine_cursor(product_sort sort, const engine_cursor& cursor) {
  return text::base64url(json::write(
      engine_cursor_body{std::string(order_name(sort)), cursor.position, cursor.similar}));
}

std::optional<engine_cursor> read_engine_cursor(product_sort sort, std::string_view cursor) {
  const auto bytes = text::from_base64url(cursor);
  if (!bytes) return std::nullopt;
  auto body = json::read_lenient<engine_cursor_body>(*bytes);
  if (!body || body->engine != order_name(sort) || !fits(body->at, sort)) return std::nullopt;
  return engine_cursor{std::move(body->at), body->similar};
}

std::optional<std::string> builtin_cursor(product_sort sort, const engine_cursor& cursor) {
  if (sort == product_sort::relevance || cursor.similar) return std::nullopt;
  catalog::product_cursor to;
  const auto& p = cursor.position;
  to.position.key = p.text ? db::value(*p.text) : db::value(*p.number);
  to.position.product_id = p.product_id;
  return catalog::make_cursor(sort, to);
}

}  // namespace stoa::search
