#pragma once
// Rules for a product's members that do not depend on the store.

#include "storage/base/json_traits.hpp"
#include "storage/catalog/catalog.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::catalog {

// In a product file this single option with this value means that the product has no options.
inline constexpr std::string_view no_option_name = "Title";
inline constexpr std::string_view no_option_value = "Default Title";
bool is_no_option(const std::vector<option_value>& options);

/// The variant's name in carts and orders: "Shirt - Red / M".
std::string variant_name(const std::string& parent, const std::vector<option_value>& options);

/// validation for a price in another currency than the store's.
std::optional<problem> check_currency(const std::optional<money>& price, const std::string& pointer,
                                      const std::string& currency);
/// Option names must be unique; a variant has at least one option, other products have none.
std::optional<problem> check_options(const std::vector<option_value>& options, bool is_variant);
/// A handle must not be an id: product files identify products without a handle by their ids.
std::optional<problem> check_handle(const std::optional<std::string>& handle);
/// Validates attributes from staff, and returns their stored form. A SKU in them is accepted only
/// if it equals the one in `stored`, from an earlier version.
result<std::string> given_attributes(const json::raw& given, const std::string& stored,
                                     bool is_variant);
/// The vendor is also a member of the attributes: validation if both are given and differ.
std::optional<problem> check_same_vendor(const json::raw& attributes,
                                         const std::optional<std::string>& vendor);
/// Validates attributes with the vendor and the tags in them, and returns their stored form.
result<std::string> checked_labels(const std::string& attributes);

}  // namespace stoa::catalog
