#pragma once
// What the OpenAPI document says of the members of resources. A rule's own description
// (json::rule::description) comes first; a member without one is described here, so that the
// messages of the services stay free of texts for the document.

#include "storage/base/json_value.hpp"

#include <span>
#include <string_view>

namespace stoa::front::openapi {

/// One member. `schema` is a schema's name, or * for all that do not say more.
struct member_text {
  std::string_view schema;
  std::string_view member;
  std::string_view text;
};

/// The text of a schema's member; empty when there is none. A form of a schema (`order_resource`,
/// `address_input`, `payment_detail`, `import_summary`, `order_item_view`) has the texts of the
/// schema.
std::string_view text_of_member(std::string_view schema, std::string_view member);

/// Adds the texts to the properties of the schemas that have no description.
void describe_members(json::value& schemas);

}  // namespace stoa::front::openapi
