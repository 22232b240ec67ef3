#pragma once
// Cursors of lists that the engine has made. The built-in search makes others
// (actors/catalog/product_cursor.hpp); each search reads only its own.

#include "net/search/engine_query.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stoa::search {

struct engine_cursor {
  engine_position position;
  bool similar = false;  ///< the list has products with similar words
};

std::string make_engine_cursor(catalog::product_sort sort, const engine_cursor& cursor);
/// Nothing for a cursor of the built-in search, or of another order.
std::optional<engine_cursor> read_engine_cursor(catalog::product_sort sort,
                                                std::string_view cursor);

/// The cursor with which the built-in search continues the list; nothing if only the engine can,
/// because the order or the found products depend on it.
std::optional<std::string> builtin_cursor(catalog::product_sort sort, const engine_cursor& cursor);

}  // namespace stoa::search
