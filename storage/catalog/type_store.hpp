#pragma once
// Queries for product types, translations and labels.

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

// --- labels --------------------------------------------------------------------------------------

/// The key of a facet's name or, with a folded value, of the value.
std::string label_key_of(std::string_view facet, std::string_view value = {});
/// By key.
std::vector<label_row> read_labels(db::connection& c, const std::string& locale);
std::vector<label_locale_row> read_label_locales(db::connection& c);
/// The labels of those keys that have one, in the language or in the language of which it is a
/// variety.
std::map<std::string, std::string> find_labels(db::connection& c,
                                               const std::vector<std::string>& keys,
                                               const std::string& locale);
/// The search words of the labels of each product in all languages, by its place in `ids`.
std::vector<std::string> read_label_words(db::connection& c,
                                          const std::vector<stoa::product_id>& ids);
/// Queues the products that have one of the values, for indexing and for the search engine.
/// Parameter: a JSON list of [facet, value].
extern const db::sql queue_labelled_products;

}  // namespace stoa::catalog
