#pragma once
// The header fields of the API, each described once for the OpenAPI document, and which of them a
// route takes and answers with.

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

/// All fields that requests may have, and all that answers may have.
std::span<const header_field> request_fields();
std::span<const header_field> answer_fields();

/// The fields that a route takes: the names of request_fields().
std::vector<std::string_view> request_fields_of(const route& r);
/// The fields that an answer of that status may have: the names of answer_fields().
std::vector<std::string_view> answer_fields_of(const route& r, int status);

}  // namespace stoa::front
