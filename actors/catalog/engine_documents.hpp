#pragma once
// The documents of the search engine's index, from the products in the database.

#include "actors/catalog/engine_messages.hpp"
#include "storage/db/connection.hpp"

#include <functional>

namespace stoa::catalog {

/// Passes the products to `take` in the order of the ids, each with its document if customers see
/// it, until `take` returns false. Unknown products have no document.
void read_engine_documents(
    db::connection& c, const std::vector<stoa::product_id>& ids,
    const std::function<bool(stoa::product_id, std::optional<engine_document>)>& take);

/// About the bytes that the document takes in a request.
std::size_t size_of(const engine_document& d);

}  // namespace stoa::catalog
