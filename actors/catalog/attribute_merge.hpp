#pragma once
// How an import changes a product's `attributes`. All texts are JSON objects.

#include <optional>
#include <string>

namespace stoa::catalog {

/// The attributes with the merge patch applied (RFC 7396); an object that the patch empties is
/// removed. The stored text comes back when nothing changes.
std::string merged_attributes(const std::string& stored, const std::string& patch);

/// The patch without what the catalogue does not use (columns_member), also of the own variant.
std::string without_columns(const std::string& patch);

/// The attributes with, or without, a SKU that the row itself cannot have (sku_member). Those of a
/// product, unlike a variant's, have it within own_variant_member.
std::string with_kept_sku(const std::string& attributes, bool is_variant,
                          const std::optional<std::string>& sku);

}  // namespace stoa::catalog
