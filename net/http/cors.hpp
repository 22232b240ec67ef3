#pragma once
// Cross-origin requests from browsers (the Fetch standard, section 3.2).

#include "net/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::http {

/// What Access-Control-Allow-Origin must say to a request with this Origin field: the origin, or
/// "*"; nothing when the request has none or one that is not in the list.
std::optional<std::string> allowed_origin(std::optional<std::string_view> origin,
                                          const std::vector<std::string>& origins);

/// True for OPTIONS that asks for permission rather than for a resource.
bool is_preflight(const request& r);

/// The answer to a preflight from an allowed origin.
response preflight_response();

/// Adds to an answer what lets the browser's page read it. With a list of origins every answer says
/// `Vary: Origin`, for caches.
void add_cors_headers(response& answer, const std::optional<std::string>& origin);

}  // namespace stoa::http
