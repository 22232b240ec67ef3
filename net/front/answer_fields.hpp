#pragma once
// Header fields that follow from the route, and the answer to OPTIONS.

#include "net/http/message.hpp"

#include <optional>
#include <string>
#include <vector>

namespace stoa::front {

class exchange;

/// The value of Allow: the methods of a path, and those that follow from them.
std::string allow_field(const std::vector<http::method>& methods);

/// 204 with Allow for OPTIONS of a path that exists, or of "*", which stands for all of them (RFC
/// 9110, section 9.3.7); nothing for other requests.
std::optional<http::response> options_answer(const exchange& x);

/// Cache-Control, unless the route has set it. What is not for all must not be kept: neither by
/// proxies nor in the cache of a browser that others use.
void add_cache_control(const exchange& x, http::response& r);

/// 412 for If-Match on a request that changes a resource without an ETag: no tag is that of the
/// resource (RFC 9110, section 13.1.1). Thrown as problem_error.
void refuse_unmatched(const exchange& x);

}  // namespace stoa::front
