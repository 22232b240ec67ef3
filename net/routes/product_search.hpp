#pragma once
// Lists of products that the search engine makes: it finds the ids, the catalogue has the products.

#include "actors/catalog/catalog_messages.hpp"
#include "net/front/exchange.hpp"

#include <optional>

namespace stoa::front {

/// The page, if the store has an engine that can make this list and responds in time. Otherwise
/// nothing: the catalogue makes the list, for which the cursor has been replaced where necessary.
/// 503 `search_engine_unavailable` for a cursor with which only the engine can continue.
task<std::optional<catalog::product_page>> engine_page(exchange& x, catalog::list_products& list);

}  // namespace stoa::front
