#pragma once
// Changes of a product's `attributes`. All texts are JSON objects.

#include <optional>
#include <string>
#include <vector>

namespace stoa::json {
class value;
}

namespace stoa::catalog {

/// The attributes as a value; an empty object for invalid text.
json::value object_of(const std::string& attributes);

/// The attributes with the merge patch applied (RFC 7396); an object that the patch empties is
/// removed, one that is empty in the patch is kept. Returns the stored text when nothing changes.
std::string merged_attributes(const std::string& stored, const std::string& patch);

/// The attributes without members that are null, also within objects.
std::string without_nulls(const std::string& attributes);

/// What the attributes say about a product in a storefront: members vendor and tags.
struct product_labels {
  std::string vendor;
  std::vector<std::string> tags;
  bool operator==(const product_labels&) const = default;
};
product_labels labels_of(const std::string& attributes);
/// The attributes with the given labels; an absent one is unchanged, an empty one is removed.
std::string with_labels(const std::string& attributes, const std::optional<std::string>& vendor,
                        const std::optional<std::vector<std::string>>& tags);

/// The search keywords in the attributes: vendor and tags.
std::string keywords_of(const std::string& attributes);

/// The SKU that an earlier version stored there (sku_member), as JSON; empty: none.
std::string kept_sku(const std::string& attributes, bool is_variant);

/// The patch without unused columns (columns_member), also in own_variant_member.
std::string without_columns(const std::string& patch);

/// Whether the product is a draft only because it has no price (draft_reason_member).
bool awaits_price(const std::string& attributes);
/// The attributes with, or without, that reason.
std::string with_awaited_price(const std::string& attributes, bool awaits);

}  // namespace stoa::catalog
