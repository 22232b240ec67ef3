#pragma once
// Validation of an import before any change.

#include "actors/catalog/catalog_service.hpp"

namespace stoa::catalog {

/// validation for values that no product of this store can have.
std::optional<problem> check_import(const import_product& m, const std::string& currency);
/// conflict when an id or the handle belongs to another product.
std::optional<problem> check_ids(catalog_service::decision& d, const import_product& m);

}  // namespace stoa::catalog
