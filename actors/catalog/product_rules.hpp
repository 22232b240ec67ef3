#pragma once
// Rules for the members of one product, which need nothing of the store.

#include "storage/base/json_traits.hpp"
#include "storage/catalog/catalog.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::catalog {

// In a product file this option with this value alone says that the product has no options.
inline constexpr std::string_view no_option_name = "Title";
inline constexpr std::string_view no_option_value = "Default Title";
bool is_no_option(const std::vector<option_value>& options);

/// The variant's name in carts and orders: "Shirt - Red / M".
std::string variant_name(const std::string& parent, const std::vector<option_value>& options);

/// validation for a price in another currency than the store's.
std::optional<problem> check_currency(const std::optional<money>& price, const std::string& pointer,
                                      const std::string& currency);
/// Each option once; and none but for a variant, which has at least one.
std::optional<problem> check_options(const std::vector<option_value>& options, bool is_variant);
/// Product files name products without a handle by their ids, so that a handle is none.
std::optional<problem> check_handle(const std::optional<std::string>& handle);
/// The attributes that staff give, as they are kept. Where `stored` have a SKU there, which an
/// earlier version kept, it may stay.
result<std::string> given_attributes(const json::raw& given, const std::string& stored,
                                     bool is_variant);

}  // namespace stoa::catalog
