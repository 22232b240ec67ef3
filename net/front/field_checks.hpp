#pragma once
// What the header fields of a request must be, whatever its route.

#include "net/http/message.hpp"

namespace stoa::front {

/// 400 when Authorization, Client-Secret, Content-Type, Device-Token or Idempotency-Key is given
/// more than once: of two, this program and a proxy before it could each believe another. Thrown as
/// problem_error.
void refuse_repeated_fields(const http::header_list& headers);

/// 415 when the request has a body that is said to be something else than `wanted` in UTF-8; for
/// JSON nothing needs to be said. Thrown as problem_error.
void check_content_type(const http::request& r, std::string_view wanted);

}  // namespace stoa::front
