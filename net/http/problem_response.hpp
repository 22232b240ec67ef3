#pragma once
// A problem as an HTTP answer: application/problem+json (RFC 9457).

#include "net/http/message.hpp"
#include "net/http/problem.hpp"

#include <string>
#include <string_view>

namespace stoa::http {

/// The members type, title, status, detail, code, and where there is something to say errors and
/// request_id. No answer is to be cached. 503 and 429 also get `Retry-After: 1`, 401 and 403
/// `WWW-Authenticate: Bearer` with the error of the token that was shown (RFC 6750), 415
/// `Accept-Encoding` when the body's coding was the reason.
response problem_response(const problem& p, std::string_view request_id = {});

/// The standard reason phrase of a status, "Unknown Status" where there is none.
std::string_view reason_phrase(int status);

}  // namespace stoa::http
