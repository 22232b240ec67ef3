#pragma once
// What every list takes: limit and cursor.

#include "net/front/exchange.hpp"
#include "net/front/list_cursor.hpp"

namespace stoa::front {

inline constexpr std::int64_t page_limit_default = 20;
inline constexpr json::rule limit_rule{.field = "limit",
                                       .value_min = 1,
                                       .value_max = 100,
                                       .description = "Rows on a page.",
                                       .default_value = "20"};

/// The id that a (verified) cursor stands for; 400 invalid_cursor for anything else.
template <class Id>
std::optional<Id> cursor_id(const std::optional<std::string>& cursor) {
  if (!cursor) return std::nullopt;
  auto parsed = Id::parse(*cursor);
  if (!parsed) fail(invalid_cursor());
  return parsed;
}

/// limit and cursor alone.
struct page_query {
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {limit_rule};
};
BOOST_DESCRIBE_STRUCT(page_query, (), (limit, cursor))

}  // namespace stoa::front
