#pragma once
// Checks of request header fields that do not depend on the route.

#include "net/http/message.hpp"

namespace stoa::front {

/// 400 when Authorization, Client-Secret, Content-Type, Device-Token or Idempotency-Key is
/// repeated: a proxy and this program might use different ones. Thrown as problem_error.
void reject_repeated_fields(const http::header_list& headers);

/// 415 when the request has a body whose Content-Type is not one of `wanted` in UTF-8; JSON needs
/// no Content-Type. Thrown as problem_error.
void check_content_type(const http::request& r, std::string_view wanted);

}  // namespace stoa::front
