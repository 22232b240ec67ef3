#pragma once
// The parameters of all lists: limit and cursor.

#include "net/front/exchange.hpp"
#include "net/front/list_cursor.hpp"

namespace stoa::front {

inline constexpr std::int64_t page_limit_default = 20;
inline constexpr json::rule limit_rule{.field = "limit",
                                       .value_min = 1,
                                       .value_max = 100,
                                       .description = "The maximum number of rows on a page.",
                                       .default_value = "20"};

/// The signature covers the list, its filters and, for a user's lists, the user.
inline constexpr json::rule cursor_rule{
    .field = "cursor",
    .length_max = 1024,
    .description = "The next_cursor of the previous page, unchanged, with the same filters.",
    .pattern = "^[A-Za-z0-9_-]*[.][A-Za-z0-9_-]{22}$",
    .example = R"("0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90.N7mXw2k0Qe9ZrT4uVbYc1g")"};

/// The id in a verified cursor; 400 invalid_cursor for anything else.
template <class Id>
std::optional<Id> cursor_id(const std::optional<std::string>& cursor) {
  if (!cursor) return std::nullopt;
  auto parsed = Id::parse(*cursor);
  if (!parsed) fail(invalid_cursor());
  return parsed;
}

/// Lists with limit and cursor only.
struct page_query {
  std::optional<std::int64_t> limit;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {limit_rule, cursor_rule};
};
BOOST_DESCRIBE_STRUCT(page_query, (), (limit, cursor))

}  // namespace stoa::front
