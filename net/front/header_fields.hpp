#pragma once
// The header fields of the API, each described once for the OpenAPI document, and which of them
// each route accepts and sends.

#include "net/front/route.hpp"

#include <span>

namespace stoa::front {

/// One header field. `schema` and `example` are JSON text.
struct header_field {
  std::string_view name;
  std::string_view schema;
  std::string_view description;
  std::string_view example;
};

/// All request and all response header fields.
std::span<const header_field> request_fields();
std::span<const header_field> answer_fields();

/// The request fields of a route: names in request_fields().
std::vector<std::string_view> request_fields_of(const route& r);
/// The fields that a response with that status may have: names in answer_fields().
std::vector<std::string_view> answer_fields_of(const route& r, int status);

}  // namespace stoa::front
