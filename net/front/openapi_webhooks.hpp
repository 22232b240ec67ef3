#pragma once
// The section `webhooks` of the OpenAPI document: the requests that endpoints receive.

#include "storage/base/json_schema.hpp"
#include "storage/base/json_value.hpp"

namespace stoa::front::openapi {

/// An item for each type of event. Adds the schemas of their data.
json::value webhook_items(json::schema_set& schemas);
/// Adds the examples of bodies and header fields, which need all schemas.
void add_webhook_examples(json::value& items, const json::value& schemas);

}  // namespace stoa::front::openapi
