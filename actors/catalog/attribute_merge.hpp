#pragma once
// How a product's `attributes` change. All texts are JSON objects.

#include <optional>
#include <string>

namespace stoa::json {
class value;
}

namespace stoa::catalog {

/// The attributes as a value; an empty object when the text is none.
json::value object_of(const std::string& attributes);

/// The attributes with the merge patch applied (RFC 7396); an object that the patch empties is
/// removed, one that is empty in the patch is kept. The stored text comes back when nothing
/// changes.
std::string merged_attributes(const std::string& stored, const std::string& patch);

/// The attributes without members that are null, also within objects.
std::string without_nulls(const std::string& attributes);

/// What the search finds a product by beside its texts: its vendor and tags.
std::string keywords_of(const std::string& attributes);

/// The SKU that an earlier version kept there (sku_member), as JSON; empty when there is none.
std::string kept_sku(const std::string& attributes, bool is_variant);

/// The patch without what the catalogue does not use (columns_member), also of the own variant.
std::string without_columns(const std::string& patch);

/// Whether the product is a draft only because it has no price (draft_reason_member).
bool awaits_price(const std::string& attributes);
/// The attributes with, or without, that reason.
std::string with_awaited_price(const std::string& attributes, bool awaits);

}  // namespace stoa::catalog
