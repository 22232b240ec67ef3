#pragma once
// Descriptions of the members of resources and events for the OpenAPI and AsyncAPI documents. A
// rule's own description (json::rule::description) takes precedence; members without one are
// described here, so that service messages need no document texts.

#include "storage/base/json_value.hpp"

#include <span>
#include <string_view>

namespace stoa::front::openapi {

/// One member. `schema` is the name of a schema, or * for any other.
struct member_text {
  std::string_view schema;
  std::string_view member;
  std::string_view text;
};

/// The texts of single schemas: of requests and responses, and of event payloads.
std::span<const member_text> schema_texts();
/// Those of promotions, taxes and shipping, of quantities, purchases and saved payment methods.
std::span<const member_text> pricing_texts();
std::span<const member_text> catalog_texts();
/// Those of outgoing webhooks.
std::span<const member_text> webhook_texts();
std::span<const member_text> event_texts();

/// The text of a schema's member; empty when there is none. Variants of a schema (`order_resource`,
/// `address_input`, `payment_detail`, `import_summary`, `order_item_view`) share the schema's
/// texts.
std::string_view text_of_member(std::string_view schema, std::string_view member);

/// Sets the description of each schema property that has none.
void describe_members(json::value& schemas);

}  // namespace stoa::front::openapi
