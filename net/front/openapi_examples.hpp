#pragma once
// Examples for the OpenAPI document, made from its schemas.

#include "storage/base/json_value.hpp"

#include <string_view>

namespace stoa::front {

/// A value that the schema accepts: the schema's own example where it has one, else one made of its
/// parts, in which a member's value follows from its name (openapi_examples.cpp). References are
/// looked up in `schemas` (components/schemas). Members that need not be there are left out when
/// `required_only`.
json::value example_of(const json::value& schema, const json::value& schemas, bool required_only);

/// The same for one value that has a name: a parameter.
json::value example_of(std::string_view name, const json::value& schema,
                       const json::value& schemas);

}  // namespace stoa::front
