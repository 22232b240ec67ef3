#pragma once
// A problem as an HTTP response: application/problem+json (RFC 9457).

#include "net/http/message.hpp"
#include "net/http/problem.hpp"

#include <string>
#include <string_view>

namespace stoa::http {

/// The members type, title, status, detail, code, and errors and request_id if present. Never
/// cacheable. 503 and 429 also get `Retry-After: 1`, 401 and 403 `WWW-Authenticate: Bearer` with
/// the error of the presented token (RFC 6750), 415 `Accept-Encoding` when the body's content
/// coding was the reason.
response problem_response(const problem& p, std::string_view request_id = {});

/// The standard reason phrase of a status, or "Unknown Status".
std::string_view reason_phrase(int status);

}  // namespace stoa::http
