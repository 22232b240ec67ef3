#pragma once
// Examples for the OpenAPI document, derived from its schemas.

#include "storage/base/json_value.hpp"

#include <string_view>

namespace stoa::front {

/// A value that the schema accepts: the schema's own example if it has one, else one composed of
/// its parts, with members by name (openapi_examples.cpp). References are resolved in `schemas`
/// (components/schemas). With `required_only`, optional members are omitted.
json::value example_of(const json::value& schema, const json::value& schemas, bool required_only);

/// The same for a named value: a parameter.
json::value example_of(std::string_view name, const json::value& schema,
                       const json::value& schemas);

}  // namespace stoa::front
