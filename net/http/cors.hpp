#pragma once
// Cross-origin requests from browsers (the Fetch standard, section 3.2).

#include "net/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::http {

/// The value of Access-Control-Allow-Origin for a request with this Origin: the origin, or "*";
/// nothing when there is no Origin or it is not in the list.
std::optional<std::string> allowed_origin(std::optional<std::string_view> origin,
                                          const std::vector<std::string>& origins);

/// True for a CORS preflight (OPTIONS).
bool is_preflight(const request& r);

/// The response to a preflight from an allowed origin.
response preflight_response();

/// Adds the fields that allow the browser's page to read the response. With a list of origins every
/// response has `Vary: Origin`, for caches.
void add_cors_headers(response& answer, const std::optional<std::string>& origin);

}  // namespace stoa::http
