#pragma once
// Queries for collections, related products and synonyms.

#include "storage/catalog/collection.hpp"
#include "storage/db/connection.hpp"

namespace stoa::catalog {

/// All collections, by name.
std::vector<collection_row> read_collections(db::connection& c);
std::optional<collection_row> read_collection(db::connection& c, stoa::collection_id id);
/// The products of a collection made by hand, in their order, without deleted ones.
std::vector<stoa::product_id> read_collection_products(db::connection& c, stoa::collection_id id);

/// In their order, without those to deleted products.
std::vector<relation_row> read_relations(db::connection& c, stoa::product_id id);

/// Products that have relations, in order, starting after `after`.
std::vector<stoa::product_id> related_products_after(db::connection& c, stoa::product_id after,
                                                     std::size_t limit);

std::optional<synonyms_row> read_synonyms(db::connection& c);
/// The phrases that mean the same as each of the given ones, which are search words separated by
/// spaces; phrases without synonyms are left out.
std::map<std::string, std::vector<std::string>> find_synonyms(
    db::connection& c, const std::vector<std::string>& phrases);

}  // namespace stoa::catalog
