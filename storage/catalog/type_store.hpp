#pragma once
// Queries for product types and translations.

#include "storage/catalog/product_type.hpp"
#include "storage/db/connection.hpp"

#include <map>

namespace stoa::catalog {

/// By key.
std::vector<product_type_row> read_product_types(db::connection& c);
std::optional<product_type_row> read_product_type(db::connection& c, const std::string& key);
/// Queues the products of the type for indexing. Parameter: its key.
extern const db::sql queue_products_of_type;

/// By locale.
std::vector<translation_row> read_translations(db::connection& c, const uuid& resource);
/// All translations of the resources.
std::vector<translation_row> read_translations(db::connection& c,
                                               const std::vector<uuid>& resources);
/// The translations of the resources, in the language or, of those without, in the language of
/// which it is a variety ("de" of "de-AT").
std::map<uuid, translation_row> find_translations(db::connection& c,
                                                  const std::vector<uuid>& resources,
                                                  const std::string& locale);

}  // namespace stoa::catalog
