#pragma once
// Typed attributes: the rules of product types, and what they make of a product's attributes. Pure.

#include "storage/base/json_value.hpp"
#include "storage/base/problem.hpp"
#include "storage/catalog/product_type.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::catalog {

/// validation for duplicate or malformed keys, and choices that do not fit the type.
std::optional<problem> check_definitions(const std::vector<attribute_definition>& all);

/// validation at /attributes/<key> for a value that does not have the declared type; with
/// `complete` also for a required one that is missing.
std::optional<problem> check_attributes(const std::vector<attribute_definition>& all,
                                        const std::string& attributes, bool complete);

/// The declared attributes that the product has, in the order of the definitions. Values that do
/// not have the declared type are left out.
std::vector<specification> specifications_of(const std::vector<attribute_definition>& all,
                                             const std::string& attributes);

/// The value as customers read it in a facet: without quotes, "yes" or "no".
std::string shown_value(const specification& one);

}  // namespace stoa::catalog
