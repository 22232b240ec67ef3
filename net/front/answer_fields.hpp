#pragma once
// Header fields that depend on the route, and the response to OPTIONS.

#include "net/http/message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::front {

class exchange;

/// The value of Allow: the methods of a path and the implied ones (HEAD, OPTIONS).
std::string allow_field(const std::vector<http::method>& methods);

/// 204 with Allow for OPTIONS of an existing path, or of "*" (all paths; RFC 9110, section 9.3.7);
/// nothing for other requests.
std::optional<http::response> options_answer(const exchange& x);

/// Adds Cache-Control unless the route has set it. Responses that are not the same for all callers
/// must not be stored, neither by proxies nor by a shared browser.
void add_cache_control(const exchange& x, http::response& r);

/// 412 for If-Match on a request that changes a resource without an ETag: no tag can match (RFC
/// 9110, section 13.1.1). Thrown as problem_error.
void reject_unmatched(const exchange& x);

}  // namespace stoa::front
